"""What each event does to the state. `replay` is a fold of these alone: no graph, no values, no clock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from msgspec.structs import replace

from designer.graph import ROOT

from . import events as e
from .scopes import child, index_of, is_within
from .state import ActiveStep, Ending, Fan, Fault, Lock, RunState, Scope
from .status import Reason, RunStatus, Status, check_move, check_run_move

Apply = Callable[[RunState, Any], RunState]


ACCEPTED = RunState()  # a run that nothing has happened to


def replay(events: Iterable[e.Event], state: RunState = ACCEPTED) -> RunState:
    return reduce(apply, events, state)


def apply(state: RunState, event: e.Event) -> RunState:
    """The state after ``event``. Raises IllegalMove, which no accepted event causes."""
    return replace(APPLY[type(event)](state, event), seq=state.seq + 1)


def _unchanged(state: RunState, event: e.Event) -> RunState:
    return state


def _run_started(state: RunState, event: e.RunStarted) -> RunState:
    return replace(_move_run(state, RunStatus.RUNNING), scopes={ROOT: Scope()})


def _step_entered(state: RunState, event: e.StepEntered) -> RunState:
    step = ActiveStep(no=event.no, key=event.key, scope=event.scope, status=Status.READY)
    visited = f"{event.scope}:{event.key}"
    visits = {**state.visits, visited: state.visits.get(visited, 0) + 1}
    return replace(state, last_no=event.no, visits=visits, steps={**state.steps, event.no: step})


def _attempt_ordered(state: RunState, event: e.AttemptOrdered) -> RunState:
    step = state.steps[event.no]
    waiting = Reason.BACKING_OFF if event.due > event.at else None
    return _move(
        state,
        event.no,
        step.status if step.status is Status.UNDOING else Status.READY,
        reason=waiting,
        attempt=event.attempt,
        tries=event.tries,
        losses=0,
        out=False,
        fault=event.fault,
    )


def _attempt_started(state: RunState, event: e.AttemptStarted) -> RunState:
    step = state.steps[event.no]
    if step.status is Status.READY:
        return _move(state, event.no, Status.RUNNING, reason=None, out=True)
    return _amend(state, event.no, out=True, reason=None if step.status is Status.UNDOING else step.reason)


def _attempt_closed(state: RunState, event: e.AttemptSucceeded | e.AttemptFailed) -> RunState:
    return _amend(state, event.no, out=False)


def _attempt_lost(state: RunState, event: e.AttemptLost) -> RunState:
    step = state.steps[event.no]
    lost = _amend(state, event.no, out=False, losses=step.losses + 1)
    return _move(lost, event.no, Status.READY) if step.status is Status.RUNNING else lost


def _child_ordered(state: RunState, event: e.ChildOrdered) -> RunState:
    """A run is awaited like an attempt that is out: whatever becomes of the step, its end is heard."""
    waiting = Reason.AWAITING_CHILD
    return _move(
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
    return _amend(state, event.no, tries=1)


def _child_refused(state: RunState, event: e.ChildRefused) -> RunState:
    return _amend(state, event.no, out=False)


def _child_ended(state: RunState, event: e.ChildEnded) -> RunState:
    step = state.steps[event.no]
    if step.status is Status.UNDO_FAILED:
        return _amend(state, event.no, fault=None)
    return _amend(state, event.no, out=False)


def _undo_requested(state: RunState, event: e.UndoRequested) -> RunState:
    fault = Fault(name="Undone", message="The run that started it was undone.", retryable=False)
    return replace(state, ending=Ending(status=RunStatus.CANCELLED, rollback=True, fault=fault))


def _lock_asked(state: RunState, event: e.LockAsked) -> RunState:
    step = state.steps[event.no]
    area = child(step.scope, opener=step.key, no=step.no, branch="")
    asked = _move(state, event.no, Status.WAITING, reason=Reason.AWAITING_LOCK, outside=True, fault=None)
    return replace(asked, locks={**state.locks, event.no: Lock(name=event.name, area=area)})


def _lock_granted(state: RunState, event: e.LockGranted) -> RunState:
    return _move(state, event.no, Status.READY, reason=None, outside=False)


def _lock_released(state: RunState, event: e.LockReleased) -> RunState:
    return replace(state, locks={no: lock for no, lock in state.locks.items() if no != event.no})


def _run_deadline_set(state: RunState, event: e.RunDeadlineSet) -> RunState:
    return replace(state, deadline=event.due)


def _timer_set(state: RunState, event: e.TimerSet) -> RunState:
    return _amend(state, event.no, timers=(*state.steps[event.no].timers, event.timer))


def _timer_fired(state: RunState, event: e.TimerFired) -> RunState:
    timers = tuple(name for name in state.steps[event.no].timers if name != event.timer)
    return _amend(state, event.no, timers=timers)


def _step_parked(state: RunState, event: e.StepParked) -> RunState:
    timers = () if event.fault else state.steps[event.no].timers
    return _move(
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
    return _leave(state, event.no, Status.SUCCEEDED)


def _step_failed(state: RunState, event: e.StepFailed) -> RunState:
    scope = state.scopes[state.steps[event.no].scope]
    abandoned, no = event.abandoned, event.no
    left = _abandon(state, no, event.reason) if abandoned else _leave(state, no, Status.FAILED)
    if event.next is None:
        return left
    return replace(left, scopes={**left.scopes, scope.id: replace(scope, caught=event.fault)})


def _step_skipped(state: RunState, event: e.StepSkipped) -> RunState:
    return _leave(state, event.no, Status.SKIPPED)


def _step_cancelled(state: RunState, event: e.StepCancelled) -> RunState:
    return _leave(state, event.no, Status.CANCELLED)


def _step_abandoned(state: RunState, event: e.StepAbandoned) -> RunState:
    return _abandon(state, event.no, event.reason)


def _compensation_owed(state: RunState, event: e.CompensationOwed) -> RunState:
    return _amend(state, event.no, reason=Reason.OWED, owed=state.seq + 1, out=False)


def _scope_opened(state: RunState, event: e.ScopeOpened) -> RunState:
    scope = Scope(id=event.scope, opener=event.no, branch=event.branch)
    opened = replace(state, scopes={**state.scopes, event.scope: scope})
    if (index := index_of(event.scope)) is None or (fan := state.fans.get(event.no)) is None:
        return opened
    return _refan(opened, event.no, replace(fan, newest=index, under_way=fan.under_way + 1))


def _scope_skipped(state: RunState, event: e.ScopeSkipped) -> RunState:
    scope = Scope(id=event.scope, opener=event.no, branch=event.branch, ended=True, skipped=True)
    return replace(state, scopes={**state.scopes, event.scope: scope})


def _scope_ended(state: RunState, event: e.ScopeEnded) -> RunState:
    scope = state.scopes[event.scope]
    if scope.absorbed or index_of(event.scope) is not None:  # counted, and not kept
        return _count(_without_scopes(state, [event.scope]), scope, event)
    ended = replace(scope, ended=True, last=event.last, fault=event.fault, skipped=event.skipped)
    return replace(state, scopes={**state.scopes, event.scope: ended})


def _count(state: RunState, scope: Scope, event: e.ScopeEnded) -> RunState:
    fan = state.fans.get(scope.opener)
    if fan is None or scope.absorbed:
        return state
    fan = replace(fan, under_way=fan.under_way - 1)
    if event.skipped:
        fan = replace(fan, total=fan.total - 1)
    elif event.fault is not None:
        fan = replace(fan, failed=fan.failed + 1, fault=fan.fault or event.fault)
    else:
        fan = replace(fan, succeeded=fan.succeeded + 1)
    return _refan(state, scope.opener, fan)


def _scope_joined(state: RunState, event: e.ScopeJoined) -> RunState:
    if event.absorbed:
        left = {s.id: replace(s, absorbed=True) for s in state.scopes_of(event.no) if not s.ended}
        state = replace(state, scopes={**state.scopes, **left})
    return _close_scopes(state, event.no)


def _items_listed(state: RunState, event: e.ItemsListed) -> RunState:
    return _refan(state, event.no, Fan(total=event.count, closed=event.closed))


def _items_added(state: RunState, event: e.ItemsAdded) -> RunState:
    fan = state.fans[event.no]
    return _refan(state, event.no, replace(fan, total=fan.total + event.count))


def _items_closed(state: RunState, event: e.ItemsClosed) -> RunState:
    return _refan(state, event.no, replace(state.fans[event.no], closed=True))


def _items_redriven(state: RunState, event: e.ItemsRedriven) -> RunState:
    fan = replace(state.fans[event.no], newest=-1, under_way=0, failed=0, fault=None, again=True)
    return _refan(state, event.no, fan)


def _refan(state: RunState, no: int, fan: Fan) -> RunState:
    return replace(state, fans={**state.fans, no: fan})


def _end_decided(state: RunState, event: e.EndDecided) -> RunState:
    return replace(state, ending=event.ending)


def _rollback_started(state: RunState, event: e.RollbackStarted) -> RunState:
    return replace(_move_run(state, RunStatus.UNDOING), reason=None, undo_below=state.seq + 1)


def _rollback_resumed(state: RunState, event: e.RollbackResumed) -> RunState:
    return replace(_move_run(state, RunStatus.UNDOING), reason=None)


def _undo_entered(state: RunState, event: e.UndoEntered) -> RunState:
    known = state.steps.get(event.no)
    if known is not None and known.status is Status.UNDO_FAILED:
        return _move(state, event.no, Status.UNDOING, reason=None, fault=None, tries=0)
    count = state.undo_count + 1
    if known is None:
        known = ActiveStep(no=event.no, key=event.key, scope=event.scope, status=Status.SUCCEEDED)
    check_move(known.status, Status.UNDOING)
    step = replace(
        known, status=Status.UNDOING, reason=None, attempt=event.attempt, tries=0, losses=0, order=count
    )
    below = event.completed if state.status is RunStatus.UNDOING else state.undo_below
    return replace(state, undo_below=below, undo_count=count, steps={**state.steps, event.no: step})


def _step_undone(state: RunState, event: e.StepUndone) -> RunState:
    return _leave(state, event.no, Status.UNDONE)


def _undo_failed(state: RunState, event: e.UndoFailed) -> RunState:
    return _move(
        state, event.no, Status.UNDO_FAILED, reason=Reason.DEAD_LETTERED, fault=event.fault, out=False
    )


def _dead_letter_resolved(state: RunState, event: e.DeadLetterResolved) -> RunState:
    step = state.steps[event.no]
    if step.status is Status.UNDO_FAILED and event.how is e.Resolution.SKIP:
        return _amend(state, event.no, reason=Reason.DECIDED_BY_PERSON, let_go=True)
    return _amend(state, event.no, tries=0, reason=None, fault=None)


def _run_ended(state: RunState, event: e.RunEnded) -> RunState:
    stuck = {no: step for no, step in state.steps.items() if step.status is Status.UNDO_FAILED}
    ended = _move_run(state, event.status)
    return replace(ended, reason=event.reason, steps=stuck, scopes={}, fans={}, visits={})


def _move_run(state: RunState, status: RunStatus) -> RunState:
    check_run_move(state.status, status)
    return replace(state, status=status)


def _move(state: RunState, no: int, status: Status, **changes: Any) -> RunState:
    if status is not state.steps[no].status:
        check_move(state.steps[no].status, status)
    return _amend(state, no, status=status, **changes)


def _amend(state: RunState, no: int, **changes: Any) -> RunState:
    return replace(state, steps={**state.steps, no: replace(state.steps[no], **changes)})


def _leave(state: RunState, no: int, status: Status) -> RunState:
    """The step is over: nothing of it is kept. One that owes, or has an attempt out, is not over yet."""
    step = state.steps[no]
    if (step.owed or step.out) and status not in (Status.SUCCEEDED, Status.UNDONE):
        return _abandon(state, no, Reason.OVERTAKEN)
    check_move(step.status, status)
    closed = _close_scopes(state, no)
    steps = {other: step for other, step in closed.steps.items() if other != no}
    fans = {other: fan for other, fan in closed.fans.items() if other != no} if closed.fans else closed.fans
    return replace(closed, steps=steps, fans=fans)


def _abandon(state: RunState, no: int, reason: Reason) -> RunState:
    reason = Reason.OWED if state.steps[no].owed else reason
    return _move(state, no, Status.ABANDONED, reason=reason, timers=(), fault=None)


def _close_scopes(state: RunState, no: int) -> RunState:
    return _without_scopes(state, [scope.id for scope in state.scopes_of(no)])


def _without_scopes(state: RunState, outer: Sequence[str]) -> RunState:
    """These scopes are over, and what is left of others inside them."""
    if not outer:
        return state
    closed = {inner for inner in state.scopes if any(is_within(inner, one) for one in outer)}
    visits = {where: n for where, n in state.visits.items() if where.rpartition(":")[0] not in closed}
    return replace(state, visits=visits, scopes={i: s for i, s in state.scopes.items() if i not in closed})


APPLY: Mapping[type[e.Event], Apply] = {
    e.RunStarted: _run_started,
    e.AttemptStarted: _attempt_started,
    e.AttemptSucceeded: _attempt_closed,
    e.AttemptFailed: _attempt_closed,
    e.AttemptLost: _attempt_lost,
    e.ReportRefused: _unchanged,
    e.TimerFired: _timer_fired,
    e.ReviewDecided: _unchanged,
    e.SignalReceived: _unchanged,
    e.CancelRequested: _unchanged,
    e.DeadLetterResolved: _dead_letter_resolved,
    e.StepEntered: _step_entered,
    e.AttemptOrdered: _attempt_ordered,
    e.StepParked: _step_parked,
    e.TimerSet: _timer_set,
    e.ReviewOverdue: _unchanged,
    e.SignalAwaited: _unchanged,
    e.SignalEmitted: _unchanged,
    e.BranchTaken: _unchanged,
    e.VariableSet: _unchanged,
    e.StepSucceeded: _step_succeeded,
    e.StepFailed: _step_failed,
    e.StepSkipped: _step_skipped,
    e.StepCancelled: _step_cancelled,
    e.StepAbandoned: _step_abandoned,
    e.CompensationOwed: _compensation_owed,
    e.ItemsAdded: _items_added,
    e.ItemsClosed: _items_closed,
    e.JoinForced: _unchanged,
    e.ItemsListed: _items_listed,
    e.ItemsRedriven: _items_redriven,
    e.ScopeOpened: _scope_opened,
    e.ScopeSkipped: _scope_skipped,
    e.ScopeEnded: _scope_ended,
    e.ScopeJoined: _scope_joined,
    e.EndDecided: _end_decided,
    e.RollbackStarted: _rollback_started,
    e.RollbackResumed: _rollback_resumed,
    e.UndoEntered: _undo_entered,
    e.StepUndone: _step_undone,
    e.UndoFailed: _undo_failed,
    e.RunEnded: _run_ended,
    e.ChildOrdered: _child_ordered,
    e.ChildStarted: _child_started,
    e.ChildRefused: _child_refused,
    e.ChildEnded: _child_ended,
    e.UndoRequested: _undo_requested,
    e.LockAsked: _lock_asked,
    e.LockGranted: _lock_granted,
    e.LockReleased: _lock_released,
    e.RunDeadlineSet: _run_deadline_set,
    e.RunDeadlinePassed: _unchanged,
}
