"""Steps that wait: for a person, or for a moment. For all else see `arrivals`."""

from datetime import datetime

from designer.graph import Review, RunWorkflow, Wait
from runs.engine import carrying
from runs.engine import events as e
from runs.engine.commands import CloseReview, OpenReview, RemindReviewers
from runs.engine.situation import Broken, Situation
from runs.engine.state import ActiveStep, Fault
from runs.engine.status import Reason

from .allowing import objection
from .arrivals import enter_first, enter_signal, person_arrived
from .derived import Derived
from .leaving import fail, succeed
from .timers import after, moment_of, set_deadline, set_timer, timestamp

WAKE, DUE, TIMEOUT = "wake", "due", "timeout"
RESPONSES = ("remind", "escalate")
TOO_LATE = "Nobody decided in time."


def enter_wait(sit: Situation, step: ActiveStep) -> Derived:
    definition = sit.definition(step)
    assert isinstance(definition, Wait)
    if definition.first:
        return enter_first(sit, step)
    if definition.signal is not None:
        return enter_signal(sit, step)
    due = _moment(sit, step, definition)
    return [
        e.StepParked(at=sit.at, no=step.no, reason=Reason.AWAITING_TIMER, until=due),
        *set_timer(sit, step, WAKE, due),
        *set_deadline(sit, step),
    ]


def _moment(sit: Situation, step: ActiveStep, definition: Wait) -> datetime:
    if definition.flow is None:
        return moment_of(sit, step, duration=definition.duration, until=definition.until)
    if (seconds := carrying.setting(sit, step, "Seconds")) is not None:
        return after(sit, step, seconds)
    if (moment := carrying.setting(sit, step, "Timestamp")) is not None:
        return timestamp(step, moment)
    return moment_of(sit, step, duration=definition.duration, until=definition.until)


def woken(sit: Situation, step: ActiveStep) -> Derived:
    if (fault := objection(sit, step)) is not None:
        return fail(sit, step, fault)
    return succeed(sit, step, next=sit.definition(step).next)


def set_timeout(sit: Situation, step: ActiveStep) -> Derived:
    """For a single try, where a flow says how long it may take. Actions have it watched by their worker."""
    definition = sit.definition(step)
    if definition.flow is None or not isinstance(definition, Wait | Review | RunWorkflow):
        return []
    limit = carrying.limit(sit, step, "TimeoutSeconds", "HeartbeatSeconds")
    return [] if limit is None else set_timer(sit, step, TIMEOUT, sit.at + limit)


def timed_out(sit: Situation, step: ActiveStep) -> Derived:
    return fail(sit, step, Fault(name="Timeout", message="It took too long.", step=step.key))


def enter_review(sit: Situation, step: ActiveStep) -> Derived:
    definition = _review(sit, step)
    evidence = tuple((shown.label, carrying.fill(sit, step, shown.value)) for shown in definition.show)
    editable = carrying.fill(sit, step, dict(definition.edit))
    due = sit.at + definition.due if definition.due else None
    return [
        e.StepParked(at=sit.at, no=step.no, reason=Reason.AWAITING_REVIEW, until=due),
        OpenReview(no=step.no, due=due, evidence=evidence, editable=editable),
        *(set_timer(sit, step, DUE, due) if due else []),
        *set_deadline(sit, step),
    ]


def review_due(sit: Situation, step: ActiveStep) -> Derived:
    """Nobody has decided in time. Silence is never an approval, unless the definition names an outcome."""
    response = _review(sit, step).on_due
    if response not in RESPONSES:
        decided = e.ReviewDecided(at=sit.at, no=step.no, outcome=response, by="", reason=TOO_LATE)
        return [CloseReview(no=step.no, outcome=response, reason=TOO_LATE), decided]
    return [
        e.ReviewOverdue(at=sit.at, no=step.no, response=response),
        RemindReviewers(no=step.no, escalate=response == "escalate"),
    ]


def review_decided(sit: Situation, event: e.ReviewDecided) -> Derived:
    """By a person, or by the limit. What nobody corrected comes out as it was."""
    step = sit.state.steps[event.no]
    if isinstance(sit.definition(step), Wait):
        return person_arrived(sit, step, event)
    definition = _review(sit, step)
    chosen = definition.outcome(event.outcome)
    if chosen is None:
        message = f"The review has no outcome “{event.outcome}”."
        raise Broken(Fault(name="NoOutcome", message=message, step=step.key, retryable=False))
    if (fault := objection(sit, step)) is not None:
        return fail(sit, step, fault)
    data = carrying.fill(sit, step, dict(definition.edit)) if event.data is None else event.data
    output = {"outcome": event.outcome, "reason": event.reason, "by": event.by, "data": data}
    return [
        e.BranchTaken(at=sit.at, no=step.no, label=chosen.title or chosen.name, next=chosen.next),
        *succeed(sit, step, next=chosen.next or None, output=output),
    ]


def _review(sit: Situation, step: ActiveStep) -> Review:
    definition = sit.definition(step)
    assert isinstance(definition, Review)
    return definition
