"""Trying again: by which rule, how soon, and what it costs. An action makes another attempt; all else begins anew."""

from datetime import timedelta

from designer.graph import Action, Retry
from runs.engine import events as e
from runs.engine.situation import Situation
from runs.engine.state import ActiveStep, Fault

from .derived import Derived
from .timers import DEADLINE, deadline_of, set_timer

AGAIN = "again"


def next_try(sit: Situation, step: ActiveStep, retry: Retry, fault: Fault) -> tuple[timedelta, int] | None:
    """How long to wait before the next try, and the rule that grants it; None to give up."""
    if fault.final:
        return None
    number = retry.rule_for(fault.name, fault.retryable)
    counted = 0 if retry.others else step.tries - 1
    wait = retry.rules[number].again(
        tries=max(step.spent.get(number, 0), counted) + 1,
        error=fault.name,
        retryable=fault.retryable,
        key=f"{sit.values.run.get('id', '')}:{step.no}:{max(step.attempt, step.tries)}",
    )
    return None if wait is None else (wait, number)


def begin_anew(sit: Situation, step: ActiveStep, fault: Fault) -> Derived:
    """Have the step begin anew as a whole; empty where it is not to be. What is out cannot be called back."""
    definition = sit.definition(step)
    attempts = isinstance(definition, Action) and definition.flow is None  # they are all there is to it
    if attempts or step.out or step.owed or (granted := next_try(sit, step, definition.retry, fault)) is None:
        return []
    wait, rule = granted
    due, deadline = sit.at + wait, deadline_of(sit, step)
    return [
        e.RetryOrdered(at=sit.at, no=step.no, due=due, tries=max(step.tries, 1) + 1, fault=fault, rule=rule),
        *set_timer(sit, step, AGAIN, due),
        *(set_timer(sit, step, DEADLINE, deadline) if deadline else []),
    ]
