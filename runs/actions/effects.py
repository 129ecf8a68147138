"""Carrying out what the engine orders, in the transaction that records the decision."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.utils import timezone

from designer.graph import Graph, Outcome, approvals_needed, question_of
from designer.graph import Review as ReviewStep
from designer.versions import graph_of
from runs.engine import (
    AS_BEFORE,
    AcquireLock,
    CancelChild,
    ClearTimers,
    CloseDeadLetter,
    CloseReview,
    Command,
    Event,
    OpenDeadLetter,
    OpenReview,
    PerformStep,
    Phase,
    Publish,
    ReleaseLock,
    RemindReviewers,
    Retract,
    RetractAttempt,
    SetTimer,
    StartChild,
    Subscribe,
    UndoChild,
    Unsubscribe,
    WithdrawReview,
    events,
)
from runs.models import DeadLetter, Review, ReviewEntry, Run, StepRun, Subscription, Work
from runs.models.people import DeadLetterStatus, ReviewStatus
from runs.models.work import WorkKind

from . import statements
from .assignments import Assignment, Grip, assignment_of
from .children import start_child, tell_child, tell_parent
from .columns import blank
from .locks import give_up, queue_up
from .record import Record
from .signals import emitted

BLANK = blank(Work)
SOON = timedelta(seconds=1)  # what is due sooner than a broker's next look needs the bell


class Effects:
    """Gathers the work that a transaction orders about one run."""

    def __init__(self, run: Run, grip: Grip | None):
        self.run = run
        self.blank = BLANK | {"run_id": run.pk, "lane": run.lane}
        self.grip = grip
        self.ordered: list[dict[str, Any]] = []
        self.subscriptions: list[Subscription] = []
        self.kept: list[Kept] = []
        self.begun: list[Kept] = []  # those of them that have not been told to the run
        self.ordered_soon = False
        self.written = False
        self.answers: list[Event] = []

    def carry_out(self, commands: Iterable[Command], record: Record) -> list[Event]:
        """The facts that follow at once: the attempts that the worker goes on with have started."""
        for command in commands:
            CARRY_OUT[type(command)](self, command, record)
        begun, self.begun = self.begun, []
        return [kept.started() for kept in begun]

    def answered(self) -> list[Event]:
        """What the orders have brought about already. It comes before any other fact."""
        answers, self.answers = self.answers, []
        return answers

    def tell_parent(self) -> None:
        """The run that started this one, if it waits, hears that it has ended."""
        self.order_now(tell_parent(self.run))

    def order_now(self, work: dict[str, Any] | None) -> None:
        if work is not None:
            self.ordered.append(self.blank | work)
            self.ordered_soon = True

    def let_go(self, no: int) -> None:
        """The worker does not go on with this step after all: what followed has overtaken it."""
        self.kept = [kept for kept in self.kept if kept.row["no"] != no]
        self.begun = [kept for kept in self.begun if kept.row["no"] != no]

    def write(self, trip: statements.Trip) -> None:
        self.written = True
        if self.subscriptions:
            Subscription.objects.bulk_create(self.subscriptions)
        trip.insert(Work, self.ordered)
        for kept in self.kept:
            kept.written = trip.insert_one(Work, kept.row)

    def assignments(self) -> list[Assignment]:
        """What the worker goes on with, once it is written."""
        return [kept.assignment(self.run) for kept in self.kept]


@dataclass(slots=True)
class Kept:
    """An attempt that the worker goes on with itself: its work is written as claimed already."""

    row: dict[str, Any]
    key: str
    inputs: Any
    written: statements.Answer = field(default_factory=statements.Answer)

    def started(self) -> Event:
        at, no, attempt = self.row["claimed_at"], self.row["no"], self.row["attempt"]
        who = str(self.row["worker"])
        return events.AttemptStarted(at=at, no=no, attempt=attempt, phase=self.row["phase"], worker=who)

    def assignment(self, run: Run) -> Assignment:
        [[pk]] = self.written.rows
        return assignment_of(run, self.row | {"id": pk}, self.key, self.inputs)


def _perform_step(effects: Effects, command: PerformStep, record: Record) -> None:
    if command.inputs is not AS_BEFORE:
        column = "input" if command.phase is Phase.DO else "undo_input"
        record.change(command.no, **{column: record.keeper.seal(command.inputs)})
    work = effects.blank | {
        "kind": WorkKind.ATTEMPT,
        "no": command.no,
        "attempt": command.attempt,
        "phase": command.phase,
        "does": command.does,
        "timeout": command.timeout,
        "due_at": command.due,
    }
    now = timezone.now()
    grip, at_once = effects.grip, command.due <= now and command.inputs is not AS_BEFORE
    if grip is not None and at_once and grip.takes(command.does, first=not effects.kept):
        work |= {"worker": grip.worker, "token": 1, "claimed_at": now}
        kept = Kept(work, _step_key(effects, command.no, record), command.inputs)
        effects.kept.append(kept)
        effects.begun.append(kept)
    else:
        effects.ordered.append(work)
        effects.ordered_soon |= command.due <= now + SOON


def _set_timer(effects: Effects, command: SetTimer, record: Record) -> None:
    timer = {"kind": WorkKind.TIMER, "no": command.no, "timer": command.timer, "due_at": command.due}
    effects.ordered.append(effects.blank | timer)
    effects.ordered_soon |= command.due <= timezone.now() + SOON


def _retract(effects: Effects, command: Retract, record: Record) -> None:
    effects.let_go(command.no)
    _take_back(effects, command.no, WorkKind.ATTEMPT, WorkKind.TIMER)


def _retract_attempt(effects: Effects, command: RetractAttempt, record: Record) -> None:
    effects.let_go(command.no)
    _take_back(effects, command.no, WorkKind.ATTEMPT)


def _clear_timers(effects: Effects, command: ClearTimers, record: Record) -> None:
    _take_back(effects, command.no, WorkKind.TIMER)


def _take_back(effects: Effects, no: int, *kinds: WorkKind) -> None:
    effects.ordered = [work for work in effects.ordered if work["no"] != no or work["kind"] not in kinds]
    Work.objects.filter(run=effects.run, no=no, kind__in=kinds).delete()


def _open_review(effects: Effects, command: OpenReview, record: Record) -> None:
    key, now = _step_key(effects, command.no, record), timezone.now()
    graph = graph_of(effects.run.version_id)
    step = question_of(graph.step(key))
    assert step is not None
    review = Review.objects.create(
        run=effects.run,
        no=command.no,
        key=key,
        title=step.name,
        groups=list(step.reviewers.groups),
        four_eyes=step.reviewers.four_eyes,
        evidence=[{"label": label, "value": _shown(value)} for label, value in command.evidence],
        editable=dict(command.editable),
        outcomes=[_offered(graph, step, outcome) for outcome in step.outcomes],
        opened_at=now,
        due_at=command.due,
    )
    ReviewEntry.objects.create(review=review, verb="opened", at=now)


def _offered(graph: Graph, step: ReviewStep, outcome: Outcome) -> dict[str, Any]:
    written: dict[str, Any] = msgspec.to_builtins(outcome)
    return written | {"approvals": approvals_needed(graph, step, outcome)}


def _shown(value: Any) -> Any:
    """Evidence is read in one go with its review; nobody reads what would not fit."""
    size = len(json.dumps(value, ensure_ascii=False).encode())
    return value if size <= settings.CHOREO_INLINE_LIMIT else f"({size:,} bytes, too large to show here)"


def _remind_reviewers(effects: Effects, command: RemindReviewers, record: Record) -> None:
    review = Review.objects.filter(run=effects.run, no=command.no, status=ReviewStatus.OPEN).first()
    if review is not None:
        now = timezone.now()
        if command.escalate:
            Review.objects.filter(pk=review.pk).update(escalated_at=now)
        verb = "escalated" if command.escalate else "reminded"
        ReviewEntry.objects.create(review=review, verb=verb, at=now)


def _close_review(effects: Effects, command: CloseReview, record: Record) -> None:
    open_one = Review.objects.filter(run=effects.run, no=command.no, status=ReviewStatus.OPEN)
    for pk in list(open_one.values_list("pk", flat=True)):
        now, said = timezone.now(), {"outcome": command.outcome}
        Review.objects.filter(pk=pk).update(
            status=ReviewStatus.DECIDED, decision_reason=command.reason, decided_at=now, **said
        )
        ReviewEntry.objects.create(review_id=pk, verb="decided", text=command.reason, at=now, **said)


def _withdraw_review(effects: Effects, command: WithdrawReview, record: Record) -> None:
    Review.objects.filter(run=effects.run, no=command.no, status=ReviewStatus.OPEN).update(
        status=ReviewStatus.WITHDRAWN
    )


def _subscribe(effects: Effects, command: Subscribe, record: Record) -> None:
    """Whether a signal is kept for it is looked at once others can see that it waits."""
    told = {"no": command.no, "arrival": command.arrival, "name": command.name, "key": command.key}
    effects.subscriptions.append(Subscription(run=effects.run, **told))
    look = {"kind": WorkKind.LISTEN, "no": command.no, "timer": command.arrival, "due_at": timezone.now()}
    effects.ordered.append(effects.blank | look)
    effects.ordered_soon = True


def _unsubscribe(effects: Effects, command: Unsubscribe, record: Record) -> None:
    effects.subscriptions = [one for one in effects.subscriptions if one.no != command.no]
    Subscription.objects.filter(run=effects.run, no=command.no).delete()
    _take_back(effects, command.no, WorkKind.LISTEN)


def _publish(effects: Effects, command: Publish, record: Record) -> None:
    signal = emitted(effects.run, command)
    order = {"kind": WorkKind.PUBLISH, "no": command.no, "signal_id": signal.pk, "due_at": timezone.now()}
    effects.ordered.append(effects.blank | order)
    effects.ordered_soon = True


def _open_dead_letter(effects: Effects, command: OpenDeadLetter, record: Record) -> None:
    DeadLetter.objects.create(
        run=effects.run,
        no=command.no,
        key=_step_key(effects, command.no, record),
        phase=command.phase,
        fault=msgspec.to_builtins(command.fault),
        opened_at=timezone.now(),
    )


def _close_dead_letter(effects: Effects, command: CloseDeadLetter, record: Record) -> None:
    DeadLetter.objects.filter(run=effects.run, no=command.no, status=DeadLetterStatus.OPEN).update(
        status=DeadLetterStatus.CLOSED
    )


def _step_key(effects: Effects, no: int, record: Record) -> str:
    if no in record.entered:
        return str(record.entered[no]["key"])
    return StepRun.objects.only("key").get(run=effects.run, no=no).key


def _start_child(effects: Effects, command: StartChild, record: Record) -> None:
    record.change(command.no, input=record.keeper.seal(dict(command.inputs)))
    key = _step_key(effects, command.no, record)
    effects.answers.append(start_child(effects.run, key, command))


def _cancel_child(effects: Effects, command: CancelChild, record: Record) -> None:
    told = tell_child(effects.run, command.no, command.attempt, WorkKind.CANCEL, undo=command.undo)
    effects.order_now(told)


def _undo_child(effects: Effects, command: UndoChild, record: Record) -> None:
    effects.order_now(tell_child(effects.run, command.no, command.attempt, WorkKind.UNDO))


def _acquire_lock(effects: Effects, command: AcquireLock, record: Record) -> None:
    effects.order_now(queue_up(effects.run, command.no, command.name))


def _release_lock(effects: Effects, command: ReleaseLock, record: Record) -> None:
    effects.order_now(give_up(effects.run, command.no, command.name))


CARRY_OUT: Mapping[type[Command], Callable[[Effects, Any, Record], None]] = {
    PerformStep: _perform_step,
    SetTimer: _set_timer,
    Retract: _retract,
    RetractAttempt: _retract_attempt,
    ClearTimers: _clear_timers,
    OpenReview: _open_review,
    RemindReviewers: _remind_reviewers,
    CloseReview: _close_review,
    Subscribe: _subscribe,
    Unsubscribe: _unsubscribe,
    Publish: _publish,
    WithdrawReview: _withdraw_review,
    OpenDeadLetter: _open_dead_letter,
    CloseDeadLetter: _close_dead_letter,
    StartChild: _start_child,
    CancelChild: _cancel_child,
    UndoChild: _undo_child,
    AcquireLock: _acquire_lock,
    ReleaseLock: _release_lock,
}
