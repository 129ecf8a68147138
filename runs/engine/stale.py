"""Which facts come too late. The answer is a sentence, or None for a fact that counts."""

from collections.abc import Callable, Mapping
from typing import Any

from designer.graph import AnyStep, Choice, Graph, Map, Parallel, Review, Wait, awaited_signals, question_of

from . import events as e
from .scopes import index_of
from .state import ActiveStep, RunState
from .status import RunStatus, Status

AWAITING_REPORT = (Status.RUNNING, Status.WAITING, Status.ABANDONED, Status.UNDOING)
LEFT_OR_WAITING = (Status.WAITING, Status.ABANDONED)
AWAITING_WORKER = (Status.READY, Status.ABANDONED, Status.UNDOING)


def stale(graph: Graph, state: RunState, event: e.Event) -> str | None:
    return STALE[type(event)](graph, state, event)


def overtaken(state: RunState, event: e.Event) -> bool:
    """Whether what was to follow has been made pointless by what followed first."""
    match event:
        case e.StepEntered() | e.ScopeEnded():
            scope = state.scopes.get(event.scope)
            return scope is None or scope.ended or state.ending is not None
        case e.ScopeOpened() | e.ScopeSkipped():
            opener = state.steps.get(event.no)
            gone = opener is None or opener.status is not Status.WAITING or opener.fault is not None
            return gone or event.scope in state.scopes or _has_begun(state, event)
        case e.EndDecided():
            return state.ending is not None
        case e.UndoEntered() | e.LockReleased():
            return False
        case e.StepEvent():
            return event.no not in state.steps
    return False


def _has_begun(state: RunState, event: e.ScopeOpened | e.ScopeSkipped) -> bool:
    """Whether the item was begun by what followed from an earlier one."""
    index, fan = index_of(event.scope), state.fans.get(event.no)
    return index is not None and fan is not None and fan.newest >= index


def _run_started(graph: Graph, state: RunState, event: e.RunStarted) -> str | None:
    return None if state.status is RunStatus.READY else "the run has started already"


def _attempt_started(graph: Graph, state: RunState, event: e.AttemptStarted) -> str | None:
    step = state.steps.get(event.no)
    if step is None or step.attempt != event.attempt or step.status not in AWAITING_WORKER:
        return f"attempt {event.attempt} is not to be made"
    finished = step.status is Status.ABANDONED and step.owed
    return f"attempt {event.attempt} has been made" if step.out or finished else None


def _attempt_reported(graph: Graph, state: RunState, event: Any) -> str | None:
    step = state.steps.get(event.no)
    if step is None or step.attempt != event.attempt or not step.out or step.status not in AWAITING_REPORT:
        return f"attempt {event.attempt} is closed"
    return None


def _report_refused(graph: Graph, state: RunState, event: e.ReportRefused) -> str | None:
    return "the run is over" if state.status.is_over else None


def _timer_fired(graph: Graph, state: RunState, event: e.TimerFired) -> str | None:
    step = state.steps.get(event.no)
    return None if step and event.timer in step.timers else f"the timer “{event.timer}” is not set"


def _review_decided(graph: Graph, state: RunState, event: e.ReviewDecided) -> str | None:
    step = state.steps.get(event.no)
    if step is None or not _is_open_review(graph, step):
        return "the review is closed"
    asked = question_of(graph.step(step.key))
    if asked is not None and asked.outcome(event.outcome) is None:
        names = ", ".join(outcome.name for outcome in asked.outcomes)
        return f"the review has no outcome “{event.outcome}”; it has {names}"
    return None


def _signal_received(graph: Graph, state: RunState, event: e.SignalReceived) -> str | None:
    step = state.steps.get(event.no)
    if step is None or step.status is not Status.WAITING or step.fault is not None or step.outside:
        return f"nobody waits for the signal {event.name} any more"
    awaited = event.arrival in awaited_signals(graph.step(step.key))
    return None if awaited else f"the signal {event.name} is not what the step waits for"


def _cancel_requested(graph: Graph, state: RunState, event: e.CancelRequested) -> str | None:
    if state.status is RunStatus.READY:
        return "the run has not started yet"
    if state.status.is_over:
        return "the run is over"
    return "the run is ending already" if state.ending else None


