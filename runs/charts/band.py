"""Percentiles over time, as lines and the band between them. A slice without runs is a gap, not a zero."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .axis import Axis

type Trio = tuple[float, float, float]
type Stretch = Sequence[tuple[float, Trio]]


@dataclass(frozen=True, slots=True)
class Band:
    area: str  # path data: from p50 to p99
    lines: tuple[str, str, str]  # of p50, p95 and p99
    ends: tuple[float, float, float]  # the heights at which they end, kept apart for their labels


def band(slices: Sequence[Trio | None], *, axis: Axis, width: float) -> Band:
    """The axis stands upright: its width is the chart's height."""
    step = width / max(1, len(slices) - 1)
    stretches = list(_stretches(slices))
    drawn = [_widened(stretch, len(slices)) for stretch in stretches]
    lines = [" ".join(_line(stretch, which, axis, step) for stretch in drawn) for which in range(3)]
    area = " ".join(_area(stretch, axis, step) for stretch in drawn)
    last = stretches[-1][-1][1] if stretches else (axis.low, axis.low, axis.low)
    ends = _apart([_y(axis, seconds) for seconds in last])
    return Band(area, (lines[0], lines[1], lines[2]), (ends[0], ends[1], ends[2]))


def _stretches(slices: Sequence[Trio | None]) -> Iterator[Stretch]:
    stretch: list[tuple[float, Trio]] = []
    for place, trio in enumerate([*slices, None]):
        if trio is not None:
            stretch.append((place, trio))
        elif stretch:
            yield stretch
            stretch = []


def _widened(stretch: Stretch, slices: int) -> Stretch:
    """A slice that stands alone reaches halfway to its neighbours: a point would not be seen."""
    if len(stretch) > 1:
        return stretch
    [(place, trio)] = stretch
    return [(max(0.0, place - 0.5), trio), (min(max(1.0, slices - 1), place + 0.5), trio)]


def _line(stretch: Stretch, which: int, axis: Axis, step: float) -> str:
    points = [f"{place * step:.1f} {_y(axis, trio[which]):.1f}" for place, trio in stretch]
    return f"M{' L'.join(points)}"


def _area(stretch: Stretch, axis: Axis, step: float) -> str:
    there = [f"{place * step:.1f} {_y(axis, trio[2]):.1f}" for place, trio in stretch]
    back = [f"{place * step:.1f} {_y(axis, trio[0]):.1f}" for place, trio in reversed(stretch)]
    return f"M{' L'.join(there + back)}Z"


def _y(axis: Axis, seconds: float) -> float:
    return axis.width - axis.at(seconds)


def _apart(heights: list[float], least: float = 13.0) -> list[float]:
    """From the lowest line upwards, so that no label covers another."""
    placed = [heights[0]]
    for height in heights[1:]:
        placed.append(min(height, placed[-1] - least))
    return [round(height - min(0.0, placed[-1]), 1) for height in placed]
