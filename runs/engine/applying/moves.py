"""The few ways in which a state changes; each move is checked against the tables of `status`."""

from collections.abc import Callable, Collection
from typing import Any

from msgspec.structs import replace

from runs.engine import events as e
from runs.engine.scopes import inside
from runs.engine.state import RunState
from runs.engine.status import Reason, RunStatus, Status, check_move, check_run_move

Apply = Callable[[RunState, Any], RunState]


def move_run(state: RunState, status: RunStatus) -> RunState:
    check_run_move(state.status, status)
    return replace(state, status=status)


def move(state: RunState, no: int, status: Status, **changes: Any) -> RunState:
    if status is not state.steps[no].status:
        check_move(state.steps[no].status, status)
    return amend(state, no, status=status, **changes)


def amend(state: RunState, no: int, **changes: Any) -> RunState:
    return replace(state, steps={**state.steps, no: replace(state.steps[no], **changes)})


def leave(state: RunState, no: int, status: Status) -> RunState:
    """The step is over: nothing of it is kept. One that owes, or has an attempt out, is not over yet."""
    step = state.steps[no]
    if (step.owed or step.out) and status not in (Status.SUCCEEDED, Status.UNDONE):
        return abandon(state, no, Reason.OVERTAKEN)
    check_move(step.status, status)
    closed = close_scopes(state, no)
    steps, fans = dict(closed.steps), dict(closed.fans)
    del steps[no]
    fans.pop(no, None)
    return replace(closed, steps=steps, fans=fans)


def abandon(state: RunState, no: int, reason: Reason) -> RunState:
    reason = Reason.OWED if state.steps[no].owed else reason
    return move(state, no, Status.ABANDONED, reason=reason, timers=(), fault=None)


def close_scopes(state: RunState, no: int) -> RunState:
    return without_scopes(state, [scope.id for scope in state.scopes_of(no)])


def without_scopes(state: RunState, outer: Collection[str]) -> RunState:
    """These scopes are over, and what is left of others inside them."""
    if not outer:
        return state
    closed = inside(outer, state.scopes)
    theirs = tuple(f"{scope}:" for scope in closed)
    visits = {where: n for where, n in state.visits.items() if not where.startswith(theirs)}
    return replace(state, visits=visits, scopes={i: s for i, s in state.scopes.items() if i not in closed})


def unchanged(state: RunState, event: e.Event) -> RunState:
    return state
