"""A scope and all within it, laid out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from designer.graph.model import ROOT, AnyOpener, Fail, Graph, Repeater

from .branches import joined
from .crossings import order
from .exits import exits_of
from .frames import framed
from .layers import Layers, Node, Thread, Way, layered
from .lines import forward, label_place, main_way, room
from .needs import one_after_another
from .picture import BEGIN, END, Direction, Shape
from .plan import Drawn, Framed, Placed, Plan, Point
from .sizes import (
    BAR,
    BAR_HEIGHT,
    BOX_HEIGHT,
    DIAMOND,
    NOTHING,
    Size,
    box_half,
    circle,
    label_lines,
    label_size,
    shape_of,
    size_of,
)
from .straight import straighten
from .tracks import Trunk, gap_after
from .waiting import needs_drawn


def plan_scope(graph: Graph, scope: str, direction: Direction, narrowest: int = 0) -> Plan:
    """Lay out the steps of ``scope``, from the circle or bar that it begins at to the one that it ends at."""
    inner = {
        step.key: _opened(graph, step, direction)
        for step in graph.within(scope)
        if isinstance(step, AnyOpener)
    }
    return _Scope(graph, scope, direction, inner, narrowest).plan()


def _opened(graph: Graph, step: AnyOpener, direction: Direction) -> Plan:
    """An opener with its scopes; the boxes in them are as wide as the widest."""
    scopes = {body.name: step.scope_of(body.name) for body in step.bodies}
    sizes = [size_of(held, direction) for scope in scopes.values() for held in graph.within(scope)]
    narrowest = max((size.length for size in sizes if size.grows), default=0)
    plans = {name: plan_scope(graph, scope, direction, narrowest) for name, scope in scopes.items()}
    if isinstance(step, Repeater):
        body = joined(step.key, [("start", plans[step.BODY])], size_of(step, direction), Shape.BOX)
        return framed(step, body, direction)
    needs = needs_drawn(step)
    if any(needs.values()):
        ordered = one_after_another(step.key, plans, needs, direction)
        return joined(step.key, [("", ordered)], size_of(step, direction))
    branches = [(f"branches.{name}", plan) for name, plan in plans.items()]
    return joined(step.key, branches, size_of(step, direction))


@dataclass
class _Scope:
    graph: Graph
    scope: str
    direction: Direction
    inner: Mapping[str, Plan]  # by opener
    narrowest: int  # box
    leads: dict[str, int] = field(default_factory=dict)  # by step, the room of the words before its shape

    def plan(self) -> Plan:
        layers = self.layers()
        order(layers)
        straighten(layers.ranks, main_way(layers))
        trunks = self.columns(layers)
        return Plan(
            room(layers),
            tuple(self.placed(layers)),
            tuple(self.drawn(layers, trunks)),
            tuple(self.framed(layers)),
        )

    def layers(self) -> Layers:
        ends = circle(self.direction) if self.scope == ROOT else NOTHING
        ways = list(self.ways())
        sizes = {BEGIN: ends, **{step.key: self.size(step.key) for step in self.graph.within(self.scope)}}
        if any(way.target == END for way in ways):
            sizes[END] = ends
        ends_at = Counter(key for way in ways for key in {way.source, way.target})
        ways = [self.led(way, sizes) if ends_at[way.target] == 1 else way for way in ways]
        last = END if END in sizes and self.scope != ROOT else ""
        return layered(sizes, ways, BEGIN, last, self.cut)

    def cut(self, way: Way) -> Way:
        """``way`` as one that only says where it leads."""
        target = self.graph.steps.get(way.target)
        words = f"{way.words} → {target.name if target else 'end'}".strip()
        return replace(
            way, words=words, label=label_size(label_lines(words, self.direction), self.direction), cut=True
        )

    def size(self, key: str) -> Size:
        if key in self.inner:
            return self.inner[key].size
        size = size_of(self.graph.steps[key], self.direction)
        return replace(size, length=max(size.length, self.narrowest)) if size.grows else size

    def led(self, way: Way, sizes: dict[str, Size]) -> Way:
        """``way``, which alone leads to its target, with its words in the room of that where it is an end."""
        step = self.graph.steps.get(way.target)
        if not way.label or step is None or shape_of(step) != Shape.STOP:
            return way
        size, label = sizes[way.target], way.label
        self.leads[way.target] = label.length
        sizes[way.target] = Size(
            label.length + size.length,
            max(label.before, size.before),
            max(label.after, size.after),
            label.length + size.start,
            size.end,
        )
        return replace(way, label=None)

    def ways(self) -> Iterator[Way]:
        start = self.graph.start_of(self.scope)
        steps = {step.key: step for step in self.graph.within(self.scope)}
        if start in steps:
            yield Way(BEGIN, start)
        elif not steps and self.scope != ROOT:
            yield Way(BEGIN, END)
        for step in steps.values():
            for led in exits_of(self.graph, step):
                lines = label_lines(led.label, self.direction)
                label = label_size(lines, self.direction) if lines else None
                yield Way(step.key, led.target, led.exit, led.label, label, led.caught)
            stops = step.kind == "succeed" and self.scope == ROOT
            if step.ends and not isinstance(step, Fail) and not stops:
                yield Way(step.key, END, "" if step.kind == "succeed" else "next")

    def columns(self, layers: Layers) -> Mapping[Node, Trunk]:
        """Give every node its place along the way, and every turning line."""
        along, trunks = 0, dict[Node, Trunk]()
        for rank in layers.ranks:
            _stretch(rank)
            for node in rank:
                node.along = along + self.inset(node, rank)
            along += max((node.length for node in rank), default=0)
            gap = gap_after(rank)
            gap.begin(along, any(not node.is_lane for node in rank))
            trunks.update({trunk.source: trunk for trunk in gap.trunks})
            along += gap.width
        return trunks

    def inset(self, node: Node, rank: Sequence[Node]) -> int:
        """How far a shape that is no box stands from the beginning of its column: it is centred on the boxes."""
        shape = self.shape(node)
        aligned = shape == Shape.BOX or node.key in self.inner or node.key in self.leads
        if node.is_lane or aligned:
            return 0
        longest = max(other.length for other in rank if not other.is_lane and other.key not in self.inner)
        if self.direction == Direction.DOWN:
            longest = min(longest, BOX_HEIGHT)
        return max(0, (longest - node.length) // 2)

    def shape(self, node: Node) -> Shape:
        if node.key in self.graph.steps:
            return shape_of(self.graph.steps[node.key])
        return Shape.BEGIN if node.key == BEGIN else Shape.END

    def placed(self, layers: Layers) -> Iterator[Placed]:
        for node in layers.nodes.values():
            if node.key in self.inner:
                yield from self.inner[node.key].moved(node.along, node.beside).placed
            elif node.key in self.graph.steps or self.scope == ROOT:
                step = node.key if node.key in self.graph.steps else ""
                lead = self.leads.get(node.key, 0)
                yield Placed(
                    node.key, step, self.shape(node), node.along + lead, node.beside, node.length - lead
                )

    def framed(self, layers: Layers) -> Iterator[Framed]:
        for key, plan in self.inner.items():
            node = layers.nodes[key]
            yield from plan.moved(node.along, node.beside).framed

    def drawn(self, layers: Layers, trunks: Mapping[Node, Trunk]) -> Iterator[Drawn]:
        for thread in layers.threads:
            way = thread.way
            lane = thread.nodes[-1] if way.target in self.leads else thread.label
            points = list(self.back(thread, trunks) if thread.back else forward(thread, trunks))
            yield Drawn(
                f"{way.source}-join" if way.source in self.inner else way.source,
                way.target,
                way.exit,
                thread.back,
                way.caught,
                tuple(points),
                way.words,
                label_place(lane, points[0], thread.back, self.direction) if lane else None,
                way.cut,
            )
        for node in layers.nodes.values():
            if node.key in self.inner:
                yield from self.inner[node.key].moved(node.along, node.beside).drawn

    def back(self, thread: Thread, trunks: Mapping[Node, Trunk]) -> Iterator[Point]:
        source, *lanes, target = thread.nodes
        leaving, above = self.port(source, leaves=True)
        yield leaving, above
        yield leaving, lanes[0].beside
        for right, left in zip(lanes, lanes[1:], strict=False):
            if left in trunks and right in trunks[left].targets:
                yield trunks[left].along, right.beside
                yield trunks[left].along, left.beside
        arriving, above = self.port(target, leaves=False)
        yield arriving, lanes[-1].beside
        yield arriving, above

    def port(self, node: Node, *, leaves: bool) -> Point:
        """Where loops leave a shape and enter it: on the side of the lanes, so that two loops do not cross there."""
        if node.key in self.inner and (leaves or self.shape(node) == Shape.FORK):
            along = node.exit - BAR // 2 - 1 if leaves else node.entry + BAR // 2
            return along, node.beside - BAR_HEIGHT // 2
        if self.shape(node) == Shape.DIAMOND:
            middle, aside = node.entry + DIAMOND // 2, DIAMOND // 5
            return middle + (-aside if leaves else aside), node.beside - DIAMOND // 2 + aside
        if node.key in self.inner:
            length = size_of(self.graph.steps[node.key], self.direction).length
        else:
            length = min(node.length, BOX_HEIGHT) if self.direction == Direction.DOWN else node.length
        return node.entry + length * (3 if leaves else 7) // 10, node.beside - box_half(self.direction)


def _stretch(rank: Sequence[Node]) -> None:
    longest = max((node.length for node in rank if node.size.grows), default=0)
    for node in rank:
        if node.size.grows:
            node.length = longest
