"""The graph of a run: the drawing of its version, with what has become of each step and which lines were taken."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from designer.graph import Area, Box, Drawing, Graph, Route, Shape, fit_mono, fit_text
from runs.engine import Reason, RunStatus, Status
from runs.models import StepRun

from .course import NOTHING, Course
from .looks import Look, UndoChip, look_of
from .visits import Walked

SMALL = 11  # pixels: the size of words under a title
TICKING = 44  # pixels that a time takes beside them
CHIP_ROOM = 50  # of a chip's width, for its icon and its number
WIDEST = 1640  # pixels that a page still shows whole, a little smaller


@dataclass(frozen=True, slots=True)
class GraphNode:
    box: Box
    name: str
    look: Look | None  # none for the two circles
    tone: str
    undo: UndoChip | None
    selected: bool
    leads_to: tuple[str, ...]  # boxes one can walk to with the arrow keys
    comes_from: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.box.id

    @property
    def is_link(self) -> bool:
        """A join bar only shows its step a second time."""
        return self.look is not None and self.box.shape != Shape.JOIN

    @property
    def is_idle(self) -> bool:
        return self.tone == "idle"

    @property
    def words(self) -> str:
        """What stands under the title of a box."""
        if self.look is None or self.box.shape != Shape.BOX or self.box.caption is None:
            return ""
        room = self.box.area.right - self.box.caption.x - 8
        ticks = self.look.since or self.look.due
        return fit_text(self.look.brief, room - (TICKING if ticks else 0), SMALL)

    @property
    def icon(self) -> str:
        return self.look.icon if self.look else ""

    @property
    def is_retried(self) -> bool:
        return self.look is not None and (self.look.tries > 1 or self.look.gave_up)

    @property
    def badge(self) -> str:
        if self.look is None or not self.is_retried:
            return ""
        return f"{self.look.tries}/{self.look.limit}" if self.look.gave_up else f"{self.look.tries}"

    @property
    def badge_area(self) -> Area:
        width = 26 + 7 * len(self.badge)
        return Area(self.box.area.right - width + 7, self.box.area.y - 9, width, 18)

    @property
    def ring(self) -> Area:
        return _grown(self.box.area, 4)

    @property
    def undo_words(self) -> str:
        chip = self.box.chip
        if self.undo is None or chip is None:
            return ""
        room = chip.width - CHIP_ROOM
        fitting = fit_mono(self.undo.name, room, SMALL)
        return (
            fitting if fitting == self.undo.name else fit_mono(self.undo.name.rpartition(".")[2], room, SMALL)
        )

    @property
    def label(self) -> str:
        """What it is called by those who do not see it."""
        if self.look is None:
            return ""
        left_out = self.look.icon == "skipped" and self.look.is_idle
        told = f"{self.name}: {self.look.sub if left_out else self.look.word.lower()}"
        if self.is_retried:
            told += f", {self.look.tries} of {self.look.limit} attempts"
        if self.undo and self.undo.state not in ("ready", "skipped"):
            told += f", undo {self.undo.state}"
        return told


@dataclass(frozen=True, slots=True)
class GraphLine:
    number: int
    route: Route
    tone: str  # ok where it was taken, fail where it led to what gave up, idle


@dataclass(frozen=True)
class Picture:
    """``changed`` are the steps to send anew; None where everything is."""

    graph: Graph
    drawing: Drawing
    newest: Mapping[str, StepRun]
    walked: Walked
    status: str
    over: bool
    chosen: str
    undos: Mapping[str, UndoChip]
    changed: Collection[str] | None = None
    course: Course = NOTHING

    @property
    def fits(self) -> bool:
        return self.drawing.width <= WIDEST

    @cached_property
    def nodes(self) -> Sequence[GraphNode]:
        return [self._node(box) for box in self.drawing.boxes]

    @cached_property
    def lines(self) -> Sequence[GraphLine]:
        return [
            GraphLine(number, route, self._tone_of(route))
            for number, route in enumerate(self.drawing.routes, 1)
        ]

    @property
    def changed_nodes(self) -> Sequence[GraphNode]:
        return [node for node in self.nodes if self._has_changed(node.id)]

    @property
    def changed_lines(self) -> Sequence[GraphLine]:
        return [
            line
            for line in self.lines
            if self._has_changed(line.route.source) or self._has_changed(line.route.target)
        ]

    @property
    def skipped_undos(self) -> Sequence[GraphNode]:
        """What a rollback passes over, because it was begun and not done."""
        if not self.undos:
            return ()
        return [
            node for node in self.nodes if node.undo and node.undo.state == "skipped" and not node.is_idle
        ]

    def _has_changed(self, box: str) -> bool:
        return self.changed is None or self._boxes[box].step in self.changed

    @cached_property
    def _boxes(self) -> Mapping[str, Box]:
        return {box.id: box for box in self.drawing.boxes}

    @cached_property
    def _neighbours(self) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
        after: dict[str, tuple[str, ...]] = {}
        before: dict[str, tuple[str, ...]] = {}
        for route in self.drawing.routes:
            after[route.source] = (*after.get(route.source, ()), route.target)
            before[route.target] = (*before.get(route.target, ()), route.source)
        return after, before

    def _node(self, box: Box) -> GraphNode:
        step = self.graph.steps.get(box.step)
        newest = self.newest.get(box.step)
        look = look_of(step, newest, over=self.over, course=self.course) if step else None
        after, before = self._neighbours
        return GraphNode(
            box=box,
            name=step.name if step else "",
            look=look,
            tone=self._tone(box, look),
            undo=self.undos.get(box.step, look.undo if look else None) if box.chip else None,
            selected=bool(box.step) and box.step == self.chosen and box.shape != Shape.JOIN,
            leads_to=after.get(box.id, ()),
            comes_from=before.get(box.id, ()),
        )

    def _tone(self, box: Box, look: Look | None) -> str:
        run = self.newest.get(box.step)
        if box.shape == Shape.BEGIN:
            return "ok"
        if box.shape == Shape.END:
            return "ok" if self.status == RunStatus.SUCCEEDED and self._ends_root() else "idle"
        if box.shape == Shape.FORK:
            return "ok" if run else "idle"
        if box.shape == Shape.JOIN:
            return "ok" if self._joined(box.step) else "idle"
        if box.shape == Shape.GATE:
            return "ok" if any(self._passed(route, box.id) for route in self.drawing.routes) else "idle"
        return look.tone if look else "idle"

    def _ends_root(self) -> bool:
        return any(self._is_end(key) for key in self.walked.last)

    def _is_end(self, key: str) -> bool:
        """Whether the run, or a branch, came to its end by this step."""
        run = self.newest.get(key)
        return key in self.walked.last and run is not None and run.status in _PASSED

    def _tone_of(self, route: Route) -> str:
        if not self._taken(route):
            return "idle"
        target = self.newest.get(self._boxes[route.target].step)
        gave_up = target is not None and target.status == Status.FAILED and target.reason != Reason.CAUGHT
        return "fail" if gave_up and self._boxes[route.target].shape in (Shape.BOX, Shape.DIAMOND) else "ok"

    def _taken(self, route: Route) -> bool:
        source, target = self._boxes[route.source], self._boxes[route.target]
        if source.shape == Shape.BEGIN:
            return target.step in self.newest
        if target.shape == Shape.END:
            return self.status == RunStatus.SUCCEEDED and self._is_end(source.step)
        if target.shape == Shape.JOIN:
            return self._is_end(source.step) if source.step != target.step else self._joined(target.step)
        if target.shape == Shape.GATE:
            return self._is_end(source.step) if source.step else self._leads_to_begun(target.id)
        if source.shape in (Shape.FORK, Shape.GATE) or route.exit == "start":
            return target.step in self.newest
        if (source.step, target.step) not in self.walked.pairs:
            return False
        run = self.newest.get(source.step)
        return (
            run is None
            or (run.reason == Reason.CAUGHT) == (route.kind == "caught")
            or run.status != Status.FAILED
        )

    def _passed(self, route: Route, gate: str) -> bool:
        return gate in (route.source, route.target) and self._taken(route)

    def _leads_to_begun(self, gate: str) -> bool:
        """Whether the branch behind a gate has begun."""
        after, _ = self._neighbours
        return any(self._boxes[id].step in self.newest for id in after.get(gate, ()))

    def _joined(self, key: str) -> bool:
        run = self.newest.get(key)
        return run is not None and run.status == Status.SUCCEEDED


_PASSED = (Status.SUCCEEDED, Status.SKIPPED, Status.UNDOING, Status.UNDONE, Status.UNDO_FAILED)


def _grown(area: Area, by: int) -> Area:
    return Area(area.x - by, area.y - by, area.width + 2 * by, area.height + 2 * by)
