"""A logarithmic axis of durations, and ranges on it. One axis for all rows makes them comparable at a glance."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log10

TICKS = (
    *((0.01, ".01s"), (0.1, ".1s"), (1, "1s"), (10, "10s"), (60, "1m"), (600, "10m"), (3600, "1h")),
    *((21_600, "6h"), (86_400, "1d"), (604_800, "7d"), (2_592_000, "30d"), (31_536_000, "1y")),
)
FEWEST = 3  # ticks beyond the first: a shorter axis makes too much of small differences


@dataclass(frozen=True, slots=True)
class Range:
    p50: float
    p95: float
    p99: float

    @property
    def box(self) -> float:
        return round(self.p95 - self.p50, 2)


@dataclass(frozen=True, slots=True)
class Axis:
    low: float
    high: float
    width: float

    def at(self, seconds: float) -> float:
        """How far along; what lies beyond stands at the end."""
        share = log10(max(seconds, self.low) / self.low) / log10(self.high / self.low)
        return round(self.width * min(1.0, share), 2)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        return [(self.at(tick), name) for tick, name in TICKS if self.low <= tick <= self.high]

    def range(self, p50: float, p95: float, p99: float) -> Range:
        return Range(self.at(p50), self.at(p95), self.at(p99))


def duration_axis(values: Iterable[float], *, width: float) -> Axis:
    """From the last tick below the smallest value to the first above the largest."""
    seconds = [value for value in values if value > 0] or [1]
    ticks = [tick for tick, _ in TICKS]
    first = max((place for place, tick in enumerate(ticks) if tick <= min(seconds)), default=0)
    last = min((place for place, tick in enumerate(ticks) if tick >= max(seconds)), default=len(ticks) - 1)
    last = max(last, min(first + FEWEST, len(ticks) - 1))
    first = min(first, last - FEWEST)
    return Axis(ticks[first], ticks[last], width)
