"""The ladder of a run: one row for each step of the graph, with what has become of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from designer.graph import Action, AnyStep, Compensate, Fail, Graph, Rung, Segment, ladder
from runs.engine import Reason, RunStatus, Status
from runs.models import StepRun
from runs.wording import step_wording

# Where the token forks or chooses is drawn by the rail; a row of its own would say nothing.
HIDDEN = ("parallel", "choice")
UNDO_STATES = {
    Status.UNDONE: ("done", "comp"),
    Status.UNDOING: ("running", "retry"),
    Status.UNDO_FAILED: ("failed", "fail"),
    Status.SUCCEEDED: ("ready", "undo"),
}


@dataclass(frozen=True, slots=True)
class UndoChip:
    name: str
    state: str  # ready, waiting, running, done, failed or skipped
    icon: str
    order: int | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class LadderRow:
    key: str
    name: str
    label: str
    lane: int
    lanes: int
    strokes: Sequence[tuple[Any, Any, str]]
    icon: str
    tone: str
    is_idle: bool
    tries: int
    limit: int
    sub: str
    since: datetime | None
    due: datetime | None
    undo: UndoChip | None

    @property
    def gave_up(self) -> bool:
        return self.tone == "fail" and self.limit > 1

    @property
    def tries_tone(self) -> str:
        return "fail" if self.gave_up else "warn"


def ladder_rows(graph: Graph, newest: Mapping[str, StepRun], *, over: bool) -> list[LadderRow]:
    """``newest`` holds the newest step run of each step that was entered."""
    shown = {
        key for key, run in newest.items() if run.status == Status.FAILED and run.reason != Reason.CAUGHT
    }
    failed_choices = any(graph.steps[key].kind == "choice" for key in shown if key in graph.steps)
    rungs = ladder(graph, hide=("parallel",) if failed_choices else HIDDEN)
    ways = {way for rung in rungs for segment in rung.segments for way in segment.ways}
    return [_row(graph, rung, newest, ways, over) for rung in rungs]


def undo_chips(
    graph: Graph, ordered: Sequence[StepRun], waiting: Sequence[StepRun], status: str
) -> list[UndoChip]:
    """What is undone, in the order of undoing: done, under way, and still to come."""
    coming = waiting if status == RunStatus.UNDOING or (ordered and status in ("failed", "cancelled")) else []
    return [chip for step in (*ordered, *coming) if (chip := _chip(graph, step, bool(coming))) is not None]


def _row(graph: Graph, rung: Rung, newest: Mapping[str, StepRun], ways: set, over: bool) -> LadderRow:
    step, run = graph.step(rung.key), newest.get(rung.key)
    wording = step_wording(run.status if run else "", run.reason if run else "")
    doing = run is not None and run.status == Status.RUNNING
    waits = run is not None and run.ended_at is None and run.status in (Status.READY, Status.WAITING)
    undone = run is not None and run.status in UNDO_STATES and run.status != Status.SUCCEEDED
    if undone:
        wording = step_wording(Status.SUCCEEDED)
    return LadderRow(
        key=step.key,
        name=step.name,
        label=rung.label,
        lane=rung.lane,
        lanes=rung.lanes,
        strokes=[_stroke(segment, newest, ways) for segment in rung.segments],
        icon="review" if step.kind == "review" and run is not None else wording.icon,
        tone=wording.tone,
        is_idle=run is None,
        tries=run.tries if run else 0,
        limit=step.retry.attempts if isinstance(step, Action) else 1,
        sub=_sub(step, run, wording.word, over),
        since=run.started_at if run and doing else None,
        due=run.due_at if run and waits else None,
        undo=_chip(graph, run, False) if run else _unreached_chip(step, over),
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


def _sub(step: AnyStep, run: StepRun | None, word: str, over: bool) -> str:
    if run is None:
        return "not reached" if over else "not started"
    if run.status == Status.FAILED and run.fault:
        word = "ended the run" if isinstance(step, Fail) else word.lower()
        return f"{word} · {run.fault['name']}: {run.fault['message']}"[:160]
    if run.reason == Reason.BACKING_OFF and run.fault and run.status == Status.READY:
        return f"{run.fault['name']} · next try in"
    if run.started_at and run.ended_at and run.status not in (Status.CANCELLED, Status.SKIPPED):
        return _took((run.ended_at - run.started_at).total_seconds())
    return word.lower()


def _took(seconds: float) -> str:
    return (
        f"{seconds:.2f} s"
        if seconds < 1
        else f"{seconds:.1f} s"
        if seconds < 60
        else f"{seconds / 60:.1f} min"
    )


def _chip(graph: Graph, run: StepRun, rolling_back: bool) -> UndoChip | None:
    undo = _compensation(graph.steps.get(run.key))
    if undo is None or run.status not in UNDO_STATES:
        return None
    state, icon = UNDO_STATES[Status(run.status)]
    if rolling_back and run.status == Status.SUCCEEDED:
        state, icon = "waiting", "waiting"
    said = ""
    if run.status == Status.UNDOING and run.undo_tries:
        said = f"try {run.undo_tries} of {undo.retry.attempts}"
    elif run.undo_tries > 1:
        said = f"{run.undo_tries} tries"
    return UndoChip(_short(undo), state, icon, run.undo_order, said)


def _unreached_chip(step: AnyStep, over: bool) -> UndoChip | None:
    undo = _compensation(step)
    return (
        UndoChip(_short(undo), "skipped" if over else "ready", "skipped" if over else "undo")
        if undo
        else None
    )


def _compensation(step: AnyStep | None) -> Compensate | None:
    return step.compensate if isinstance(step, Action) else None


def _short(undo: Compensate) -> str:
    return undo.does.partition("@")[0]
