"""Which facts come too late. The answer is a sentence, or None for a fact that counts."""

from collections.abc import Callable, Mapping
from typing import Any

from designer.graph import Graph, Review

from . import events as e
from .state import ActiveStep, RunState
from .status import RunStatus, Status

AWAITING_REPORT = (Status.RUNNING, Status.WAITING, Status.ABANDONED, Status.UNDOING)
AWAITING_WORKER = (Status.READY, Status.ABANDONED, Status.UNDOING)


def stale(graph: Graph, state: RunState, event: e.Event) -> str | None:
    return STALE[type(event)](graph, state, event)


def overtaken(state: RunState, event: e.Event) -> bool:
    """Whether what was to follow has been made pointless by what followed first."""
    match event:
        case e.StepEntered() | e.ScopeEnded():
            scope = state.scopes.get(event.scope)
            return scope is None or scope.ended or state.ending is not None
        case e.ScopeOpened():
            opener = state.steps.get(event.no)
            return opener is None or opener.status is not Status.WAITING or opener.fault is not None
        case e.EndDecided():
            return state.ending is not None
        case e.UndoEntered():
            return False
        case e.StepEvent():
            return event.no not in state.steps
    return False


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
    definition = graph.step(step.key)
    if isinstance(definition, Review) and definition.outcome(event.outcome) is None:
        names = ", ".join(outcome.name for outcome in definition.outcomes)
        return f"the review has no outcome “{event.outcome}”; it has {names}"
    return None


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
    if event.how is not e.Resolution.RETRY and (
        definition.kind == "choice" or isinstance(definition, Review)
    ):
        return f"a {definition.kind} cannot be passed over, only retried"
    return None


def _is_open_review(graph: Graph, step: ActiveStep) -> bool:
    return step.status is Status.WAITING and step.fault is None and isinstance(graph.step(step.key), Review)


STALE: Mapping[type[e.Event], Callable[[Graph, RunState, Any], str | None]] = {
    e.RunStarted: _run_started,
    e.AttemptStarted: _attempt_started,
    e.AttemptSucceeded: _attempt_reported,
    e.AttemptFailed: _attempt_reported,
    e.AttemptLost: _attempt_reported,
    e.ReportRefused: _report_refused,
    e.TimerFired: _timer_fired,
    e.ReviewDecided: _review_decided,
    e.CancelRequested: _cancel_requested,
    e.DeadLetterResolved: _dead_letter_resolved,
}
