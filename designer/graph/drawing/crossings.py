"""The order within each rank: as defined, changed only where strictly fewer lines cross.

That is what keeps a drawing still when a step is added. And steps that one step leads to are never exchanged at all.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence

from .layers import Layers, Node

ROUNDS = 8
EFFORT = (
    24_000  # lines looked at in all rounds together: the largest drawings keep the order of their definition
)
FAILURES = 3
TURNS = 4


def order(layers: Layers) -> None:
    """Put each rank in order, glued lanes before their anchors, and number the places."""
    ordering = _Ordering([list(rank) for rank in layers.ranks], _siblings(layers))
    ordering.improve()
    for number, leaders in enumerate(ordering.ranks):
        layers.ranks[number][:] = _with_glued(leaders)


class _Ordering:
    def __init__(self, ranks: list[list[Node]], siblings: Mapping[Node, Node]) -> None:
        self.ranks = ranks
        self.siblings = siblings
        self.lines = sum(len(node.right) for rank in ranks for node in _with_glued(rank))
        for rank in ranks:
            _place(rank)

    def improve(self) -> None:
        best, fewest = [list(rank) for rank in self.ranks], self.count()
        failures = 0
        for turn in range(min(ROUNDS, EFFORT // max(1, self.lines))):
            if not fewest or failures == FAILURES:
                break
            self.sweep(forward=turn % 2 == 0, turned=turn % 4 > 1)
            self.exchange()
            found = self.count()
            failures = 0 if found < fewest else failures + 1
            if found < fewest:
                best, fewest = [list(rank) for rank in self.ranks], found
        self.ranks = best
        for rank in best:
            _place(rank)

    def count(self) -> int:
        return sum(_crossings(rank) for rank in self.ranks)

    def sweep(self, *, forward: bool, turned: bool) -> None:
        """Order every rank by the medians of the one before it, or after it; ``turned`` exchanges the equal ones."""
        for rank in self.ranks[1:] if forward else self.ranks[-2::-1]:
            wanted = {node: _median(node, forward) for node in rank}
            moved = [node for node in (reversed(rank) if turned else rank) if wanted[node] >= 0]
            free = iter(sorted(moved, key=wanted.__getitem__))
            rank[:] = [next(free) if wanted[node] >= 0 else node for node in rank]
            self.keep_siblings(rank)
            _place(rank)

    def keep_siblings(self, rank: list[Node]) -> None:
        """Give siblings the places they have, in the order of their definition."""
        held: dict[Node, list[int]] = {}
        for place, node in enumerate(rank):
            if node in self.siblings:
                held.setdefault(self.siblings[node], []).append(place)
        for places in held.values():
            family = sorted((rank[place] for place in places), key=lambda node: node.serial)
            for place, node in zip(places, family, strict=True):
                rank[place] = node

    def exchange(self) -> None:
        """Exchange neighbours as long as that leaves fewer crossings."""
        for rank in self.ranks:
            for _ in range(min(TURNS, len(rank) - 1)):
                better = sum(self.exchanged(rank, place) for place in range(len(rank) - 1))
                if not better:
                    break

    def exchanged(self, rank: list[Node], place: int) -> bool:
        above, below = rank[place], rank[place + 1]
        if above in self.siblings and self.siblings.get(below) is self.siblings[above]:
            return False
        if _between(above, below) <= _between(below, above):
            return False
        rank[place], rank[place + 1] = below, above
        number = above.glued[0].place if above.glued else above.place
        for node in _with_glued((below, above)):
            node.place = number
            number += 1
        return True


def _siblings(layers: Layers) -> dict[Node, Node]:
    """By step, the first of those whose order it must keep: two exits of one step that share a rank."""
    head: dict[Node, Node] = {}
    first: dict[tuple[str, int], Node] = {}
    for thread in layers.threads:
        node = thread.nodes[-1]
        if not thread.back and not thread.way.cut:
            one, other = (
                _head(head, node),
                _head(head, first.setdefault((thread.way.source, node.rank), node)),
            )
            head[max(one, other, key=_serial)] = min(one, other, key=_serial)
    return {node: _head(head, node) for node in head}


def _head(head: Mapping[Node, Node], node: Node) -> Node:
    while head.get(node, node) is not node:
        node = head[node]
    return node


def _serial(node: Node) -> int:
    return node.serial


def _with_glued(leaders: Iterable[Node]) -> list[Node]:
    return [node for leader in leaders for node in (*leader.glued, leader)]


def _place(leaders: Iterable[Node]) -> None:
    for place, node in enumerate(_with_glued(leaders)):
        node.place = place


def _median(leader: Node, forward: bool) -> float:
    """The place in the middle of a node's neighbours; -1 where it has none and stays where it is."""
    held = (leader, *leader.glued)
    places = sorted(other.place for node in held for other in (node.left if forward else node.right))
    if not places:
        return -1
    middle = len(places) // 2
    return places[middle] if len(places) % 2 else (places[middle - 1] + places[middle]) / 2


def _crossings(leaders: Sequence[Node]) -> int:
    """How many of the lines to the next rank cross."""
    found, met = 0, list[int]()
    for node in _with_glued(leaders):
        places = sorted(other.place for other in node.right)
        for place in places:
            found += len(met) - bisect_left(met, place + 1)
        for place in places:
            insort(met, place)
    return found


def _between(above: Node, below: Node) -> int:
    """Crossings among the lines of two neighbours, to both sides, if they stood in this order."""
    upper, lower = (above, *above.glued), (below, *below.glued)
    return _inverted(_places(upper, True), _places(lower, True)) + _inverted(
        _places(upper, False), _places(lower, False)
    )


def _places(held: Iterable[Node], left: bool) -> list[int]:
    return sorted(other.place for node in held for other in (node.left if left else node.right))


def _inverted(above: Sequence[int], below: Sequence[int]) -> int:
    return sum(bisect_left(below, place) for place in above)
