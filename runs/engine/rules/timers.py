"""Timers, and the one that every step may have: its deadline."""

from datetime import datetime

from runs.engine import events as e
from runs.engine.commands import SetTimer
from runs.engine.situation import Situation
from runs.engine.state import ActiveStep, Fault

from .leaving import Derived

DEADLINE = "deadline"


def set_timer(sit: Situation, step: ActiveStep, timer: str, due: datetime) -> Derived:
    return [
        e.TimerSet(at=sit.at, no=step.no, timer=timer, due=due),
        SetTimer(no=step.no, timer=timer, due=due),
    ]


def set_deadline(sit: Situation, step: ActiveStep) -> Derived:
    deadline = sit.definition(step).deadline
    return [] if deadline is None else set_timer(sit, step, DEADLINE, sit.at + deadline)


def deadline_fault(step: ActiveStep) -> Fault:
    message = "The step's deadline has passed."
    return Fault(name="DeadlinePassed", message=message, step=step.key, retryable=False)
