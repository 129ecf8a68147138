"""Runs that a step starts. One that is awaited is like an attempt that another run makes: its end is heard.

So a step that is left while its run is under way is abandoned, its run is cancelled, and the run that started it
ends only when that has ended too. Undoing the step means that its run undoes what it has done.
"""

from typing import Any

from designer.graph import RunWorkflow
from runs.engine import carrying
from runs.engine import events as e
from runs.engine.commands import CloseDeadLetter, StartChild, UndoChild
from runs.engine.situation import Broken, Situation
from runs.engine.state import ActiveStep, Fault
from runs.engine.status import Reason, RunStatus, Status

from .action import undo_gave_up
from .derived import Derived
from .leaving import fail, succeed
from .timers import set_deadline


def enter(sit: Situation, step: ActiveStep) -> Derived:
    definition = _definition(sit, step)
    inputs = _inputs(sit, step, definition)
    attempt, runs, awaited = step.attempt + 1, definition.runs, definition.awaited
    return [
        e.ChildOrdered(at=sit.at, no=step.no, attempt=attempt, runs=runs, awaited=awaited),
        *set_deadline(sit, step),
        StartChild(no=step.no, attempt=attempt, runs=runs, inputs=inputs, awaited=awaited),
    ]


def _inputs(sit: Situation, step: ActiveStep, definition: RunWorkflow) -> dict[str, Any]:
    """Raises Broken where a flow gives anything but an object: a run has a record for its input."""
    if definition.inputs or definition.flow is None:
        filled: dict[str, Any] = carrying.fill(sit, step, dict(definition.inputs))
        return filled
    if isinstance(given := carrying.given(sit, step), dict):
        return given
    message = "The input of a run must be an object."
    raise Broken(Fault(name="InputRefused", message=message, step=step.key, retryable=False))


def started(sit: Situation, event: e.ChildStarted) -> Derived:
    step = sit.state.steps[event.no]
    definition = _definition(sit, step)
    if definition.awaited:
        return []
    return succeed(sit, step, next=definition.next, output={"run": event.child})


def refused(sit: Situation, event: e.ChildRefused) -> Derived:
    return _failed(sit, sit.state.steps[event.no], event.fault)


def ended(sit: Situation, event: e.ChildEnded) -> Derived:
    step = sit.state.steps[event.no]
    if step.status is Status.UNDOING:
        return _undone(sit, step, event)
    if step.status is Status.UNDO_FAILED:
        reopened: Derived = [e.RollbackResumed(at=sit.at)] if sit.state.status.is_over else []
        return [CloseDeadLetter(no=step.no), *reopened, e.StepUndone(at=sit.at, no=step.no)]
    if event.status is not RunStatus.SUCCEEDED:
        return _failed(sit, step, event.fault or Fault(name="Cancelled", retryable=False))
    if step.status is not Status.ABANDONED:
        return succeed(sit, step, next=_definition(sit, step).next, output=event.output)
    debt = [] if sit.state.leaves_all_as_it_is else owe(sit, event)
    return debt or [e.StepCancelled(at=sit.at, no=step.no, reason=Reason.LATE_SUCCESS)]


def owe(sit: Situation, event: e.ChildEnded) -> Derived:
    """What the run has done stands, and this one goes on as if it did not."""
    if event.status is not RunStatus.SUCCEEDED:
        return []
    return [e.CompensationOwed(at=sit.at, no=event.no, output=event.output)]


def enter_undo(sit: Situation, step: ActiveStep) -> Derived:
    return [UndoChild(no=step.no, attempt=step.attempt)]


def _undone(sit: Situation, step: ActiveStep, event: e.ChildEnded) -> Derived:
    if not event.incomplete:
        return [e.StepUndone(at=sit.at, no=step.no)]
    message = "Not all that its run had done could be undone. See to it there, and this goes on by itself."
    return undo_gave_up(
        sit, step, Fault(name="RollbackIncomplete", message=message, step=step.key, retryable=False)
    )


def _failed(sit: Situation, step: ActiveStep, fault: Fault) -> Derived:
    if step.status is Status.ABANDONED:
        return [e.StepCancelled(at=sit.at, no=step.no, reason=Reason.OVERTAKEN)]
    if step.fault is not None:
        return []  # a person is asked already
    return fail(sit, step, Fault(name=fault.name, message=fault.message, step=step.key, retryable=False))


def _definition(sit: Situation, step: ActiveStep) -> RunWorkflow:
    definition = sit.definition(step)
    assert isinstance(definition, RunWorkflow)
    return definition
