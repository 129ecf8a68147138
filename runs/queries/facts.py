"""The line of facts on a run's page: what it waits for, in a few words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from designer.graph import Action, AnyStep, Graph
from runs.engine import Reason, Status
from runs.models import DeadLetter, Review, StepRun


@dataclass(frozen=True, slots=True)
class WaitingOn:
    said: str
    due: datetime | None = None  # when it will be over; nobody knows of a person


def waiting_on(
    graph: Graph,
    steps: Iterable[StepRun],
    reviews: Sequence[Review],
    letters: Sequence[tuple[str, DeadLetter]],
) -> WaitingOn | None:
    """The one thing that holds the run most: a person before a moment, a moment before a worker."""
    if letters:
        return WaitingOn(f"a person, for {letters[0][0]}")
    if reviews:
        return WaitingOn(f"{' or '.join(reviews[0].groups) or 'a reviewer'}, for {reviews[0].title}")
    living = [step for step in steps if step.ended_at is None or step.status == Status.UNDOING]
    for word in (_undo, _backoff, _moment, _other, _work):
        found = next((said for step in living if (said := word(step, graph.steps.get(step.key)))), None)
        if found:
            return found
    return None


def _undo(step: StepRun, known: AnyStep | None) -> WaitingOn | None:
    if step.status != Status.UNDOING or not isinstance(known, Action) or known.compensate is None:
        return None
    undo = known.compensate
    return WaitingOn(f"{undo.name}, try {max(1, step.undo_tries)} of {undo.retry.attempts}", step.due_at)


def _backoff(step: StepRun, known: AnyStep | None) -> WaitingOn | None:
    if step.reason != Reason.BACKING_OFF or not isinstance(known, Action):
        return None
    return WaitingOn(f"{known.name}, try {step.tries} of {known.most_tries}", step.due_at)


def _moment(step: StepRun, known: AnyStep | None) -> WaitingOn | None:
    if known is None:
        return None
    if step.reason == Reason.AWAITING_SIGNAL:
        return WaitingOn(f"a signal, for {known.name}", step.due_at)
    if step.reason != Reason.AWAITING_TIMER:
        return None
    return WaitingOn(known.name, step.due_at)


def _other(step: StepRun, known: AnyStep | None) -> WaitingOn | None:
    """Another run: the one that it has started, or who holds its lock."""
    if known is None or step.reason not in (Reason.AWAITING_CHILD, Reason.AWAITING_LOCK):
        return None
    said = (
        f"the run of {known.name}" if step.reason == Reason.AWAITING_CHILD else f"its lock, for {known.name}"
    )
    return WaitingOn(said)


def _work(step: StepRun, known: AnyStep | None) -> WaitingOn | None:
    if step.status not in (Status.RUNNING, Status.READY) or known is None or known.kind == "parallel":
        return None
    tries = f", try {step.tries} of {known.most_tries}" if step.tries > 1 else ""
    return WaitingOn(("a worker for " if step.status == Status.READY else "") + known.name + tries)
