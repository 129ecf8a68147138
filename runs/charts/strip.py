"""The newest runs side by side. A mark's shape says what came of the run, its colour only repeats it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

from runs.standing import TONES, Standing

STEP, WIDTH = 4.25, 3.4
BASE = 15.0  # the line on which they stand
TALLEST = 14.0
LOW, HIGH = 4.0, 8.0  # bars of runs that succeeded: the longer it took, the taller


@dataclass(frozen=True, slots=True)
class Mark:
    shape: str  # bar, cap, down, hollow, pin, dot
    tone: str
    x: float
    y: float
    height: float
    pale: bool = False

    @property
    def width(self) -> float:
        return WIDTH

    @property
    def middle(self) -> float:
        return round(self.x + WIDTH / 2, 2)


def strip(runs: Sequence[tuple[Standing, float]], *, room: int = 40) -> list[Mark]:
    """Standings and seconds from the oldest to the newest, which stands at the right end."""
    longest = max((log1p(seconds) for standing, seconds in runs if standing is Standing.SUCCEEDED), default=0)
    first = room - len(runs)
    marks: list[Mark] = []
    for place, (standing, seconds) in enumerate(runs, start=first):
        height = LOW + (HIGH - LOW) * (log1p(seconds) / longest if longest else 0)
        marks += _marks(standing, round(place * STEP, 2), round(height, 1))
    return marks


def _marks(standing: Standing, x: float, height: float) -> list[Mark]:
    tone = TONES[standing]
    match standing:
        case Standing.SUCCEEDED:
            return [Mark("bar", tone, x, BASE - height, height, pale=True)]
        case Standing.FAILED:
            return [Mark("cap", tone, x, BASE - TALLEST, 1.6), Mark("bar", tone, x, BASE - 11.4, 11.4)]
        case Standing.UNDONE | Standing.UNDOING:
            under = Mark("down" if standing is Standing.UNDONE else "hollow", tone, x, BASE + 1, 4.4)
            return [Mark("bar", tone, x, BASE - 5, 5, pale=True), under]
        case Standing.REVIEW | Standing.STUCK:
            return [Mark("pin", tone, x, BASE - 8, 8)]
        case Standing.CANCELLED:
            return [Mark("dot", tone, x, BASE - 1.6, 1.6)]
    return [Mark("hollow", tone, x, BASE - 6, 6)]
