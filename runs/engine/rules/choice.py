"""Choices, assignments and ends: the steps that are over as soon as they are entered."""

from dataclasses import replace

from designer.graph import Choice, Fail, OnFailure, SetVariables, Succeed
from runs.engine import events as e
from runs.engine.situation import Broken, Situation
from runs.engine.state import ActiveStep, Fault

from .leaving import Derived, end_run, fail, succeed


def enter_choice(sit: Situation, step: ActiveStep) -> Derived:
    definition = sit.definition(step)
    assert isinstance(definition, Choice)
    for option in definition.options:
        if sit.holds(option.when, step.scope):
            return _take(sit, step, option.label or option.when, option.next)
    if definition.otherwise is None:
        message = "No condition holds, and the choice has no “otherwise”."
        raise Broken(Fault(name="NoChoice", message=message, step=step.key, retryable=False))
    return _take(sit, step, "otherwise", definition.otherwise)


def enter_set(sit: Situation, step: ActiveStep) -> Derived:
    definition = sit.definition(step)
    assert isinstance(definition, SetVariables)
    return succeed(sit, step, next=definition.next)


def enter_succeed(sit: Situation, step: ActiveStep) -> Derived:
    definition = sit.definition(step)
    assert isinstance(definition, Succeed)
    return succeed(sit, step, next=None, output=sit.fill(definition.output, step.scope))


def enter_fail(sit: Situation, step: ActiveStep) -> Derived:
    definition = sit.definition(step)
    assert isinstance(definition, Fail)
    message = str(sit.fill(definition.message, step.scope))
    fault = Fault(
        name=definition.error, message=message, step=step.key, retryable=False, rollback=definition.compensate
    )
    if definition.ends_run:
        keeps = sit.graph.on_failure is OnFailure.KEEP
        return end_run(sit, step, replace(fault, rollback=definition.compensate and not keeps))
    return fail(sit, step, fault)


def _take(sit: Situation, step: ActiveStep, label: str, next: str) -> Derived:
    return [
        e.BranchTaken(at=sit.at, no=step.no, label=label, next=next),
        *succeed(sit, step, next=next),
    ]
