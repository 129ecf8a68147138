"""One scope in layers: which rank each step has, and the lanes by which long ways and loops pass the ranks between.

Ways that lead to the same step share their lanes, so the number of lanes grows with the steps, not with the ways.
A loop has a lane in every rank from its target to its source, directly before both of them. Where there would be more
lanes than anybody can follow, the longest ways are cut: they end behind their source, and words say where they lead.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .sizes import NOTHING, Size

MOST_LANES = 2_500  # in one scope


@dataclass(frozen=True, slots=True)
class Way:
    """From one part of a scope to another. ``label`` is the room of its words, None where it has none."""

    source: str
    target: str
    exit: str = ""
    words: str = ""
    label: Size | None = None
    caught: bool = False
    cut: bool = False


@dataclass(slots=True, eq=False)
class Node:
    """A part of a scope, or a lane where ``key`` is empty."""

    key: str
    size: Size
    rank: int
    anchor: "Node | None" = None  # the node a loop's lane stands directly before
    glued: "list[Node]" = field(default_factory=list)  # the lanes that stand directly before this one
    left: "list[Node]" = field(default_factory=list)
    right: "list[Node]" = field(default_factory=list)
    serial: int = 0  # in the order of definition
    place: int = 0  # in its rank
    length: int = 0
    along: int = 0  # where it begins
    beside: int = 0  # where its spine runs

    @property
    def is_lane(self) -> bool:
        return not self.key

    @property
    def entry(self) -> int:
        return self.along + self.size.start

    @property
    def exit(self) -> int:
        return self.along + self.length - self.size.end


@dataclass(frozen=True, slots=True)
class Thread:
    """A way and the nodes it passes, from its source to its target."""

    way: Way
    nodes: tuple[Node, ...]
    back: bool

    @property
    def label(self) -> Node | None:
        """The lane that makes room for the words."""
        return next((node for node in self.nodes if node.is_lane and node.size is self.way.label), None)


@dataclass(frozen=True, slots=True)
class Layers:
    nodes: Mapping[str, Node]
    threads: Sequence[Thread]
    ranks: Sequence[list[Node]]
    lanes: Sequence[Node]


def layered(
    sizes: Mapping[str, Size], ways: Sequence[Way], first: str, last: str, cut: Callable[[Way], Way]
) -> Layers:
    """``sizes`` is in the order of definition. ``first`` stands alone in the first rank, ``last`` in the last one.

    ``cut`` is asked for a way's words when it is to be cut.
    """
    leaving: dict[str, list[Way]] = {key: [] for key in sizes}
    for way in ways:
        leaving[way.source].append(way)
    order = _finished(leaving, [first, *sizes])[::-1]
    place = {key: number for number, key in enumerate(order)}
    ahead = [way for way in ways if place[way.source] < place[way.target]]
    rank = _ranks(order, ahead, first, last)
    nodes = {key: Node(key, size, rank[key], length=size.length) for key, size in sizes.items()}
    weaving = _Weaving(nodes)
    excess = _excess(ways, rank)
    threads = {
        key: [
            weaving.stub(cut(way))
            if way in excess
            else weaving.ahead(way)
            if place[key] < place[way.target]
            else weaving.back(way)
            for way in led
        ]
        for key, led in leaving.items()
    }
    _number([nodes[first], *nodes.values()], threads)
    held = [thread for led in threads.values() for thread in led]
    return Layers(nodes, held, _by_rank([*nodes.values(), *weaving.lanes]), weaving.lanes)


def _finished(leaving: Mapping[str, Sequence[Way]], roots: Sequence[str]) -> list[str]:
    """The parts in the order in which a walk in depth is done with them: only loops lead to a later one."""
    seen: set[str] = set()
    done: list[str] = []
    for root in roots:
        path = [(root, iter(leaving[root]))] if root not in seen else []
        seen.add(root)
        while path:
            key, onwards = path[-1]
            way = next((way for way in onwards if way.target not in seen), None)
            if way is None:
                done.append(key)
                path.pop()
            else:
                seen.add(way.target)
                path.append((way.target, iter(leaving[way.target])))
    return done


def _ranks(order: Sequence[str], ahead: Sequence[Way], first: str, last: str) -> dict[str, int]:
    """The longest way to each; parts that nothing leads to stand close to what they lead to."""
    entering: dict[str, list[Way]] = {key: [] for key in order}
    leaving: dict[str, list[Way]] = {key: [] for key in order}
    for way in ahead:
        entering[way.target].append(way)
        leaving[way.source].append(way)
    rank: dict[str, int] = {}
    for key in order:
        rank[key] = max(
            (rank[way.source] + _span(way) for way in entering[key]), default=0 if key == first else 1
        )
    for key in reversed(order):
        if key != first and not entering[key] and leaving[key]:
            rank[key] = min(rank[way.target] - _span(way) for way in leaving[key])
    if last:
        rank[last] = max(max(held for key, held in rank.items() if key != last) + 1, rank[last])
    return rank


def _excess(ways: Sequence[Way], rank: Mapping[str, int]) -> set[Way]:
    """The ways to cut, the longest first, so that not too many lanes remain."""
    held: dict[tuple[bool, str], list[tuple[int, Way]]] = {}
    for way in ways:
        span = rank[way.target] - rank[way.source]
        held.setdefault((span > 0, way.target), []).append((abs(span), way))
    for spans in held.values():
        spans.sort(key=lambda one: one[0])
    # The lanes to one target are as many as its longest way is long: the others share them.
    heap = [(-spans[-1][0], number, spans) for number, spans in enumerate(held.values())]
    heapq.heapify(heap)
    lanes = -sum(length for length, _, _ in heap)
    cut: set[Way] = set()
    while lanes > MOST_LANES:
        length, number, spans = heapq.heappop(heap)
        cut.add(spans.pop()[1])
        left = spans[-1][0] if spans else 0
        lanes += length + left
        if spans:
            heapq.heappush(heap, (-left, number, spans))
    return cut


def _span(way: Way) -> int:
    return 2 if way.label else 1


class _Weaving:
    """The lanes, as the ways are drawn one by one."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes
        self.lanes: list[Node] = []
        self.shared: dict[tuple[bool, str, int], Node] = {}

    def ahead(self, way: Way) -> Thread:
        source, target = self.nodes[way.source], self.nodes[way.target]
        chain, rank = [source], source.rank + 1
        if way.label:
            chain.append(self.lane(way.label, rank))
            rank += 1
        chain += [self.shared_lane(False, target, between) for between in range(rank, target.rank)]
        chain.append(target)
        for left, right in zip(chain, chain[1:], strict=False):
            _tie(left, right)
        return Thread(way, tuple(chain), back=False)

    def stub(self, way: Way) -> Thread:
        assert way.label is not None
        source = self.nodes[way.source]
        end = self.lane(way.label, source.rank + 1)
        _tie(source, end)
        return Thread(way, (source, end), back=False)

    def back(self, way: Way) -> Thread:
        """A lane of its own over the source, then those that all loops to the target share."""
        source, target = self.nodes[way.source], self.nodes[way.target]
        lanes = [self.lane(way.label or NOTHING, source.rank)]
        _glue(lanes[0], source)
        lanes += [
            self.shared_lane(True, target, rank) for rank in range(source.rank - 1, target.rank - 1, -1)
        ]
        if lanes[-1].anchor is None:
            _glue(lanes[-1], target)
        for right, left in zip(lanes, lanes[1:], strict=False):
            _tie(left, right)
        return Thread(way, (source, *lanes, target), back=True)

    def shared_lane(self, back: bool, target: Node, rank: int) -> Node:
        key = (back, target.key, rank)
        if key not in self.shared:
            self.shared[key] = self.lane(NOTHING, rank)
        return self.shared[key]

    def lane(self, size: Size, rank: int) -> Node:
        self.lanes.append(Node("", size, rank, length=size.length))
        return self.lanes[-1]


