"""The graph on the canvas: the drawing of a draft, with the words and marks on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlencode

from designer.graph import (
    AnyStep,
    Area,
    Box,
    Direction,
    Drawing,
    Graph,
    Opener,
    Review,
    Route,
    Shape,
    lay_out,
    scope_behind,
)

from .draft_ladder import said_of, undo_of
from .icons import icon_of
from .problems import NONE, Counts

MARGIN = 48  # around the drawing: for marks, rings and the way to add a step
ENDS = ("succeed", "fail")
TONES = {"new": "ok", "changed": "warn", "removed": "fail"}
SAID_ROOM = 19  # characters beside the icon in a box


@dataclass(frozen=True, slots=True)
class Chip:
    """Where the undo of a step is drawn, as seen from its box."""

    x: int
    y: int
    width: int
    height: int

    @property
    def icon_x(self) -> int:
        return self.x + 10

    @property
    def icon_y(self) -> int:
        return self.y + self.height // 2 - 6

    @property
    def text_x(self) -> int:
        return self.x + 28

    @property
    def text_y(self) -> int:
        return self.y + self.height // 2 + 4


@dataclass(frozen=True, slots=True)
class Node:
    """A shape of the drawing with what is written on it; its parts are placed as seen from its own corner."""

    box: Box
    name: str
    icon: str
    said: str
    undo: str  # the step type that undoes it
    mark: str  # new, changed, removed
    counts: Counts
    selected: bool

    @property
    def area(self) -> Area:
        return self.box.area

    @property
    def is_box(self) -> bool:
        return self.box.shape == Shape.BOX

    @property
    def is_step(self) -> bool:
        """Whether it is where one gets to the step; a join bar only shows it a second time."""
        return bool(self.box.step) and self.box.shape != Shape.JOIN

    @property
    def label(self) -> str:
        """What it is called by those who do not see it."""
        told = [self.name, self.said, self.mark]
        told += [_counted(self.counts.errors, "error"), _counted(self.counts.warnings, "warning")]
        return ", ".join(part for part in told if part)

    @property
    def chip(self) -> Chip | None:
        held, area = self.box.chip, self.box.area
        return Chip(held.x - area.x, held.y - area.y, held.width, held.height) if held else None

    @property
    def ring(self) -> Area:
        """Around the shape and its chip, where the step is selected."""
        return Area(-5, -5, self.area.width + 10, self.area.height + 10)

    @property
    def centre(self) -> tuple[int, int]:
        return self.area.width // 2, self.area.height // 2

    @property
    def radius(self) -> int:
        return min(self.area.width, self.area.height) // 2 - 1

    @property
    def diamond(self) -> str:
        wide, high = self.area.width, self.area.height
        return f"M{wide / 2:g} 0 {wide} {high / 2:g} {wide / 2:g} {high} 0 {high / 2:g}Z"

    @property
    def caption_x(self) -> int:
        return self.box.caption.x - self.area.x if self.box.caption else 0

    @property
    def caption_y(self) -> int:
        return self.box.caption.y - self.area.y if self.box.caption else 0

    @property
    def said_y(self) -> int:
        return self.caption_y + 15

    @property
    def badges(self) -> Sequence["Badge"]:
        """From the right."""
        return _badges(self)


@dataclass(frozen=True, slots=True)
class Badge:
    word: str
    tone: str
    icon: str
    x: int
    width: int
    y: int

    @property
    def text_x(self) -> int:
        return 20 if self.icon else 6

    @property
    def called(self) -> str:
        """What the icon says."""
        return {"fail": "errors", "warning": "warnings"}.get(self.icon, "")


@dataclass(frozen=True, slots=True)
class Way:
    route: Route
    between: str  # the query that adds a step on it; empty where none can be
    said: str

    @property
    def cross(self) -> str:
        return _cross(self.route.middle)


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
        return _cross((self.x, self.y))

    @property
    def text_x(self) -> int:
        return self.x + 15

    @property
    def text_y(self) -> int:
        return self.y + 4


@dataclass(frozen=True, slots=True)
class Canvas:
    drawing: Drawing
    nodes: tuple[Node, ...]
    ways: tuple[Way, ...]

    @property
    def port(self) -> Port | None:
        chosen = next((node for node in self.nodes if node.selected and node.is_box), None)
        if chosen is None or chosen.box.kind in ENDS:
            return None
        area = chosen.area
        if self._is_free(area.right + 8, area.right + 92, area):
            return Port(chosen, area.right + 18, "add next")
        if self._is_free(area.right + 8, area.right + 30, area):
            return Port(chosen, area.right + 18, "")
        return Port(chosen, area.x - 18, "")

    def _is_free(self, left: int, right: int, beside: Area) -> bool:
        """Whether nothing is drawn there on the level of a box."""
        middle = beside.middle_y
        boxes = [(node.area, node.area.right + 8 * _longest(node.box)) for node in self.nodes]
        if any(area.x < right and left < end and abs(area.middle_y - middle) < 40 for area, end in boxes):
            return False
        lines = [part for way in self.ways for part in pairwise(way.route.points)]
        return not any(
            min(x1, x2) < right
            and left < max(x1, x2) + 1
            and min(y1, y2) < middle + 12
            and middle - 12 < max(y1, y2)
            for (x1, y1), (x2, y2) in lines
        )

    @property
    def view_box(self) -> str:
        return f"{-MARGIN} 0 {self.width} {self.height}"

    @property
    def width(self) -> int:
        return self.drawing.width + 2 * MARGIN

    @property
    def height(self) -> int:
        return self.drawing.height


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands on the edges of the boxes."""

    changed: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str | None, Counts] = field(default_factory=dict)
    selected: str = ""


