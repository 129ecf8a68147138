"""Reporting what came of an attempt."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from runs.engine import Event, Fault, events
from runs.models import Run, Work

from . import statements
from .advance import advance
from .assignments import Assignment


@dataclass(frozen=True, slots=True)
class Report:
    """What came of an attempt: an output, or a fault."""

    output: Any = None
    fault: Fault | None = None


@transaction.atomic(durable=True)
def report_attempt(assignment: Assignment, report: Report, *, go_on: bool) -> Assignment | None:
    """Record the outcome, if the worker still holds the attempt, and decide what follows.

    The token is the fence: whoever claimed the work later holds a higher one, and a late report is journaled
    as refused. With ``go_on`` the answer is the next attempt, when the run has one that is due at once.
    """
    run, held = _locked(assignment)
    fact = _outcome(assignment, report) if held else _refused(assignment)
    return advance(run, [fact], worker=assignment.worker if go_on and held else None).kept


def _locked(assignment: Assignment) -> tuple[Run, bool]:
    """The run, locked, and whether the worker still held the attempt, whose work is gone now."""
    trip = statements.Trip()
    locked = trip.lock(Run, assignment.run_id)
    held = {"id": assignment.work_id, "token": assignment.token, "worker": assignment.worker}
    deleted = trip.delete(Work, held)
    trip.make()
    return statements.row_of(Run, locked), deleted.count == 1


def _outcome(assignment: Assignment, report: Report) -> Event:
    at, no, attempt, phase = timezone.now(), assignment.no, assignment.attempt, assignment.phase
    if report.fault is not None:
        return events.AttemptFailed(at=at, no=no, attempt=attempt, phase=phase, fault=report.fault)
    return events.AttemptSucceeded(at=at, no=no, attempt=attempt, phase=phase, output=report.output)


def _refused(assignment: Assignment) -> Event:
    return events.ReportRefused(
        at=timezone.now(),
        no=assignment.no,
        attempt=assignment.attempt,
        phase=assignment.phase,
        worker=str(assignment.worker),
    )
