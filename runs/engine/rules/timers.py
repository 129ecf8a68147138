"""Timers, and the one that every step may have: its deadline."""

from datetime import UTC, datetime, timedelta
from typing import Any

from designer.graph import BadDuration, OnFailure, parse_duration
from runs.engine import events as e
from runs.engine.carrying import called
from runs.engine.commands import SetTimer
from runs.engine.situation import Broken, Situation
from runs.engine.state import ActiveStep, Ending, Fault
from runs.engine.status import RunStatus

from .derived import NO_STEP, Derived

DEADLINE = "deadline"


def set_timer(sit: Situation, step: ActiveStep, timer: str, due: datetime) -> Derived:
    return [
        e.TimerSet(at=sit.at, no=step.no, timer=timer, due=due),
        SetTimer(no=step.no, timer=timer, due=due),
    ]


def set_deadline(sit: Situation, step: ActiveStep) -> Derived:
    """Unless it is set: for a step that had to wait for its lock it is."""
    due = deadline_of(sit, step)
    return [] if due is None or DEADLINE in step.timers else set_timer(sit, step, DEADLINE, due)


def deadline_of(sit: Situation, step: ActiveStep) -> datetime | None:
    """When all tries of the step together must be done."""
    deadline = sit.definition(step).deadline
    return None if deadline is None else (step.since or sit.at) + deadline


def deadline_fault(step: ActiveStep) -> Fault:
    message = "The step's deadline has passed."
    return Fault(name="DeadlinePassed", message=message, step=step.key, retryable=False)


def set_run_deadline(sit: Situation) -> Derived:
    if sit.graph.deadline is None:
        return []
    due = sit.at + sit.graph.deadline
    return [e.RunDeadlineSet(at=sit.at, due=due), SetTimer(no=NO_STEP, timer=DEADLINE, due=due)]


def run_deadline_passed(sit: Situation, event: e.RunDeadlinePassed) -> Derived:
    message = "The run's deadline has passed."
    start = sit.graph.steps.get(sit.graph.start)
    fault = Fault(name="DeadlinePassed", message=message, retryable=False)
    fault = called(start, fault) if start else fault
    rollback = sit.graph.on_failure is OnFailure.COMPENSATE
    ending = Ending(status=RunStatus.FAILED, rollback=rollback, fault=fault)
    return [e.EndDecided(at=sit.at, ending=ending)]


def moment_of(sit: Situation, step: ActiveStep, *, duration: str, until: str) -> datetime:
    """The end of a wait; one of the two says when it is. Raises EvaluationError, Needed, Broken."""
    written = sit.fill(until or duration, step.scope)
    return timestamp(step, written) if until else after(sit, step, written)


def after(sit: Situation, step: ActiveStep, value: Any) -> datetime:
    """The moment so long from now. Raises Broken."""
    try:
        return sit.at + _length(value)
    except (ValueError, OverflowError, BadDuration) as error:
        raise _bad_time(step, str(error)) from error


def _length(value: Any) -> timedelta:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=value)
    return parse_duration(str(value))


def timestamp(step: ActiveStep, value: Any) -> datetime:
    """Raises Broken."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        message = f"“{value}” is not a point in time. Write one like 2026-11-22T14:00:00Z."
        raise _bad_time(step, message) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bad_time(step: ActiveStep, message: str) -> Broken:
    return Broken(Fault(name="BadTime", message=message, step=step.key, retryable=False))
