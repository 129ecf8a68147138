"""Carrying out what the engine orders, in the transaction that records the decision."""

import json
from collections.abc import Callable, Iterable, Mapping
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
    OpenDeadLetter,
    OpenReview,
    PerformStep,
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
)
from runs.models import DeadLetter, Review, ReviewEntry, Subscription, Work
from runs.models.people import DeadLetterStatus, ReviewStatus
from runs.models.work import WorkKind

from .children import start_child, tell_child
from .locks import give_up, queue_up
from .orders import SOON, Orders
from .record import Record
from .signals import emitted


def carry_out(commands: Iterable[Command], orders: Orders, record: Record) -> None:
    for command in commands:
        CARRY_OUT[type(command)](orders, command, record)


def _perform_step(orders: Orders, command: PerformStep, record: Record) -> None:
    attempt = orders.attempt(command, record)
    if command.due <= timezone.now() and command.inputs is not AS_BEFORE:
        orders.hand_out(attempt)
    else:
        orders.order(attempt)


def _set_timer(orders: Orders, command: SetTimer, record: Record) -> None:
    timer = {"kind": WorkKind.TIMER, "no": command.no, "timer": command.timer, "due_at": command.due}
    orders.ordered.append(orders.blank | timer)
    orders.ordered_soon |= command.due <= timezone.now() + SOON


def _retract(orders: Orders, command: Retract, record: Record) -> None:
    orders.let_go(command.no)
    _take_back(orders, command.no, WorkKind.ATTEMPT, WorkKind.TIMER)


def _retract_attempt(orders: Orders, command: RetractAttempt, record: Record) -> None:
    orders.let_go(command.no)
    _take_back(orders, command.no, WorkKind.ATTEMPT)


def _clear_timers(orders: Orders, command: ClearTimers, record: Record) -> None:
    _take_back(orders, command.no, WorkKind.TIMER)


def _take_back(orders: Orders, no: int, *kinds: WorkKind) -> None:
    orders.ordered = [work for work in orders.ordered if work["no"] != no or work["kind"] not in kinds]
    Work.objects.filter(run=orders.run, no=no, kind__in=kinds).delete()


def _open_review(orders: Orders, command: OpenReview, record: Record) -> None:
    key, now = record.key_of(command.no), timezone.now()
    graph = graph_of(orders.run.version_id)
    step = question_of(graph.step(key))
    assert step is not None
    review = Review.objects.create(
        run=orders.run,
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


def _remind_reviewers(orders: Orders, command: RemindReviewers, record: Record) -> None:
    review = Review.objects.filter(run=orders.run, no=command.no, status=ReviewStatus.OPEN).first()
    if review is not None:
        now = timezone.now()
        if command.escalate:
            Review.objects.filter(pk=review.pk).update(escalated_at=now)
        verb = "escalated" if command.escalate else "reminded"
        ReviewEntry.objects.create(review=review, verb=verb, at=now)


def _close_review(orders: Orders, command: CloseReview, record: Record) -> None:
    open_one = Review.objects.filter(run=orders.run, no=command.no, status=ReviewStatus.OPEN)
    for pk in list(open_one.values_list("pk", flat=True)):
        now, said = timezone.now(), {"outcome": command.outcome}
        Review.objects.filter(pk=pk).update(
            status=ReviewStatus.DECIDED, decision_reason=command.reason, decided_at=now, **said
        )
        ReviewEntry.objects.create(review_id=pk, verb="decided", text=command.reason, at=now, **said)


def _withdraw_review(orders: Orders, command: WithdrawReview, record: Record) -> None:
    Review.objects.filter(run=orders.run, no=command.no, status=ReviewStatus.OPEN).update(
        status=ReviewStatus.WITHDRAWN
    )


def _subscribe(orders: Orders, command: Subscribe, record: Record) -> None:
    """Whether a signal is kept for it is looked at once others can see that it waits."""
    told = {"no": command.no, "arrival": command.arrival, "name": command.name, "key": command.key}
    orders.subscriptions.append(Subscription(run=orders.run, **told))
    look = {"kind": WorkKind.LISTEN, "no": command.no, "timer": command.arrival, "due_at": timezone.now()}
    orders.ordered.append(orders.blank | look)
    orders.ordered_soon = True


def _unsubscribe(orders: Orders, command: Unsubscribe, record: Record) -> None:
    orders.subscriptions = [one for one in orders.subscriptions if one.no != command.no]
    Subscription.objects.filter(run=orders.run, no=command.no).delete()
    _take_back(orders, command.no, WorkKind.LISTEN)


def _publish(orders: Orders, command: Publish, record: Record) -> None:
    signal = emitted(orders.run, command)
    order = {"kind": WorkKind.PUBLISH, "no": command.no, "signal_id": signal.pk, "due_at": timezone.now()}
    orders.ordered.append(orders.blank | order)
    orders.ordered_soon = True


def _open_dead_letter(orders: Orders, command: OpenDeadLetter, record: Record) -> None:
    DeadLetter.objects.create(
        run=orders.run,
        no=command.no,
        key=record.key_of(command.no),
        phase=command.phase,
        fault=msgspec.to_builtins(command.fault),
        opened_at=timezone.now(),
    )


def _close_dead_letter(orders: Orders, command: CloseDeadLetter, record: Record) -> None:
    DeadLetter.objects.filter(run=orders.run, no=command.no, status=DeadLetterStatus.OPEN).update(
        status=DeadLetterStatus.CLOSED
    )


def _start_child(orders: Orders, command: StartChild, record: Record) -> None:
    record.change(command.no, input=record.keeper.seal(dict(command.inputs)))
    key = record.key_of(command.no)
    orders.answers.append(start_child(orders.run, key, command))


def _cancel_child(orders: Orders, command: CancelChild, record: Record) -> None:
    told = tell_child(orders.run, command.no, command.attempt, WorkKind.CANCEL, undo=command.undo)
    orders.order_now(told)


def _undo_child(orders: Orders, command: UndoChild, record: Record) -> None:
    orders.order_now(tell_child(orders.run, command.no, command.attempt, WorkKind.UNDO))


def _acquire_lock(orders: Orders, command: AcquireLock, record: Record) -> None:
    orders.order_now(queue_up(orders.run, command.no, command.name))


def _release_lock(orders: Orders, command: ReleaseLock, record: Record) -> None:
    orders.order_now(give_up(orders.run, command.no, command.name))


CARRY_OUT: Mapping[type[Command], Callable[[Orders, Any, Record], None]] = {
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