def _dead_letter_resolved(graph: Graph, state: RunState, event: e.DeadLetterResolved) -> str | None:
    step = state.steps.get(event.no)
    if step is None:
        return "the dead letter is closed"
    if step.is_stuck and not step.let_go:
        return None
    if step.status is not Status.WAITING or step.fault is None:
        return "the dead letter is closed"
    if step.out and event.how is not e.Resolution.SKIP:
        return f"attempt {step.attempt} is still being made: wait until it has ended, or skip the step"
    definition = graph.step(step.key)
    if event.how is not e.Resolution.RETRY and _leads_on_by_itself(definition):
        return f"a {definition.kind} cannot be passed over, only retried"
    return None


def _opener_changed(graph: Graph, state: RunState, event: e.StepEvent) -> str | None:
    step = state.steps.get(event.no)
    if step is None or step.status is not Status.WAITING or step.fault is not None or step.outside:
        return "the step is over, or has not begun"
    definition = graph.step(step.key)
    if isinstance(event, e.JoinForced):
        return None if isinstance(definition, Map | Parallel) else f"a {definition.kind} has no join"
    if not isinstance(definition, Map) or event.no not in state.fans:
        return f"a {definition.kind} takes no items"
    return "the list of items is closed" if state.fans[event.no].closed else None


def _is_open_review(graph: Graph, step: ActiveStep) -> bool:
    waits = step.status is Status.WAITING and step.fault is None and not step.outside
    return waits and question_of(graph.step(step.key)) is not None


def _child_answered(graph: Graph, state: RunState, event: e.ChildStarted | e.ChildRefused) -> str | None:
    step = state.steps.get(event.no)
    waits = step is not None and step.fault is None and not step.outside and not step.tries
    if step is not None and waits and step.attempt == event.attempt and step.status in LEFT_OR_WAITING:
        return None
    return "the run that was ordered is not awaited any more"


def _child_ended(graph: Graph, state: RunState, event: e.ChildEnded) -> str | None:
    step = state.steps.get(event.no)
    if step is None or step.attempt != event.attempt:
        return "the run that was started is not awaited any more"
    if step.status in (Status.UNDOING, Status.UNDO_FAILED):
        if event.status is RunStatus.SUCCEEDED:
            return "the run that was started has not been undone yet"
        if step.status is Status.UNDO_FAILED and (event.incomplete or not step.is_stuck or step.let_go):
            return "nothing has changed about the run that was started"
        return None
    return None if step.out else "the run that was started has ended already"


def _undo_requested(graph: Graph, state: RunState, event: e.UndoRequested) -> str | None:
    if state.ending is None:
        return "the run has not ended yet"
    return None if state.ending.status is RunStatus.SUCCEEDED else "what the run did is not left standing"


def _lock_granted(graph: Graph, state: RunState, event: e.LockGranted) -> str | None:
    step = state.steps.get(event.no)
    return None if step is not None and step.outside else "the lock is not awaited any more"


def _run_deadline_passed(graph: Graph, state: RunState, event: e.RunDeadlinePassed) -> str | None:
    if state.deadline is None or state.ending is not None or state.status.is_over:
        return "the run is ending already, or has no deadline"
    return None


def _leads_on_by_itself(definition: AnyStep) -> bool:
    """Whether what happens in the step says where it leads, so that nobody can go on in its place."""
    return isinstance(definition, Choice | Review) or (
        isinstance(definition, Wait) and bool(definition.first)
    )


STALE: Mapping[type[e.Event], Callable[[Graph, RunState, Any], str | None]] = {
    e.RunStarted: _run_started,
    e.AttemptStarted: _attempt_started,
    e.AttemptSucceeded: _attempt_reported,
    e.AttemptFailed: _attempt_reported,
    e.AttemptLost: _attempt_reported,
    e.ReportRefused: _report_refused,
    e.TimerFired: _timer_fired,
    e.ReviewDecided: _review_decided,
    e.SignalReceived: _signal_received,
    e.CancelRequested: _cancel_requested,
    e.DeadLetterResolved: _dead_letter_resolved,
    e.ChildStarted: _child_answered,
    e.ChildRefused: _child_answered,
    e.ChildEnded: _child_ended,
    e.UndoRequested: _undo_requested,
    e.LockGranted: _lock_granted,
    e.RunDeadlinePassed: _run_deadline_passed,
    e.ItemsAdded: _opener_changed,
    e.ItemsClosed: _opener_changed,
    e.JoinForced: _opener_changed,
}
