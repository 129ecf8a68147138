"""The picture of a retry: its tries as numbered squares, the waits between them, and the giving up."""

from dataclasses import dataclass, replace
from datetime import timedelta

from designer.durations import short_text
from designer.graph import Retry

SQUARE, HEIGHT = 20, 34
WIDTH = 330  # what a phone has room for
LEFT, BESIDE = 8, 34  # before the first square; what giving up takes after the last
SHORTEST, SKIPPED = 33, 30  # of a wait; of the tries that are left out
SHOWN = 6  # squares; of more tries, the first ones and the last
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Try:
    number: int
    x: float
    middle: float


@dataclass(frozen=True, slots=True)
class Pause:
    """From one try to the next; without a text where tries are left out."""

    x1: float
    x2: float
    text: str

    @property
    def middle(self) -> float:
        return (self.x1 + self.x2) / 2


@dataclass(frozen=True, slots=True)
class TriesPicture:
    tries: tuple[Try, ...]
    pauses: tuple[Pause, ...]
    end: float  # where the last square ends
    said: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def cross(self) -> float:
        """Where the cross stands that says it gives up."""
        return round(self.end + BESIDE / 2, 1)


def waits_of(retry: Retry) -> list[timedelta]:
    """The wait after each try but the last, without what varies."""
    steady = replace(retry, jitter=False)
    return [steady.backoff(tries, "") for tries in range(1, min(retry.attempts, MOST))]


def tries_picture(retry: Retry) -> TriesPicture:
    waits = waits_of(retry)
    kept = waits if len(waits) < SHOWN else waits[: SHOWN - 2]
    gaps = _gaps(kept, skipping=len(kept) < len(waits))
    numbers = [*range(1, len(kept) + 2), *([retry.attempts] if len(kept) < len(waits) else [])]
    texts = [short_text(wait.total_seconds()) for wait in kept] + [""] * (len(gaps) - len(kept))
    tries, pauses, x = [], [], float(LEFT)
    for place, number in enumerate(numbers):
        tries.append(Try(number, round(x, 1), round(x + SQUARE / 2, 1)))
        x += SQUARE
        if place < len(gaps):
            pauses.append(Pause(round(x + 3, 1), round(x + gaps[place] - 3, 1), texts[place]))
            x += gaps[place]
    return TriesPicture(tuple(tries), tuple(pauses), round(x, 1), _said(retry, waits))


def total_text(retry: Retry) -> str:
    """The waiting in all."""
    return short_text(sum(waits_of(retry), timedelta()).total_seconds())


def _gaps(waits: list[timedelta], *, skipping: bool) -> list[float]:
    """How long each wait is drawn: all are seen, and longer ones are longer."""
    squares = len(waits) + 1 + skipping
    room = WIDTH - LEFT - BESIDE - squares * SQUARE - skipping * SKIPPED - len(waits) * SHORTEST
    seconds = [wait.total_seconds() for wait in waits]
    share = max(room, 0) / (sum(seconds) or 1)
    return [SHORTEST + share * each for each in seconds] + [SKIPPED] * skipping


def _said(retry: Retry, waits: list[timedelta]) -> str:
    if not waits:
        return "One try, then it gives up."
    texts = ", ".join(short_text(wait.total_seconds()) for wait in waits[:SHOWN])
    more = " and so on" if len(waits) > SHOWN else ""
    return f"{retry.attempts} tries with waits of {texts}{more}, then it gives up."
