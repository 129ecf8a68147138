"""The ladder of a run: one row for each step of the graph, with what has become of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from designer.graph import Graph, Rung, Segment, ladder
from runs.engine import Reason, Status
from runs.models import StepRun

from .course import NOTHING, Course
from .looks import Look, look_of

# Where the token forks or chooses is drawn by the rail; a row of its own would say nothing.
HIDDEN = ("parallel", "choice")


@dataclass(frozen=True, slots=True)
class LadderRow:
    key: str
    name: str
    label: str
    lane: int
    lanes: int
    strokes: Sequence[tuple[Any, Any, str]]
    look: Look

    @property
    def id(self) -> str:
        return f"step-{self.key}"


def ladder_rows(
    graph: Graph, newest: Mapping[str, StepRun], *, over: bool, course: Course = NOTHING
) -> list[LadderRow]:
    """``newest`` holds the newest step run of each step that was entered."""
    shown = {
        key for key, run in newest.items() if run.status == Status.FAILED and run.reason != Reason.CAUGHT
    }
    failed_choices = any(graph.steps[key].kind == "choice" for key in shown if key in graph.steps)
    rungs = ladder(graph, hide=("parallel",) if failed_choices else HIDDEN)
    ways = {way for rung in rungs for segment in rung.segments for way in segment.ways}
    looks = {
        rung.key: look_of(graph.step(rung.key), newest.get(rung.key), over=over, course=course)
        for rung in rungs
    }
    return [_row(graph, rung, newest, ways, looks[rung.key]) for rung in rungs]


def _row(graph: Graph, rung: Rung, newest: Mapping[str, StepRun], ways: set, look: Look) -> LadderRow:
    step = graph.step(rung.key)
    return LadderRow(
        key=step.key,
        name=step.name,
        label=rung.label,
        lane=rung.lane,
        lanes=rung.lanes,
        strokes=[_stroke(segment, newest, ways) for segment in rung.segments],
        look=look,
    )


def _stroke(segment: Segment, newest: Mapping[str, StepRun], ways: set) -> tuple[Any, Any, str]:
    start: Any = "dot" if segment.part == "bottom" else ("top", segment.lane_from)
    end: Any = "dot" if segment.part == "top" else ("bottom", segment.lane_to)
    tones = {_tone(origin, target, newest, ways) for origin, target in segment.ways}
    return start, end, next((tone for tone in ("fail", "ok") if tone in tones), "idle")


def _tone(origin: str, target: str, newest: Mapping[str, StepRun], ways: set) -> str:
    """Whether the run went this way. A shortcut was not taken where the way around was."""
    if origin not in newest or target not in newest:
        return "idle"
    around = any((origin, middle) in ways and (middle, target) in ways for middle in newest)
    if around:
        return "idle"
    return "fail" if newest[target].status == Status.FAILED else "ok"
