"""Branches that wait for each other: each stands after those it needs, with lines from their ends to its beginning.

A branch is laid out as one part of a scope. Where lines between branches meet one there is a gate: a dot after all
ends of what is needed, and one before the first step of what needs it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .crossings import order
from .layers import Layers, Node, Way, layered
from .lines import forward, label_place, main_way, room
from .picture import BEGIN, END, Direction, Shape
from .plan import Drawn, Placed, Plan, Point
from .sizes import GATE, NOTHING, Size, label_lines, label_size
from .straight import straighten
from .tracks import ARROW, CORNER, Trunk, gap_after
from .waiting import Needs

LEAD = CORNER + ARROW


def one_after_another(key: str, plans: Mapping[str, Plan], needs: Needs, direction: Direction) -> Plan:
    """``plans`` by branch, in the order of definition, as one: it begins at `BEGIN` and ends at `END`."""
    return _Branches(key, plans, needs, direction).plan()


@dataclass
class _Branches:
    key: str
    plans: Mapping[str, Plan]
    needs: Needs
    direction: Direction

    def plan(self) -> Plan:
        needed = {need for needs in self.needs.values() for need in needs}
        held = {
            name: _gated(self.key, name, plan, waits=bool(self.needs[name]), needed=name in needed)
            for name, plan in self.plans.items()
        }
        sizes = {BEGIN: NOTHING, **{name: plan.size for name, plan in held.items()}, END: NOTHING}
        layers = layered(sizes, list(self.ways(needed)), BEGIN, END, self.cut)
        order(layers)
        straighten(layers.ranks, main_way(layers))
        trunks = _columns(layers)
        moved = {
            name: plan.moved(layers.nodes[name].along, layers.nodes[name].beside)
            for name, plan in held.items()
        }
        return Plan(
            room(layers),
            tuple(one for plan in moved.values() for one in plan.placed),
            tuple(self.drawn(layers, trunks, moved)),
            tuple(one for plan in moved.values() for one in plan.framed),
        )

    def ways(self, needed: set[str]) -> Iterator[Way]:
        for name, needs in self.needs.items():
            if not needs:
                yield Way(BEGIN, name)
            yield from (Way(need, name) for need in needs)
            if name not in needed:
                yield Way(name, END)

    def cut(self, way: Way) -> Way:
        """``way`` as one that only says where it leads."""
        words = f"→ {'end' if way.target == END else way.target}"
        label = label_size(label_lines(words, self.direction), self.direction)
        return replace(way, words=words, label=label, cut=True)

    def drawn(
        self, layers: Layers, trunks: Mapping[Node, Trunk], moved: Mapping[str, Plan]
    ) -> Iterator[Drawn]:
        begins: dict[str, tuple[Point, ...]] = {}
        ends: dict[str, Drawn] = {}
        for thread in layers.threads:
            way = thread.way
            points = tuple(forward(thread, trunks))
            label = label_place(thread.nodes[-1], points[0], False, self.direction) if way.cut else None
            line = Drawn(way.source, way.target, "", False, False, points, way.words, label, way.cut)
            if way.source == BEGIN:
                begins[way.target] = points
            elif way.target == END:
                ends[way.source] = line
            else:
                source, target = _gate(self.key, way.source, "out"), _gate(self.key, way.target, "in")
                yield replace(line, source=source, target=target)
        for name, plan in moved.items():
            for line in plan.drawn:
                yield _led(line, begins.get(name, ()), ends.get(name))


def _led(line: Drawn, begin: tuple[Point, ...], end: Drawn | None) -> Drawn:
    """A line of a branch, led from where all branches begin and to where they end."""
    if line.source == BEGIN:
        line = replace(line, points=(*begin, *line.points))
    if line.target == END and end is not None:
        line = replace(
            line,
            points=(*line.points, *end.points),
            words=end.words or line.words,
            label=end.label,
            cut=end.cut,
        )
    return line


def _gate(key: str, name: str, side: str) -> str:
    return f"{key}-{name}-{side}"


def _gated(key: str, name: str, plan: Plan, *, waits: bool, needed: bool) -> Plan:
    """A branch with its gates. Its lines begin and end on its spine."""
    lead = (GATE if waits else 0) + LEAD
    moved = plan.moved(lead, 0)
    close = lead + plan.size.length + LEAD
    length = close + (GATE if needed else 0)
    placed = list(moved.placed)
    if waits:
        placed.append(Placed(_gate(key, name, "in"), "", Shape.GATE, 0, 0, GATE))
    if needed:
        placed.append(Placed(_gate(key, name, "out"), "", Shape.GATE, close, 0, GATE))
    drawn = []
    for line in moved.drawn:
        if line.source == BEGIN:
            first, at = line.points[0], GATE if waits else 0
            source = _gate(key, name, "in") if waits else BEGIN
            way = ((at, 0), (at + CORNER, 0), (at + CORNER, first[1]))
            line = replace(line, source=source, exit=f"branches.{name}", points=(*way, *line.points))
        if line.target == END:
            last = line.points[-1]
            target = _gate(key, name, "out") if needed else END
            way = ((close - ARROW, last[1]), (close - ARROW, 0), (close, 0))
            line = replace(line, target=target, points=(*line.points, *way))
        drawn.append(line)
    half = GATE // 2
    size = Size(length, max(half, plan.size.before), max(half, plan.size.after))
    return Plan(size, tuple(placed), tuple(drawn), moved.framed)


def _columns(layers: Layers) -> Mapping[Node, Trunk]:
    """Give every branch its place along the way, and every turning line."""
    along, trunks = 0, dict[Node, Trunk]()
    for rank in layers.ranks:
        for node in rank:
            node.along = along
        along += max((node.length for node in rank), default=0)
        gap = gap_after(rank)
        gap.begin(along, any(not node.is_lane for node in rank))
        trunks.update({trunk.source: trunk for trunk in gap.trunks})
        along += gap.width
    return trunks
