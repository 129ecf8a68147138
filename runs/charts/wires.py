"""Who publishes what to whom, as a picture: senders at the left, signals in the middle, listeners at the right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from designer.graph import fit_text

HEIGHT, GAP, SIDE, MIDDLE, BETWEEN = 30, 10, 210, 270, 90
WIDTH = 2 * SIDE + MIDDLE + 2 * BETWEEN
SIZE = 12


@dataclass(frozen=True, slots=True)
class Wire:
    path: str
    busy: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A box with words in it."""

    name: str
    text: str
    x: int
    y: int
    width: int
    note: str = ""

    @property
    def middle(self) -> int:
        return self.y + HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Wires:
    width: int
    height: int
    senders: Sequence[Place]
    signals: Sequence[Place]
    listeners: Sequence[Place]
    wires: Sequence[Wire]


type Named = tuple[str, Iterable[str], Iterable[str], int]  # a signal, its senders, its listeners, how many


def wires_of(traffic: Sequence[Named]) -> Wires:
    left = list(dict.fromkeys(name for _, senders, _, _ in traffic for name in sorted(senders)))
    right = list(dict.fromkeys(name for _, _, listeners, _ in traffic for name in sorted(listeners)))
    rows = max(len(left), len(right), len(traffic), 1)
    senders = _column(left, rows, 0, SIDE)
    notes = [f"{count} a day" for _, _, _, count in traffic]
    signals = _column([name for name, _, _, _ in traffic], rows, SIDE + BETWEEN, MIDDLE, notes)
    listeners = _column(right, rows, SIDE + MIDDLE + 2 * BETWEEN, SIDE)
    by_left, by_right = ({one.name: one for one in column} for column in (senders, listeners))
    wires = []
    for place, (_, sending, hearing, count) in zip(signals, traffic, strict=True):
        wires += [_wire(by_left[name], place, count > 0) for name in sorted(sending)]
        wires += [_wire(place, by_right[name], count > 0) for name in sorted(hearing)]
    return Wires(WIDTH, rows * (HEIGHT + GAP) - GAP + 2, senders, signals, listeners, wires)


def _column(names: Sequence[str], rows: int, x: int, width: int, notes: Sequence[str] = ()) -> list[Place]:
    """Spread over the height that the longest column needs."""
    step = rows * (HEIGHT + GAP) / max(1, len(names))
    first = (step - HEIGHT - GAP) / 2
    room = width - 20 - (70 if notes else 0)
    return [
        Place(
            *(name, fit_text(name, room, SIZE), x + 1, ceil(first + step * number) + 1, width - 2),
            *(notes[number : number + 1]),
        )
        for number, name in enumerate(names)
    ]


def _wire(left: Place, right: Place, busy: bool) -> Wire:
    begin, end = left.x + left.width, right.x
    half = (begin + end) // 2
    return Wire(
        f"M{begin} {left.middle}C{half} {left.middle} {half} {right.middle} {end} {right.middle}", busy
    )