def _glue(lane: Node, anchor: Node) -> None:
    lane.anchor = anchor
    anchor.glued.append(lane)


def _tie(left: Node, right: Node) -> None:
    if right not in left.right:
        left.right.append(right)
        right.left.append(left)


def _number(roots: Iterable[Node], threads: Mapping[str, Sequence[Thread]]) -> None:
    """Number nodes in the order in which a walk in depth first meets them, exits as they are defined."""
    met: dict[Node, int] = {}
    for root in roots:
        path = [_meet(root, threads, met)] if root not in met else []
        while path:
            node = next(path[-1], None)
            if node is None:
                path.pop()
            elif node not in met:
                path.append(_meet(node, threads, met))
    for node, number in met.items():
        node.serial = number


def _meet(node: Node, threads: Mapping[str, Sequence[Thread]], met: dict[Node, int]) -> Iterator[Node]:
    met[node] = len(met) + 1
    for thread in threads[node.key]:
        for lane in () if thread.back else thread.nodes[1:]:
            if lane.is_lane:
                met.setdefault(lane, len(met) + 1)
        if not thread.way.cut:
            yield thread.nodes[-1]


def _by_rank(nodes: Sequence[Node]) -> list[list[Node]]:
    """The nodes of each rank in their first order, without those that are glued to others."""
    ranks: list[list[Node]] = [[] for _ in range(1 + max((node.rank for node in nodes), default=-1))]
    for node in sorted(nodes, key=lambda node: node.serial):
        if node.anchor is None:
            ranks[node.rank].append(node)
    return ranks
