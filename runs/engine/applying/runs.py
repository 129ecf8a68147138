"""What events do to the run as a whole: it starts, ends, is undone."""

from collections.abc import Mapping

from msgspec.structs import replace

from designer.graph import ROOT
from runs.engine import events as e
from runs.engine.state import Ending, Fault, RunState, Scope
from runs.engine.status import RunStatus, Status

from .moves import Apply, move_run


def _run_started(state: RunState, event: e.RunStarted) -> RunState:
    return replace(move_run(state, RunStatus.RUNNING), scopes={ROOT: Scope()})


def _run_deadline_set(state: RunState, event: e.RunDeadlineSet) -> RunState:
    return replace(state, deadline=event.due)


def _end_decided(state: RunState, event: e.EndDecided) -> RunState:
    return replace(state, ending=event.ending)


def _rollback_started(state: RunState, event: e.RollbackStarted) -> RunState:
    return replace(move_run(state, RunStatus.UNDOING), reason=None, undo_below=state.seq + 1)


def _rollback_resumed(state: RunState, event: e.RollbackResumed) -> RunState:
    return replace(move_run(state, RunStatus.UNDOING), reason=None)


def _run_ended(state: RunState, event: e.RunEnded) -> RunState:
    stuck = {no: step for no, step in state.steps.items() if step.status is Status.UNDO_FAILED}
    ended = move_run(state, event.status)
    return replace(ended, reason=event.reason, steps=stuck, scopes={}, fans={}, visits={})


def _undo_requested(state: RunState, event: e.UndoRequested) -> RunState:
    fault = Fault(name="Undone", message="The run that started it was undone.", retryable=False)
    return replace(state, ending=Ending(status=RunStatus.CANCELLED, rollback=True, fault=fault))


APPLY: Mapping[type[e.Event], Apply] = {
    e.RunStarted: _run_started,
    e.EndDecided: _end_decided,
    e.RollbackStarted: _rollback_started,
    e.RollbackResumed: _rollback_resumed,
    e.RunEnded: _run_ended,
    e.UndoRequested: _undo_requested,
    e.RunDeadlineSet: _run_deadline_set,
}
