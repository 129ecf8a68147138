"""The ladder of a definition: each step a row, with the rail beside it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from designer.graph import (
    Action,
    AnyStep,
    Choice,
    Emit,
    Fail,
    Graph,
    Loop,
    Map,
    Parallel,
    Review,
    Rung,
    RunWorkflow,
    Segment,
    SetVariables,
    Succeed,
    Wait,
    format_duration,
)

from .flow_words import said_of_flow
from .icons import icon_of
from .problems import NONE, Counts

type End = tuple[str, int] | str
type Stroke = tuple[End, End, str]


@dataclass(frozen=True, slots=True)
class LadderRow:
    key: str
    kind: str
    icon: str
    name: str
    said: str  # in a few words what it does
    is_code: bool  # whether those words are a name in programs
    label: str
    undo: str  # the step type that undoes it
    back_to: str
    lane: int
    lanes: int
    strokes: tuple[Stroke, ...]
    counts: Counts


def ladder_rows(graph: Graph, rungs: Iterable[Rung], counts: Mapping[str | None, Counts]) -> list[LadderRow]:
    rungs = tuple(rungs)
    lanes = max((rung.lanes for rung in rungs), default=1)
    return [_row(graph, rung, lanes, counts.get(rung.key, NONE)) for rung in rungs]


def _row(graph: Graph, rung: Rung, lanes: int, counts: Counts) -> LadderRow:
    step = graph.steps[rung.key]
    return LadderRow(
        key=step.key,
        kind=step.kind,
        icon=icon_of(step),
        name=step.name,
        said=said_of(step),
        is_code=isinstance(step, Action),
        label=rung.label,
        undo=undo_of(step),
        back_to=", ".join(graph.steps[key].name for key in rung.back_to),
        lane=rung.lane,
        lanes=lanes,
        strokes=tuple(_stroke(segment) for segment in rung.segments),
        counts=counts,
    )


def undo_of(step: AnyStep) -> str:
    """The step type that undoes a step; empty where none does."""
    return step.compensate.name if isinstance(step, Action) and step.compensate else ""


def said_of(step: AnyStep) -> str:
    """In a few words what a step does."""
    return said_of_flow(step) or _SAID[type(step)](step)


def _stroke(segment: Segment) -> Stroke:
    start: End = "dot" if segment.part == "bottom" else ("top", segment.lane_from)
    end: End = "dot" if segment.part == "top" else ("bottom", segment.lane_to)
    return start, end, "plain"


def _review(step: Review) -> str:
    who = ", ".join(step.reviewers.groups) or "any reviewer"
    return f"asks {who}" + (f", within {format_duration(step.due)}" if step.due else "")


def _parallel(step: Parallel) -> str:
    count = len(step.branches)
    return f"{count} branch{'' if count == 1 else 'es'}, waits for {step.join.wait_for}"


def _map(step: Map) -> str:
    several = f", {step.batch} at a time" if step.batch > 1 else ""
    return f"{_path(step.items)}, {step.max_concurrency} at once{several}"


def _loop(step: Loop) -> str:
    for word, said in (("while", step.goes_on), ("until", step.until)):
        if said:
            return f"{word} {_path(said)}"
    return "again, nobody says how often" if step.times is None else f"{_path(step.times)} times"


def _path(template: object) -> str:
    """An expression without its brackets."""
    text = "nothing yet" if template in (None, "") else str(template)
    return text.removeprefix("${").removesuffix("}").strip()


def _choice(step: Choice) -> str:
    count = len(step.options)
    return f"{count} condition{'' if count == 1 else 's'}" + (", otherwise on" if step.otherwise else "")


def _wait(step: Wait) -> str:
    if step.first:
        return f"for the first of {len(step.first)}"
    if step.signal:
        return f"for {step.signal.name or 'a signal'}"
    if step.duration:
        return f"for {step.duration}"
    return f"until {step.until}" if step.until else "for nothing yet"


_SAID: Mapping[type[AnyStep], Callable[[Any], str]] = {
    Action: lambda step: step.does or "no step type yet",
    Choice: _choice,
    Parallel: _parallel,
    Map: _map,
    Loop: _loop,
    Review: _review,
    Wait: _wait,
    Emit: lambda step: f"publishes {step.signal or 'nothing yet'}",
    RunWorkflow: lambda step: f"runs {step.runs or 'nothing yet'}",
    SetVariables: lambda step: f"sets {', '.join(step.assign) or 'nothing yet'}",
    Succeed: lambda step: "ends well",
    Fail: lambda step: f"ends with {step.error}" + (", undoing what was done" if step.compensate else ""),
}
