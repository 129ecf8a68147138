"""What the pictures of a run say of one step: its shape, its words, its tries and its undo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from designer.durations import duration_text
from designer.graph import Action, AnyStep, Compensate, Fail, Graph
from runs.engine import Reason, RunStatus, Status
from runs.models import StepRun
from runs.wording import step_wording

from .course import NOTHING, Course

LONGEST = 160  # characters of what is said
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
    key: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    icon: str
    tone: str
    word: str
    tries: int
    limit: int
    brief: str  # a few words: how long it took, what was wrong
    sub: str  # the same at length
    since: datetime | None  # it is at work since then
    due: datetime | None  # it waits until then
    undo: UndoChip | None
    is_idle: bool

    @property
    def gave_up(self) -> bool:
        return self.tone == "fail" and self.limit > 1

    @property
    def tries_tone(self) -> str:
        return "fail" if self.gave_up else "warn"


def look_of(step: AnyStep, run: StepRun | None, *, over: bool, course: Course = NOTHING) -> Look:
    """``run`` is the step's newest in a run that may be over."""
    left_out = "" if run else course.left_out.get(step.key, "")
    wording = step_wording(run.status if run else "skipped" if left_out else "", run.reason if run else "")
    doing = run is not None and run.status == Status.RUNNING
    waits = run is not None and run.ended_at is None and run.status in (Status.READY, Status.WAITING)
    undone = run is not None and run.status in UNDO_STATES and run.status != Status.SUCCEEDED
    if undone:
        wording = step_wording(Status.SUCCEEDED)
    brief, sub = ("not run", left_out) if left_out else _said(step, run, wording.word, over)
    if progress := course.progress.get(step.key):
        brief, sub = _counted(run, progress, brief), f"{progress} · {sub}"
    return Look(
        icon="review" if step.kind == "review" and run is not None else wording.icon,
        tone=wording.tone,
        word=wording.word,
        tries=run.tries if run else 0,
        limit=step.most_tries,
        brief=brief,
        sub=sub[:LONGEST],
        since=run.started_at if run and doing else None,
        due=run.due_at if run and waits else None,
        undo=(_chip_of(step, run) if run else None) or _chip_of_nothing(step, over or _is_over(run)),
        is_idle=run is None,
    )


def _counted(run: StepRun | None, progress: str, brief: str) -> str:
    """A box has room for the one or the other: what went wrong comes first."""
    return brief if run is not None and run.fault else progress


def undo_chips(
    graph: Graph, ordered: Sequence[StepRun], waiting: Sequence[StepRun], status: str
) -> list[UndoChip]:
    """What is undone, in the order of undoing: done, under way, and still to come."""
    coming = waiting if status == RunStatus.UNDOING or (ordered and status in ("failed", "cancelled")) else []
    last = max((step.undo_order or 0 for step in ordered), default=0)
    known = [_chip_of(graph.steps[step.key], step) for step in ordered if step.key in graph.steps]
    to_come = [
        _chip_of(graph.steps[step.key], step, order=order)
        for order, step in enumerate(coming, last + 1)
        if step.key in graph.steps
    ]
    return [chip for chip in (*known, *to_come) if chip is not None]


def _said(step: AnyStep, run: StepRun | None, word: str, over: bool) -> tuple[str, str]:
    """In brief, and at length."""
    if run is None:
        said = "not reached" if over else "not started"
    elif run.status == Status.FAILED and run.fault:
        word = "ended the run" if isinstance(step, Fail) else word.lower()
        brief = f"{word} · {run.fault['name']}"
        return brief, f"{brief}: {run.fault['message']}"
    elif run.reason == Reason.BACKING_OFF and run.fault and run.status == Status.READY:
        return "next try in", f"{run.fault['name']} · next try in"
    elif run.status == Status.WAITING and run.due_at and run.ended_at is None:
        return "due in", word.lower()
    elif run.started_at and run.ended_at and run.status not in (Status.CANCELLED, Status.SKIPPED):
        said = duration_text((run.ended_at - run.started_at).total_seconds())
    else:
        said = word.lower()
    return said, said


def _chip_of(step: AnyStep, run: StepRun, order: int | None = None) -> UndoChip | None:
    """``order`` is the place of one that is still to come."""
    undo = _compensation(step)
    if undo is None or run.status not in UNDO_STATES:
        return None
    state, icon = UNDO_STATES[Status(run.status)]
    if order is not None and run.status == Status.SUCCEEDED:
        state, icon = "waiting", "waiting"
    said = ""
    if run.status == Status.UNDOING and run.undo_tries:
        said = f"try {run.undo_tries} of {undo.retry.attempts}"
    elif run.undo_tries > 1:
        said = f"{run.undo_tries} tries"
    return UndoChip(undo.name, state, icon, order or run.undo_order, said, run.key)


def _is_over(run: StepRun | None) -> bool:
    return run is not None and run.ended_at is not None


def _chip_of_nothing(step: AnyStep, over: bool) -> UndoChip | None:
    """The undo of what was not done: it may still be, or it never will."""
    undo = _compensation(step)
    state, icon = ("skipped", "skipped") if over else ("ready", "undo")
    return UndoChip(undo.name, state, icon) if undo else None


def _compensation(step: AnyStep) -> Compensate | None:
    return step.compensate if isinstance(step, Action) else None
