"""What events do to one step."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runs.engine import events as e
from runs.engine.scopes import child
from runs.engine.state import ActiveStep, Lock, RunState
from runs.engine.status import Reason, RunStatus, Status, check_move

from .moves import Apply, abandon, amend, leave, move


def _step_entered(state: RunState, event: e.StepEntered) -> RunState:
    step = ActiveStep(no=event.no, key=event.key, scope=event.scope, status=Status.READY, since=event.at)
    visited = f"{event.scope}:{event.key}"
    visits = {**state.visits, visited: state.visits.get(visited, 0) + 1}
    return replace(state, last_no=event.no, visits=visits, steps={**state.steps, event.no: step})


def _attempt_ordered(state: RunState, event: e.AttemptOrdered) -> RunState:
    step = state.steps[event.no]
    waiting = Reason.BACKING_OFF if event.due > event.at else None
    return move(
        state,
        event.no,
        step.status if step.status is Status.UNDOING else Status.READY,
        reason=waiting,
        attempt=event.attempt,
        tries=event.tries,
        spent=_spent(step, event.rule),
        losses=0,
        out=False,
        fault=event.fault,
    )


def _retry_ordered(state: RunState, event: e.RetryOrdered) -> RunState:
    """Nothing is left of the try before but what it has cost."""
    return move(
        state,
        event.no,
        Status.READY,
        reason=Reason.BACKING_OFF,
        tries=event.tries,
        spent=_spent(state.steps[event.no], event.rule),
        losses=0,
        timers=(),
        outside=False,
        fault=event.fault,
    )


def _spent(step: ActiveStep, rule: int | None) -> Mapping[int, int]:
    return step.spent if rule is None else {**step.spent, rule: step.spent.get(rule, 0) + 1}


def _attempt_started(state: RunState, event: e.AttemptStarted) -> RunState:
    step = state.steps[event.no]
    if step.status is Status.READY:
        return move(state, event.no, Status.RUNNING, reason=None, out=True)
    return amend(state, event.no, out=True, reason=None if step.status is Status.UNDOING else step.reason)


def _attempt_closed(state: RunState, event: e.AttemptSucceeded | e.AttemptFailed) -> RunState:
    return amend(state, event.no, out=False)


def _attempt_lost(state: RunState, event: e.AttemptLost) -> RunState:
    step = state.steps[event.no]
    lost = amend(state, event.no, out=False, losses=step.losses + 1)
    return move(lost, event.no, Status.READY) if step.status is Status.RUNNING else lost


def _child_ordered(state: RunState, event: e.ChildOrdered) -> RunState:
    """A run is awaited like an attempt that is out: whatever becomes of the step, its end is heard."""
    waiting = Reason.AWAITING_CHILD
    return move(
        state,
        event.no,
        Status.WAITING,
        reason=waiting,
        attempt=event.attempt,
        tries=0,
        out=event.awaited,
        fault=None,
    )


def _child_started(state: RunState, event: e.ChildStarted) -> RunState:
    return amend(state, event.no, tries=1)


def _child_refused(state: RunState, event: e.ChildRefused) -> RunState:
    return amend(state, event.no, out=False)


def _child_ended(state: RunState, event: e.ChildEnded) -> RunState:
    step = state.steps[event.no]
    if step.status is Status.UNDO_FAILED:
        return amend(state, event.no, fault=None)
    return amend(state, event.no, out=False)


def _lock_asked(state: RunState, event: e.LockAsked) -> RunState:
    step = state.steps[event.no]
    area = child(step.scope, opener=step.key, no=step.no, branch="")
    asked = move(state, event.no, Status.WAITING, reason=Reason.AWAITING_LOCK, outside=True, fault=None)
    return replace(asked, locks={**state.locks, event.no: Lock(name=event.name, area=area)})


def _lock_granted(state: RunState, event: e.LockGranted) -> RunState:
    return move(state, event.no, Status.READY, reason=None, outside=False)


def _lock_released(state: RunState, event: e.LockReleased) -> RunState:
    return replace(state, locks={no: lock for no, lock in state.locks.items() if no != event.no})


def _timer_set(state: RunState, event: e.TimerSet) -> RunState:
    return amend(state, event.no, timers=(*state.steps[event.no].timers, event.timer))


def _timer_fired(state: RunState, event: e.TimerFired) -> RunState:
    timers = tuple(name for name in state.steps[event.no].timers if name != event.timer)
    return amend(state, event.no, timers=timers)


def _step_parked(state: RunState, event: e.StepParked) -> RunState:
    timers = () if event.fault else state.steps[event.no].timers
    return move(
        state,
        event.no,
        Status.WAITING,
        reason=event.reason,
        fault=event.fault,
        timers=timers,
        out=event.out,
        outside=False,
    )


def _step_succeeded(state: RunState, event: e.StepSucceeded) -> RunState:
    left = leave(state, event.no, Status.SUCCEEDED)
    return _mark(left, event.scope, token=event.no) if event.hands_on else left


def _step_failed(state: RunState, event: e.StepFailed) -> RunState:
    scope, abandoned, no = state.steps[event.no].scope, event.abandoned, event.no
    left = abandon(state, no, event.reason) if abandoned else leave(state, no, Status.FAILED)
    if event.hands_on:
        left = _mark(left, scope, token=no)
    return left if event.next is None else _mark(left, scope, caught=event.fault)


def _mark(state: RunState, scope: str, **changes: Any) -> RunState:
    return replace(state, scopes={**state.scopes, scope: replace(state.scopes[scope], **changes)})


def _step_skipped(state: RunState, event: e.StepSkipped) -> RunState:
    return leave(state, event.no, Status.SKIPPED)


def _step_cancelled(state: RunState, event: e.StepCancelled) -> RunState:
    return leave(state, event.no, Status.CANCELLED)


def _step_abandoned(state: RunState, event: e.StepAbandoned) -> RunState:
    return abandon(state, event.no, event.reason)


def _compensation_owed(state: RunState, event: e.CompensationOwed) -> RunState:
    return amend(state, event.no, reason=Reason.OWED, owed=state.seq + 1, out=False)


def _undo_entered(state: RunState, event: e.UndoEntered) -> RunState:
    known = state.steps.get(event.no)
    if known is not None and known.status is Status.UNDO_FAILED:
        return move(state, event.no, Status.UNDOING, reason=None, fault=None, tries=0, spent={})
    count = state.undo_count + 1
    if known is None:
        known = ActiveStep(no=event.no, key=event.key, scope=event.scope, status=Status.SUCCEEDED)
    check_move(known.status, Status.UNDOING)
    step = replace(
        known,
        status=Status.UNDOING,
        reason=None,
        attempt=event.attempt,
        tries=0,
        spent={},
        losses=0,
        order=count,
    )
    below = event.completed if state.status is RunStatus.UNDOING else state.undo_below
    return replace(state, undo_below=below, undo_count=count, steps={**state.steps, event.no: step})


def _step_undone(state: RunState, event: e.StepUndone) -> RunState:
    return leave(state, event.no, Status.UNDONE)


def _undo_failed(state: RunState, event: e.UndoFailed) -> RunState:
    return move(
        state, event.no, Status.UNDO_FAILED, reason=Reason.DEAD_LETTERED, fault=event.fault, out=False
    )


def _dead_letter_resolved(state: RunState, event: e.DeadLetterResolved) -> RunState:
    step = state.steps[event.no]
    if step.status is Status.UNDO_FAILED and event.how is e.Resolution.SKIP:
        return amend(state, event.no, reason=Reason.DECIDED_BY_PERSON, let_go=True)
    return amend(state, event.no, tries=0, spent={}, since=event.at, reason=None, fault=None)


APPLY: Mapping[type[e.Event], Apply] = {
    e.AttemptStarted: _attempt_started,
    e.AttemptSucceeded: _attempt_closed,
    e.AttemptFailed: _attempt_closed,
    e.AttemptLost: _attempt_lost,
    e.TimerFired: _timer_fired,
    e.DeadLetterResolved: _dead_letter_resolved,
    e.StepEntered: _step_entered,
    e.AttemptOrdered: _attempt_ordered,
    e.RetryOrdered: _retry_ordered,
    e.StepParked: _step_parked,
    e.TimerSet: _timer_set,
    e.StepSucceeded: _step_succeeded,
    e.StepFailed: _step_failed,
    e.StepSkipped: _step_skipped,
    e.StepCancelled: _step_cancelled,
    e.StepAbandoned: _step_abandoned,
    e.CompensationOwed: _compensation_owed,
    e.UndoEntered: _undo_entered,
    e.StepUndone: _step_undone,
    e.UndoFailed: _undo_failed,
    e.ChildOrdered: _child_ordered,
    e.ChildStarted: _child_started,
    e.ChildRefused: _child_refused,
    e.ChildEnded: _child_ended,
    e.LockAsked: _lock_asked,
    e.LockGranted: _lock_granted,
    e.LockReleased: _lock_released,
}
