"""The gaps between ranks: where a line that changes its place beside turns, and how wide the gap has to be for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .layers import Node

CORNER, ARROW = 8, 12  # room after a shape before the first turn, room before a shape for the head
TRACK = 9  # from one turning line to the next
THOROUGH = 48  # lines of a gap that are compared with each other; of more, the first order is kept


@dataclass(slots=True, eq=False)
class Trunk:
    """The turning line of what leaves one node: from its spine to those of the nodes it leads to."""

    source: Node
    targets: list[Node]
    low: int = field(init=False)
    high: int = field(init=False)
    track: int = 0
    along: int = 0

    def __post_init__(self) -> None:
        spines = [self.source.beside, *(node.beside for node in self.targets)]
        self.low, self.high = min(spines), max(spines)


@dataclass(slots=True)
class Gap:
    """The room between one rank and the next."""

    trunks: list[Trunk]
    width: int

    def begin(self, along: int, leaves: bool) -> None:
        for trunk in self.trunks:
            trunk.along = along + (CORNER if leaves else TRACK) + trunk.track * TRACK


def gap_after(rank: Sequence[Node]) -> Gap:
    """The gap between ``rank`` and the next one, with every turning line in its track."""
    trunks = [
        Trunk(node, turning) for node in rank if (turning := [to for to in node.right if _turns(node, to)])
    ]
    trunks = _sorted(trunks)
    tracks = _assign(trunks)
    leaves = any(not node.is_lane for node in rank)
    arrives = any(not node.is_lane for left in rank for node in left.right)
    ends = (CORNER if leaves else 0) + (ARROW if arrives else 0)
    inner = (tracks - 1) * TRACK + (0 if leaves else TRACK) + (0 if arrives else TRACK) if tracks else 0
    return Gap(trunks, ends + inner)


def _turns(node: Node, other: Node) -> bool:
    return node.beside != other.beside


def _sorted(trunks: list[Trunk]) -> list[Trunk]:
    """In the order in which they cross least: those that rise from the first on, those that sink from the last."""
    rising = sorted(
        (one for one in trunks if one.targets[0].beside < one.source.beside),
        key=lambda one: one.source.beside,
    )
    sinking = sorted(
        (one for one in trunks if one.targets[0].beside > one.source.beside),
        key=lambda one: -one.source.beside,
    )
    placed: list[Trunk] = []
    for trunk in [*sinking, *rising]:
        place = len(placed)
        if len(trunks) <= THOROUGH:
            costs = _costs(placed, trunk)
            place = costs.index(min(costs))
        placed.insert(place, trunk)
    return placed


def _costs(placed: Sequence[Trunk], trunk: Trunk) -> list[int]:
    """By place, what crosses when ``trunk`` is put there."""
    total = sum(_cost(trunk, other) for other in placed)
    costs = [total]
    for other in placed:
        total += _cost(other, trunk) - _cost(trunk, other)
        costs.append(total)
    return costs


def _cost(first: Trunk, second: Trunk) -> int:
    """Crossings of two turning lines in this order; one line upon another counts as many."""
    crossed = sum(second.low < node.beside < second.high for node in first.targets)
    crossed += first.low < second.source.beside < first.high
    upon = sum(node.beside == second.source.beside for node in first.targets)
    return crossed + 100 * upon


def _assign(trunks: Iterable[Trunk]) -> int:
    """Number the tracks; turning lines that do not come near each other share one. How many there are."""
    placed: list[Trunk] = []
    for trunk in trunks:
        trunk.track = max((1 + other.track for other in placed if _near(other, trunk)), default=0)
        placed.append(trunk)
    return max((1 + trunk.track for trunk in placed), default=0)


def _near(one: Trunk, other: Trunk) -> bool:
    return one.low - TRACK <= other.high and other.low - TRACK <= one.high
