"""Where another step can be put: on a way between two, or beside the selected box.

What adds a step covers nothing that is drawn: the words of a port give way, then its side of the box.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlencode

from designer.graph import Box, Graph, Opener, Route, Shape, scope_behind

from .placing import cross_at
from .telling import Node

ENDS = ("succeed", "fail")


@dataclass(frozen=True, slots=True)
class Way:
    route: Route
    between: str  # the query that adds a step on it; empty where none can be
    said: str

    @property
    def cross(self) -> str:
        return cross_at(self.route.middle)


@dataclass(frozen=True, slots=True)
class Port:
    """Where a step is added after the selected one: beside its box, with words where there is room for them."""

    node: Node
    x: int
    text: str

    @property
    def y(self) -> int:
        return self.node.area.middle_y

    @property
    def cross(self) -> str:
        return cross_at((self.x, self.y))

    @property
    def text_x(self) -> int:
        return self.x + 15

    @property
    def text_y(self) -> int:
        return self.y + 4


def way_of(graph: Graph, route: Route) -> Way:
    # A line into a branch that waits for others comes from a gate: the step that opens it is named before the hyphen.
    source = graph.steps.get(route.source.partition("-")[0] if _is_entry(route.exit) else route.source)
    target = graph.steps.get(route.target)
    if isinstance(source, Opener) and target is None and _is_entry(route.exit):
        return Way(route, urlencode({"in": scope_behind(source, route.exit)}), _in_words(source, route.exit))
    if not (route.exit and source and target):
        return Way(route, "", "")
    between = urlencode({"step": source.key, "exit": route.exit})
    return Way(route, between, f"between {source.name} and {target.name}")


def _is_entry(exit: str) -> bool:
    """Whether it leads into a scope: there, a line from bar to bar is a scope that nothing lies in yet."""
    return exit == "start" or exit.startswith("branches.")


def _in_words(opener: Opener, exit: str) -> str:
    branch = exit.partition(".")[2]
    return f"in branch {branch} of {opener.name}" if branch else f"in {opener.name}"


def find_port(nodes: Sequence[Node], ways: Sequence[Way]) -> Port | None:
    """None while no box is selected, and after an end."""
    chosen = next((node for node in nodes if node.selected and node.is_box), None)
    if chosen is None or chosen.box.kind in ENDS:
        return None
    area = chosen.area
    for room, text in ((92, "add next"), (30, "")):
        if _is_free(area.right + 8, area.right + room, area.middle_y, nodes, ways):
            return Port(chosen, area.right + 18, text)
    return Port(chosen, area.x - 18, "")


def _is_free(left: int, right: int, level: int, nodes: Sequence[Node], ways: Sequence[Way]) -> bool:
    """Whether nothing is drawn there on the level of a box."""
    return not (
        any(_stands_in(node, left, right, level) for node in nodes)
        or any(_runs_through(way.route, left, right, level) for way in ways)
    )


def _stands_in(node: Node, left: int, right: int, level: int) -> bool:
    area = node.area
    return area.x < right and left < area.right + 8 * _longest(node.box) and abs(area.middle_y - level) < 40


def _runs_through(route: Route, left: int, right: int, level: int) -> bool:
    return any(
        min(x1, x2) < right
        and left < max(x1, x2) + 1
        and min(y1, y2) < level + 12
        and level - 12 < max(y1, y2)
        for (x1, y1), (x2, y2) in pairwise(route.points)
    )


def _longest(box: Box) -> int:
    """The characters of the words beside a small shape."""
    beside = box.caption.lines if box.caption and box.shape != Shape.BOX else ()
    return max((len(line) for line in beside), default=0)
