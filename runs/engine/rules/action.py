"""Actions: ordering attempts, and what their reports mean."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from designer.graph import Action, Compensate, Contract, violations
from runs.engine import carrying
from runs.engine import events as e
from runs.engine.commands import (
    AS_BEFORE,
    OpenDeadLetter,
    PerformStep,
    Phase,
    Retract,
    RetractAttempt,
)
from runs.engine.situation import Broken, Situation
from runs.engine.state import ActiveStep, Fault
from runs.engine.status import Reason, Status
from runs.engine.values import OutputOf

from .allowing import objection
from .derived import Derived
from .leaving import fail, park_as_dead_letter, succeed
from .retrying import next_try
from .timers import deadline_fault, set_deadline

REDELIVERIES = 3  # how often a lost attempt is simply handed out again
TIMEOUT = "Timeout"  # what a worker reports of an attempt it had to cut short


def enter(sit: Situation, step: ActiveStep) -> Derived:
    tries = max(step.tries, 1)
    order, perform = _attempt(sit, step, Phase.DO, _action(sit, step), tries=tries, inputs=_inputs(sit, step))
    return [order, *set_deadline(sit, step), perform]


def _inputs(sit: Situation, step: ActiveStep) -> Any:
    definition = _action(sit, step)
    inputs = carrying.fill_call(sit, step, definition.inputs)
    _check_input(sit.contract(definition.does), inputs, step)
    return inputs


def enter_undo(sit: Situation, event: e.UndoEntered) -> Derived:
    step = sit.state.steps[event.no]
    undo = _compensation(sit, step)
    inputs = sit.fill_call(dict(undo.inputs), step.scope, sit.values.get(OutputOf(step.no)))
    _check_input(sit.contract(undo.does), inputs, step)
    return [*_attempt(sit, step, Phase.UNDO, undo, inputs=inputs)]


def attempt_succeeded(sit: Situation, event: e.AttemptSucceeded) -> Derived:
    step = sit.state.steps[event.no]
    if step.status is Status.UNDOING:
        return [e.StepUndone(at=sit.at, no=step.no)]
    if step.status is not Status.ABANDONED:  # at work, or parked when its deadline passed: it counts
        return succeed(sit, step, next=_action(sit, step).next, output=event.output)
    debt = [] if sit.state.leaves_all_as_it_is else owe(sit, step, event.output)
    return debt or [e.StepCancelled(at=sit.at, no=step.no, reason=Reason.LATE_SUCCESS)]


def owe(sit: Situation, step: ActiveStep, output: Any) -> Derived:
    """What a step has done stands in the world, and the run goes on as if it did not: so it must be undone."""
    definition = sit.definition(step)
    if not isinstance(definition, Action) or definition.compensate is None:
        return []
    return [e.CompensationOwed(at=sit.at, no=step.no, output=output)]


def attempt_failed(sit: Situation, event: e.AttemptFailed) -> Derived:
    step = sit.state.steps[event.no]
    fault = replace(event.fault, step=event.fault.step or step.key)
    unknown = event.fault.name == TIMEOUT and _contract_in_force(sit, step).at_most_once
    if step.status is Status.WAITING or (step.status is Status.ABANDONED and step.owed):
        return []  # a person is asked already, or the debt of an earlier attempt is paid next
    if step.status is Status.ABANDONED:
        reason = Reason.OUTCOME_UNKNOWN if unknown else Reason.OVERTAKEN
        return _overtaken(sit, step, reason)
    return _outcome_unknown(sit, step, fault) if unknown else _after_failure(sit, step, fault)


def attempt_lost(sit: Situation, event: e.AttemptLost) -> Derived:
    """A lost attempt is handed out again, unless it may have been the once that was allowed."""
    step = sit.state.steps[event.no]
    fault = Fault(name="WorkerLost", message="The worker that held the attempt fell silent.", step=step.key)
    if step.status is Status.ABANDONED:
        return _overtaken_and_lost(sit, step)
    if step.status is Status.WAITING:
        return [RetractAttempt(no=step.no)]  # a person is asked already
    if _contract_in_force(sit, step).at_most_once:
        return _outcome_unknown(sit, step, fault)
    if step.losses <= REDELIVERIES:
        return []
    return [RetractAttempt(no=step.no), *_after_failure(sit, step, fault)]


def deadline_passed(sit: Situation, step: ActiveStep) -> Derived:
    return fail(sit, step, deadline_fault(step), Reason.DEADLINE_PASSED)


def undo_gave_up(sit: Situation, step: ActiveStep, fault: Fault) -> Derived:
    return [
        Retract(no=step.no),
        e.UndoFailed(at=sit.at, no=step.no, fault=fault),
        OpenDeadLetter(no=step.no, phase=Phase.UNDO, fault=fault),
    ]


def _after_failure(sit: Situation, step: ActiveStep, fault: Fault) -> Derived:
    undoing = step.status is Status.UNDOING
    fault = fault if undoing else carrying.called(_action(sit, step), fault)
    policy: Action | Compensate = _compensation(sit, step) if undoing else _action(sit, step)
    granted = next_try(sit, step, policy.retry, fault)
    if granted is None:
        return undo_gave_up(sit, step, fault) if undoing else fail(sit, step, fault)
    refused = None if undoing else objection(sit, step)
    return fail(sit, step, refused) if refused else _try_again(sit, step, fault, policy, *granted)


def _try_again(
    sit: Situation, step: ActiveStep, fault: Fault, policy: Action | Compensate, wait: timedelta, rule: int
) -> Derived:
    """A flow is worked out anew for each try, which it can count."""
    undoing, due, tries = step.status is Status.UNDOING, sit.at + wait, step.tries + 1
    phase = Phase.UNDO if undoing else Phase.DO
    told: Any = {"due": due, "tries": tries, "fault": fault, "rule": rule if policy.retry.others else None}
    if not undoing and sit.definition(step).flow is not None:
        told["inputs"] = _inputs(sit, carrying.as_of(step, tries))
    return [*_attempt(sit, step, phase, policy, **told)]


def _attempt(
    sit: Situation,
    step: ActiveStep,
    phase: Phase,
    policy: Action | Compensate,
    *,
    due: datetime | None = None,
    tries: int = 1,
    fault: Fault | None = None,
    rule: int | None = None,
    inputs: Any = AS_BEFORE,
) -> tuple[e.AttemptOrdered, PerformStep]:
    """The next attempt, due at once unless it says when: as a fact, and as an order."""
    told: Any = {"no": step.no, "attempt": step.attempt + 1, "phase": phase, "due": due or sit.at}
    timeout = policy.timeout
    if isinstance(policy, Action) and policy.flow is not None:
        timeout = carrying.limit(sit, step, "TimeoutSeconds") or timeout
    return (
        e.AttemptOrdered(at=sit.at, tries=tries, fault=fault, rule=rule, **told),
        PerformStep(does=policy.does, timeout=timeout, inputs=inputs, **told),
    )


def _outcome_unknown(sit: Situation, step: ActiveStep, fault: Fault) -> Derived:
    if step.status is Status.UNDOING:
        return undo_gave_up(sit, step, fault)
    return park_as_dead_letter(sit, step, fault, Reason.OUTCOME_UNKNOWN)


def _overtaken_and_lost(sit: Situation, step: ActiveStep) -> Derived:
    """Only a step that is to be undone is made again: to learn whether there is something to undo."""
    definition = _action(sit, step)
    if step.owed:
        return [RetractAttempt(no=step.no)]
    once = sit.contract(definition.does).at_most_once
    undone = definition.compensate is not None and not sit.state.leaves_all_as_it_is
    if undone and not once and step.losses <= REDELIVERIES:
        return []
    reason = Reason.OUTCOME_UNKNOWN if once else Reason.LOST
    return [Retract(no=step.no), *_overtaken(sit, step, reason)]


def _overtaken(sit: Situation, step: ActiveStep, reason: Reason) -> Derived:
    """It was left while it was tried, and has not succeeded as far as anybody knows."""
    undone = sit.graph.undoing.failed_step and not sit.state.leaves_all_as_it_is
    debt = owe(sit, step, None) if undone else []
    return debt or [e.StepCancelled(at=sit.at, no=step.no, reason=reason)]


def _contract_in_force(sit: Situation, step: ActiveStep) -> Contract:
    undoing = step.status is Status.UNDOING
    return sit.contract(_compensation(sit, step).does if undoing else _action(sit, step).does)


def _action(sit: Situation, step: ActiveStep) -> Action:
    definition = sit.definition(step)
    assert isinstance(definition, Action)
    return definition


def _compensation(sit: Situation, step: ActiveStep) -> Compensate:
    undo = _action(sit, step).compensate
    assert undo is not None
    return undo


def _check_input(contract: Contract, inputs: object, step: ActiveStep) -> None:
    found = violations(contract.input, inputs)
    if found:
        said = "; ".join(f"input{'.' if v.path else ''}{v.path}: {v.message}" for v in found[:3])
        message = f"{contract.reference} refuses its input: {said}"
        raise Broken(Fault(name="InputInvalid", message=message, step=step.key, retryable=False))
