"""Columns over time, plain or stacked, and one bar that is split into parts."""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 1.2  # what there is can be seen, however little it is


@dataclass(frozen=True, slots=True)
class Column:
    x: float
    y: float
    width: float
    height: float
    tone: str = ""


def columns(values: Sequence[float], *, width: float, height: float, gap: float = 1.0) -> list[Column]:
    """One for each value that is not 0; the tallest takes the whole height."""
    return stacks([[("", value)] for value in values], width=width, height=height, gap=gap)


def stacks(
    slices: Sequence[Sequence[tuple[str, float]]],
    *,
    width: float,
    height: float,
    gap: float = 2.0,
    top: float = 0,
) -> list[Column]:
    """Tones and values of each slice, from the base up. ``top`` is the value at full height, if more than any sum."""
    most = max([top, *(sum(value for _, value in parts) for parts in slices)], default=0)
    step = width / max(1, len(slices))
    found = []
    for place, parts in enumerate(slices):
        base = height
        for tone, value in parts:
            if value:
                tall = max(LEAST, height * value / most)
                base -= tall
                found.append(
                    Column(round(place * step, 2), round(base, 2), round(step - gap, 2), round(tall, 2), tone)
                )
    return found


def split(parts: Sequence[tuple[str, float]], *, width: float, gap: float = 2.0) -> list[Column]:
    """One bar of parts side by side, each at least wide enough to be seen."""
    given = [(tone, value) for tone, value in parts if value]
    total, room = sum(value for _, value in given), width - gap * (len(given) - 1)
    wide = [max(4.0, room * value / total) for _, value in given]
    scale = room / sum(wide) if wide else 0
    found, x = [], 0.0
    for (tone, _), each in zip(given, wide, strict=True):
        found.append(Column(round(x, 2), 0, round(each * scale, 2), 8, tone))
        x += each * scale + gap
    return found


def round_up(value: float) -> int:
    """The next round number: 1, 2, 5, 10, 20, 50 ..."""
    power = 1
    while True:
        for first in (1, 2, 5):
            if first * power >= value:
                return first * power
        power *= 10
