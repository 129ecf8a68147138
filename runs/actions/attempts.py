"""Reporting what came of an attempt."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from runs.engine import Event, Fault, events
from runs.models import Run, Work

from . import statements
from .advance import advance_on, make
from .assignments import Assignment, Grip

# What shows whether a run is as the worker that last wrote it knows it.
UNCHANGED = ("id", "seq", "state")


@dataclass(frozen=True, slots=True)
class Report:
    """What came of an attempt: an output, or a fault."""

    output: Any = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """An attempt that has been made, and its report."""

    assignment: Assignment
    report: Report


def report_attempt(assignment: Assignment, report: Report, *, go_on: bool) -> Assignment | None:
    """As `report_attempts`, of one: the next attempt of the run, with ``go_on`` and where one is due at once."""
    grip = Grip(assignment.worker) if go_on else None
    return next(iter(report_attempts([Done(assignment, report)], grip=grip)), None)


@transaction.atomic(durable=True)
def report_attempts(done: Sequence[Done], *, grip: Grip | None) -> list[Assignment]:
    """Record the outcomes, each if the worker still holds its attempt, and decide what follows: in one commit.

    The token is the fence: whoever claimed the work later holds a higher one, and a late report is journaled
    as refused. The answer is what the worker goes on with, which is what its ``grip`` takes. Runs that were deleted
    meanwhile are passed over.
    """
    runs, held = _locked(done)
    of_run = defaultdict(list)
    for one in done:
        of_run[one.assignment.run_id].append(one)
    trip = statements.Trip()
    told = []
    for pk, run in runs.items():
        facts = [_outcome(one) if held[one.assignment.work_id] else _refused(one) for one in of_run[pk]]
        keeps = all(held[one.assignment.work_id] for one in of_run[pk])
        told.append(advance_on(trip, run, facts, grip=grip if keeps else None))
    make(trip, told)
    return [assignment for advanced in told for assignment in advanced.kept()]


def _locked(done: Sequence[Done]) -> tuple[dict[UUID, Run], dict[int, bool]]:
    """The runs, locked, and whether the worker still held each attempt, whose work is gone now."""
    trip = statements.Trip()
    known = {one.assignment.run_id: one.assignment.run for one in done}
    locked = trip.lock(Run, known, UNCHANGED)
    deleted = {
        each.work_id: trip.delete(Work, {"id": each.work_id, "token": each.token})
        for each in (one.assignment for one in done)
    }
    trip.make()
    runs = _as_they_stand(known, locked.rows)
    return runs, {pk: answer.count == 1 for pk, answer in deleted.items()}


def _as_they_stand(known: Mapping[UUID, Run | None], rows: Sequence[Sequence[Any]]) -> dict[UUID, Run]:
    """The runs that are locked. One that somebody else has changed since the worker wrote it is read anew."""
    stand = {key: tuple(told) for key, *told in rows}
    there = {pk: stand[key] for pk in known if (key := statements.key_of(Run, pk)) in stand}
    runs = {pk: run for pk, run in known.items() if run and (run.seq, run.state) == there.get(pk)}
    changed = there.keys() - runs.keys()
    return runs | {run.pk: run for run in (Run.objects.filter(pk__in=changed) if changed else ())}


def _outcome(done: Done) -> Event:
    assignment, report = done.assignment, done.report
    at, no, attempt, phase = timezone.now(), assignment.no, assignment.attempt, assignment.phase
    if report.fault is not None:
        return events.AttemptFailed(at=at, no=no, attempt=attempt, phase=phase, fault=report.fault)
    return events.AttemptSucceeded(at=at, no=no, attempt=attempt, phase=phase, output=report.output)


def _refused(done: Done) -> Event:
    assignment = done.assignment
    return events.ReportRefused(
        at=timezone.now(),
        no=assignment.no,
        attempt=assignment.attempt,
        phase=assignment.phase,
        worker=str(assignment.worker),
    )
