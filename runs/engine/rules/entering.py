"""Entering a step, by its kind; and a dead letter's second chance."""

from collections.abc import Callable, Mapping

from designer.graph import MOST_NESTING
from runs.engine import events as e
from runs.engine.situation import Situation
from runs.engine.state import ActiveStep, Fault
from runs.engine.status import Reason, Status

from . import action, children, choice, items, locking, parallel, rounds, signals, waiting
from .allowing import objection
from .derived import Derived
from .leaving import end_run, fail, give_up, release, succeed

ENTER: Mapping[str, Callable[[Situation, ActiveStep], Derived]] = {
    "action": action.enter,
    "choice": choice.enter_choice,
    "parallel": parallel.enter,
    "map": items.enter,
    "loop": rounds.enter,
    "review": waiting.enter_review,
    "wait": waiting.enter_wait,
    "emit": signals.enter_emit,
    "workflow": children.enter,
    "set": choice.enter_set,
    "succeed": choice.enter_succeed,
    "fail": choice.enter_fail,
}


def enter(sit: Situation, event: e.StepEntered) -> Derived:
    step = sit.state.steps[event.no]
    if (fault := _too_much(sit, step)) is not None:
        return end_run(sit, step, fault)
    visits = sit.state.visits[f"{event.scope}:{event.key}"]
    if visits > sit.graph.visit_limit:
        message = (
            f"{event.key} was entered {sit.graph.visit_limit} times, which is the workflow's visit limit."
        )
        # No fallback: it might lead round again, and that without a worker's step on the way.
        return give_up(sit, step, Fault(name="VisitLimit", message=message, step=event.key, retryable=False))
    return _begin(sit, step)


def _too_much(sit: Situation, step: ActiveStep) -> Fault | None:
    """Why the run as a whole is too large to go on: what is around the step could not mend it."""
    if sit.state.seq > sit.values.most_events:
        message = f"The run's journal has more than {sit.values.most_events:,} entries."
        return Fault(name="TooManyEvents", message=message, step=step.key, retryable=False)
    # What encloses them is under way too, and counts for little.
    if len(sit.state.steps) > sit.values.most_at_once + MOST_NESTING:
        message = f"More than {sit.values.most_at_once:,} steps of the run are under way at once."
        return Fault(name="TooManyAtOnce", message=message, step=step.key, retryable=False)
    return None


def lock_granted(sit: Situation, event: e.LockGranted) -> Derived:
    return _begin(sit, sit.state.steps[event.no], let_in=True)


def _begin(sit: Situation, step: ActiveStep, *, let_in: bool = False) -> Derived:
    """Really enter the step, if it may be made now and once it holds its lock."""
    definition = sit.definition(step)
    if (fault := objection(sit, step)) is not None:
        return fail(sit, step, fault)
    if definition.lock and not let_in and (asked := locking.ask(sit, step)):
        return asked
    return [*ENTER[definition.kind](sit, step), *waiting.set_timeout(sit, step)]


def begin_anew(sit: Situation, step: ActiveStep) -> Derived:
    """The pause before a further try is over. What the step holds it has not given up."""
    return _begin(sit, step, let_in=step.no in sit.state.locks)


def dead_letter_resolved(sit: Situation, event: e.DeadLetterResolved) -> Derived:
    step = sit.state.steps[event.no]
    if step.status is Status.UNDO_FAILED:
        return _undo_resolved(sit, step, event)
    definition = sit.definition(step)
    if event.how is e.Resolution.RETRY:
        return _begin(sit, step)
    if event.how is e.Resolution.DONE:
        return succeed(sit, step, next=definition.next, output=event.output, by_hand=True)
    return [*release(sit, step), e.StepSkipped(at=sit.at, no=step.no, scope=step.scope, next=definition.next)]


def _undo_resolved(sit: Situation, step: ActiveStep, event: e.DeadLetterResolved) -> Derived:
    """Skipped and retried ones are seen to by `closing.close`."""
    reopened: Derived = [e.RollbackResumed(at=sit.at)] if sit.state.status.is_over else []
    if event.how is e.Resolution.DONE:
        return [*reopened, e.StepUndone(at=sit.at, no=step.no, reason=Reason.DECIDED_BY_PERSON)]
    return reopened
