"""Choices, assignments and ends: the steps that are over as soon as they are entered."""

from dataclasses import replace

from designer.dataflow import HandedOn, said
from designer.graph import Choice, Fail, OnFailure, SetVariables, Succeed
from runs.engine import carrying
from runs.engine import events as e
from runs.engine.situation import Broken, Situation
from runs.engine.state import ActiveStep, Fault

from .derived import Derived
from .leaving import end_run, fail, succeed


def enter_choice(sit: Situation, step: ActiveStep) -> Derived:
    definition = sit.definition(step)
    assert isinstance(definition, Choice)
    if definition.flow is not None:
        return _enter_by_flow(sit, step, definition)
    for option in definition.options:
        if sit.holds(option.when, step.scope):
            return _take(sit, step, option.label or option.when, option.next)
    return _take(sit, step, "otherwise", _otherwise(step, definition))


def _enter_by_flow(sit: Situation, step: ActiveStep, definition: Choice) -> Derived:
    number, handed = carrying.chosen(sit, step, tuple(option.when for option in definition.options))
    if number is None:
        return _take(sit, step, "otherwise", _otherwise(step, definition), handed)
    option = definition.options[number]
    return _take(sit, step, option.label or said(option.when), option.next, handed)


def _otherwise(step: ActiveStep, definition: Choice) -> str:
    if definition.otherwise is not None:
        return definition.otherwise
    message = "No condition holds, and the choice has no “otherwise”."
    raise Broken(Fault(name="NoChoice", message=message, step=step.key, retryable=False))


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
    name, message = _error(sit, step, definition)
    fault = Fault(name=name, message=message, step=step.key, retryable=False, rollback=definition.compensate)
    if definition.ends_run:
        keeps = sit.graph.on_failure is OnFailure.KEEP
        return end_run(sit, step, replace(fault, rollback=definition.compensate and not keeps))
    return fail(sit, step, fault)


def _error(sit: Situation, step: ActiveStep, definition: Fail) -> tuple[str, str]:
    """The error's name and its message. A flow writes texts as they are."""
    if definition.flow is None:
        return definition.error, str(sit.fill(definition.message, step.scope))
    error, cause = (carrying.setting(sit, step, name) for name in ("Error", "Cause"))
    name = definition.error if error is None else error
    return carrying.sayable(name), carrying.sayable(definition.message if cause is None else cause)


def _take(sit: Situation, step: ActiveStep, label: str, next: str, handed: HandedOn | None = None) -> Derived:
    return [
        e.BranchTaken(at=sit.at, no=step.no, label=label, next=next),
        *succeed(sit, step, next=next, handed=handed),
    ]