def canvas(graph: Graph, marks: Marks, drawing: Drawing | None = None) -> Canvas:
    """``graph`` with ``marks``; its drawing may be known already."""
    drawing = drawing or lay_out(graph, Direction.DOWN)
    nodes = tuple(_node(graph, box, marks) for box in drawing.boxes)
    return Canvas(drawing, nodes, tuple(_way(graph, route) for route in drawing.routes))


def _node(graph: Graph, box: Box, marks: Marks) -> Node:
    step = graph.steps.get(box.step)
    if step is None:
        return Node(box, "", "", "", "", "", NONE, selected=False)
    opens = box.shape != Shape.JOIN  # what a parallel is told is told where it opens
    return Node(
        box=box,
        name=step.name,
        icon=icon_of(step),
        said=_cut(_told(step), SAID_ROOM),
        undo=_cut(undo_of(step), SAID_ROOM),
        mark=marks.changed.get(step.key, "") if opens else "",
        counts=marks.counts.get(step.key, NONE) if opens else NONE,
        selected=opens and step.key == marks.selected,
    )


def _told(step: AnyStep) -> str:
    if isinstance(step, Review):
        return "person · " + (", ".join(step.reviewers.groups) or "any reviewer")
    return said_of(step).replace("@^", "@")


def _way(graph: Graph, route: Route) -> Way:
    source, target = graph.steps.get(route.source), graph.steps.get(route.target)
    if isinstance(source, Opener) and route.target == f"{source.key}-join" and _is_entry(route.exit):
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


def _longest(box: Box) -> int:
    """The characters of the words beside a small shape."""
    beside = box.caption.lines if box.caption and box.shape != Shape.BOX else ()
    return max((len(line) for line in beside), default=0)


def _cross(middle: tuple[int, int]) -> str:
    x, y = middle
    return f"M{x - 4} {y}h8M{x} {y - 4}v8"


def _badges(node: Node) -> list[Badge]:
    asked = [
        (str(node.counts.errors or ""), "fail", "fail"),
        (str(node.counts.warnings or ""), "warn", "warning"),
        (node.mark, TONES.get(node.mark, ""), ""),
    ]
    held = [(word, tone, icon, _wide(word, icon)) for word, tone, icon in asked if word]
    # On the upper edge of a box they end at its right; beside a small shape at its left, where no title stands.
    x = node.area.width + 6 if node.is_box else -2
    y = -11 if node.is_box else node.area.height // 2 - 9
    found = []
    for word, tone, icon, width in held:
        x -= width + 4
        found.append(Badge(word, tone, icon, x + 4, width, y))
    return found


def _wide(word: str, icon: str) -> int:
    return (15 if icon else 0) + 12 + round(6.4 * len(word))


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}" if number else ""


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"
