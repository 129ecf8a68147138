"""Where each spine runs beside the others: straight wherever it can be.

After Brandes and Köpf, “Fast and Simple Horizontal Coordinate Assignment” (2002): neighbours in the middle are aligned
to blocks from both ends and both sides, the blocks are pushed together, and of the four results the one with the
straightest lines is kept. The main path is one block in all of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .layers import Node

Line = tuple[Node, Node]
BETWEEN, BETWEEN_LANES = 14, 10  # pixels between two shapes, between lines


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the four ways to look at the ranks: from which end, from which side."""

    forward: bool
    mirrored: bool


def straighten(ranks: Sequence[Sequence[Node]], main: Sequence[Node]) -> None:
    """Give every node its ``beside``; the spine of ``main``'s first node runs at 0."""
    preferred = {**_paired(main), **_paired(main[::-1])}
    barred = _barred(ranks, set(zip(main, main[1:], strict=False)))
    sides = [_Side(forward, mirrored) for forward in (True, False) for mirrored in (False, True)]
    results = [_one_sided(ranks, preferred, barred, side) for side in sides]
    best = min(results, key=lambda found: _cost(ranks, found))
    zero = best[main[0]] if main else 0
    for node, beside in best.items():
        node.beside = beside - zero


def _paired(main: Sequence[Node]) -> dict[tuple[Node, int], Node]:
    """By node and the rank looked at, the neighbour on the main path."""
    return {(node, after.rank): after for node, after in zip(main, main[1:], strict=False)}


def _barred(ranks: Iterable[Sequence[Node]], main: set[Line]) -> set[Line]:
    """The lines that must not be straight: they cross the main path, share an end with it, or cross a long way."""
    barred: set[Line] = set()
    for rank in ranks:
        lines = [(left, right) for left in rank for right in sorted(left.right, key=lambda node: node.place)]
        for line in lines:
            if line in main:
                barred.update(other for other in lines if other != line and _meets(line, other))
        barred.update(_crossing_lanes(lines))
    return barred - main


def _meets(line: Line, other: Line) -> bool:
    left, right = other[0].place - line[0].place, other[1].place - line[1].place
    return left * right <= 0


def _crossing_lanes(lines: Sequence[Line]) -> Iterable[Line]:
    """The lines that cross a piece of a long way. ``lines`` is in the order of their left ends."""
    farthest = -1
    lowest = _lowest_lanes(lines)
    for number, line in enumerate(lines):
        inner = line[0].is_lane and line[1].is_lane
        if not inner and (line[1].place < farthest or line[1].place > lowest[number]):
            yield line
        if inner:
            farthest = max(farthest, line[1].place)


def _lowest_lanes(lines: Sequence[Line]) -> list[int]:
    """By line, the lowest right end of any long way that begins after it."""
    lowest, found = 1 << 30, []
    for left, right in reversed(lines):
        found.append(lowest)
        if left.is_lane and right.is_lane:
            lowest = min(lowest, right.place)
    return found[::-1]


def _one_sided(
    ranks: Sequence[Sequence[Node]],
    preferred: Mapping[tuple[Node, int], Node],
    barred: set[Line],
    side: _Side,
) -> dict[Node, int]:
    seen = [rank[::-1] if side.mirrored else rank for rank in ranks]
    root = _aligned(seen, preferred, barred, side)
    sign = -1 if side.mirrored else 1
    return {node: sign * beside for node, beside in _compacted(seen, root, side.mirrored).items()}


def _aligned(
    ranks: Sequence[Sequence[Node]],
    preferred: Mapping[tuple[Node, int], Node],
    barred: set[Line],
    side: _Side,
) -> dict[Node, Node]:
    """By node, the first node of the block it belongs to."""
    sign = -1 if side.mirrored else 1
    root = {node: node for rank in ranks for node in rank}
    for rank in ranks[1:] if side.forward else ranks[-2::-1]:
        last = -(1 << 30)
        for node in rank:
            for other in _middle(node, preferred, side):
                line = (other, node) if side.forward else (node, other)
                if line not in barred and sign * other.place > last:
                    root[node] = root[other]
                    last = sign * other.place
                    break
    return root


def _middle(node: Node, preferred: Mapping[tuple[Node, int], Node], side: _Side) -> Sequence[Node]:
    held = node.left if side.forward else node.right
    if not held:
        return ()
    main = preferred.get((node, held[0].rank))
    if main is not None:
        return (main,)
    found = sorted(held, key=lambda other: other.place, reverse=side.mirrored)
    middle = len(found) // 2
    return (found[middle],) if len(found) % 2 else (found[middle - 1], found[middle])


def _compacted(ranks: Sequence[Sequence[Node]], root: Mapping[Node, Node], mirrored: bool) -> dict[Node, int]:
    """Every block as far to the first side as it goes; then back towards what comes after it, where there is room."""
    before: dict[Node, dict[Node, int]] = {block: {} for block in root.values()}
    after: dict[Node, dict[Node, int]] = {block: {} for block in root.values()}
    for rank in ranks:
        for one, other in zip(rank, rank[1:], strict=False):
            apart = distance(other, one) if mirrored else distance(one, other)
            here, there = root[one], root[other]
            apart = max(apart, before[there].get(here, apart))
            before[there][here] = after[here][there] = apart
    place: dict[Node, int] = {}
    blocks = _sorted_blocks(before, after)
    for block in blocks:
        place[block] = max((place[other] + apart for other, apart in before[block].items()), default=0)
    for block in reversed(blocks):
        if after[block]:
            place[block] = max(
                place[block], min(place[other] - apart for other, apart in after[block].items())
            )
    return {node: place[block] for node, block in root.items()}


def distance(one: Node, other: Node) -> int:
    """How far the spines of two neighbours are apart at least."""
    lines = one.is_lane and other.is_lane
    return one.size.after + (BETWEEN_LANES if lines else BETWEEN) + other.size.before


def _sorted_blocks(
    before: Mapping[Node, Mapping[Node, int]], after: Mapping[Node, Mapping[Node, int]]
) -> list[Node]:
    """Blocks so that each comes after all that stand before it."""
    waits = {block: len(held) for block, held in before.items()}
    ready = [block for block, count in waits.items() if not count]
    for block in ready:
        for other in after[block]:
            waits[other] -= 1
            if not waits[other]:
                ready.append(other)
    return ready


def _cost(ranks: Iterable[Sequence[Node]], beside: Mapping[Node, int]) -> tuple[int, int]:
    """Bends first, then how far the lines wander."""
    bends = wandered = 0
    for rank in ranks:
        for node in rank:
            for other in node.right:
                apart = abs(beside[node] - beside[other])
                bends += apart > 0
                wandered += apart
    return bends, wandered
