"""Reporting what came of an attempt."""

from collections import defaultdict
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from runs.engine import Event, Fault, events
from runs.models import Run, Work

from . import statements
from .advance import Advance, make
from .assignments import Assignment, Grip, Start

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

    held: Assignment
    report: Report

    def outcome(self) -> Event:
        at, no, attempt, phase = timezone.now(), self.held.no, self.held.attempt, self.held.phase
        if self.report.fault is not None:
            return events.AttemptFailed(at=at, no=no, attempt=attempt, phase=phase, fault=self.report.fault)
        return events.AttemptSucceeded(at=at, no=no, attempt=attempt, phase=phase, output=self.report.output)

    def refused(self) -> list[Event]:
        at, no, attempt, phase = timezone.now(), self.held.no, self.held.attempt, self.held.phase
        who = str(self.held.worker)
        return [events.ReportRefused(at=at, no=no, attempt=attempt, phase=phase, worker=who)]


@dataclass(frozen=True, slots=True)
class Begun:
    """A run whose start a worker holds, and in which it looks ahead: nothing of that is recorded yet."""

    held: Start
    ahead: Advance

    def outcome(self) -> Event:
        return events.RunStarted(at=timezone.now())

    def refused(self) -> list[Event]:
        return []


def report_attempt(assignment: Assignment, report: Report, *, go_on: bool) -> Assignment | None:
    """As `report_attempts`, of one: the next attempt of the run, with ``go_on`` and where one is due at once."""
    grip = Grip(assignment.worker) if go_on else None
    return next(iter(report_attempts([Done(assignment, report)], grip=grip)), None)


@transaction.atomic(durable=True)
def report_attempts(
    done: Sequence[Done | Begun], *, grip: Grip | None, ahead: MutableMapping[UUID, Advance] | None = None
) -> list[Assignment]:
    """Record the outcomes, each if the worker still holds what it is of, and decide what follows: in one commit.

    The token is the fence: whoever claimed the work later holds a higher one, and a late report is journaled
    as refused. What the worker has looked ahead to counts where its run has not changed; each is tried once. The answer
    is what the worker goes on with, which is what its ``grip`` takes. Runs that were deleted meanwhile are passed over.
    """
    runs, held = _locked(done, ahead or {})
    of_run = defaultdict(list)
    for one in done:
        of_run[one.held.run_id].append(one)
    trip = statements.Trip()
    told = []
    for pk, run in runs.items():
        keeps = all(held[one.held.work_id] for one in of_run[pk])
        foreseen = ahead.pop(pk, None) if ahead else None
        if foreseen is not None and foreseen.run is run and keeps:
            foreseen.settle(grip)
            told.append(foreseen)
        else:
            advanced = Advance(run, grip if keeps else None)
            advanced.tell(_facts(of_run[pk], held))
            told.append(advanced)
    for advanced in told:
        advanced.write(trip)
    make(trip, told)
    return [assignment for advanced in told for assignment in advanced.kept()]


def _facts(done: Sequence[Done | Begun], held: Mapping[int, bool]) -> list[Event]:
    return [fact for one in done for fact in ([one.outcome()] if held[one.held.work_id] else one.refused())]


def _locked(
    done: Sequence[Done | Begun], ahead: Mapping[UUID, Advance]
) -> tuple[dict[UUID, Run], dict[int, bool]]:
    """The runs, locked, and whether the worker still held each attempt or start, whose work is gone now."""
    trip = statements.Trip()
    known = {one.held.run_id: one.held.run for one in done} | {pk: one.run for pk, one in ahead.items()}
    locked = trip.lock(Run, known, UNCHANGED)
    deleted = {
        held.work_id: trip.delete(Work, {"id": held.work_id, "token": held.token})
        for held in (one.held for one in done)
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
    for run in Run.objects.filter(pk__in=changed) if changed else ():
        run.is_shared = True
        runs[run.pk] = run
    return runs
