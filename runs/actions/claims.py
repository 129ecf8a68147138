"""Claiming work. A worker takes what is due, in bulk, and what follows at once is decided in the same transaction."""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import F, Model
from django.db.models.functions import Now
from django.utils import timezone

from runs.crash_points import crash_at
from runs.engine import Event, Phase, events
from runs.models import Keeper, Run, Trigger, Work
from runs.models.work import WorkKind

from . import statements
from .advance import Advance, advance_on, make
from .assignments import Assignment, Grip, assignment_of
from .children import cancelled_by_parent, end_of_child, undone_by_parent
from .cron import fire_cron
from .due import lanes_with_due, unclaimed
from .errands import SET_ASIDE, do_errands, is_errand
from .locks import lock_granted
from .signals import note_reception, reception_of

logger = logging.getLogger(__name__)

TOLD: Mapping[WorkKind, Callable[[Work], list[Event]]] = {
    WorkKind.CHILD: end_of_child,
    WorkKind.CANCEL: cancelled_by_parent,
    WorkKind.UNDO: undone_by_parent,
    WorkKind.LET_IN: lock_granted,
}
type ByRun = Mapping[Any, list[Work]]

CONTENTION = 5  # how often to look again when others were faster


def claim_work(*, grip: Grip) -> list[Assignment]:
    """The attempts that a worker now holds. Empty: nothing is due.

    As many as its ``grip`` has room for are claimed, and of what follows at once it keeps as many again. Due timers
    are fired and accepted runs are started on the way.
    """
    for _ in range(CONTENTION):
        claimed = claim_once(grip)
        crash_at("claim.after_commit")
        do_errands(claimed.errands)
        if claimed.assignments or not claimed.found:
            return claimed.assignments
    return []


def claim_once(grip: Grip) -> "Claimed":
    """What is due, begun in one go; where that cannot be decided, run by run, so that one does not stop the others."""
    try:
        return _claim(grip, _begin)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("Work that was claimed together cannot be decided. Each run is looked at by itself.")
        return _claim(grip.anew(), _begin_apart)


class Claimed(NamedTuple):
    found: bool  # whether there was anything due
    assignments: list[Assignment]
    errands: list[Work]


@transaction.atomic(durable=True)
def _claim(grip: Grip, begin: Callable[[dict[Any, Run], ByRun, Grip], list[Assignment]]) -> Claimed:
    candidates = _candidates(grip.room)
    if not candidates:
        return Claimed(False, [], [])
    # Runs are always locked before triggers and these before work, each in id order: there is no lock order to
    # get wrong.
    decided = [work for work in candidates if not is_errand(work)]
    runs = locked_in_order(Run, {work.run_id for work in decided})
    triggers = locked_in_order(Trigger, {work.trigger_id for work in decided})
    now = timezone.now()
    wanted = Work.objects.filter(pk__in=[work.pk for work in candidates])
    crash_at("claim.before_update")
    wanted.filter(worker=None, due_at__lte=Now()).update(
        worker=grip.worker, token=F("token") + 1, claimed_at=now
    )
    by_run, errands = defaultdict(list), []
    for work in wanted.filter(worker=grip.worker, claimed_at=now).order_by("due_at"):
        if is_errand(work):
            errands.append(work)
        elif work.trigger_id is None:
            by_run[work.run_id].append(work)
        else:
            _set_aside_if_broken(partial(fire_cron, triggers[work.trigger_id], work), [work])
    return Claimed(True, begin(runs, by_run, grip) if by_run else [], errands)


def _candidates(limit: int) -> list[Work]:
    """What is due, from the most urgent lane to the least, and in each the earliest first."""
    found: list[Work] = []
    for lane in lanes_with_due():
        due = unclaimed(lane).filter(due_at__lte=Now()).only("run_id", "trigger_id", "kind")
        found += due[: limit - len(found)]
        if len(found) >= limit:
            break
    return found


def locked_in_order[M: Model](model: type[M], keys: Collection[UUID | None]) -> dict[Any, M]:
    named = [key for key in keys if key is not None]
    rows = (
        model._default_manager.select_for_update(no_key=True).filter(pk__in=named).order_by("pk")
        if named
        else ()
    )
    return {row.pk: row for row in rows}


def _begin_apart(runs: dict[Any, Run], by_run: ByRun, grip: Grip) -> list[Assignment]:
    begun = [
        _set_aside_if_broken(partial(_begin, {pk: runs[pk]}, {pk: claimed}, grip), claimed)
        for pk, claimed in by_run.items()
    ]
    return [assignment for held in begun for assignment in held or ()]


def _set_aside_if_broken[T](act: Callable[[], T], claimed: list[Work]) -> T | None:
    """What cannot be decided, by a defect of ours, must not hold up the others: its work is set aside."""
    try:
        with transaction.atomic():
            return act()
    except DatabaseError:
        raise
    except Exception:
        subject = claimed[0].run_id or claimed[0].trigger_id
        logger.exception("Work cannot be decided. It is set aside for a while.", extra={"subject": subject})
        later = timezone.now() + SET_ASIDE
        Work.objects.filter(pk__in=[work.pk for work in claimed]).update(worker=None, due_at=later)
        return None


def _begin(runs: dict[Any, Run], by_run: ByRun, grip: Grip) -> list[Assignment]:
    """Tell each run what its work means, and keep what is an attempt."""
    trip = statements.Trip()
    told = [_told(trip, runs[pk], claimed, grip) for pk, claimed in by_run.items()]
    make(trip, told)
    works = [work for claimed in by_run.values() for work in claimed]
    attempts = {work.pk for work in works if work.kind == WorkKind.ATTEMPT}
    Work.objects.filter(pk__in={work.pk for work in works} - attempts).delete()
    return [*_held(runs, attempts, grip), *(kept for advanced in told for kept in advanced.kept())]


def _told(trip: statements.Trip, run: Run, claimed: list[Work], grip: Grip) -> Advance:
    meant = [(work, fact) for work in claimed for fact in _facts(work)]
    told = advance_on(trip, run, [fact for _, fact in meant], grip=grip)
    heard = {work.pk for (work, _), ignored in zip(meant, told.ignored, strict=False) if ignored is None}
    for work in claimed:
        if work.kind == WorkKind.SIGNAL:
            note_reception(work, accepted=work.pk in heard)
    return told


def _held(runs: dict[Any, Run], attempts: Collection[int], grip: Grip) -> list[Assignment]:
    """Those of the attempts that the other facts have not overtaken: they would be taken back already."""
    by_run = defaultdict[UUID, list[dict[str, Any]]](list)
    left = Work.objects.filter(pk__in=attempts, worker=grip.worker).values() if attempts else ()
    for work in map(dict[str, Any], left):
        by_run[work["run_id"]].append(work)
    steps = {pk: _keys_and_inputs(runs[pk], works) for pk, works in by_run.items()}
    return [
        assignment_of(runs[pk], work, *steps[pk][work["no"]])
        for pk, works in by_run.items()
        for work in works
    ]


def _facts(work: Work) -> list[Event]:
    at, who = work.claimed_at, str(work.worker)
    assert at is not None
    if work.kind == WorkKind.START:
        return [events.RunStarted(at=at)]
    if work.kind == WorkKind.TIMER:
        crash_at("timer.after_mark_fired")
    if work.kind == WorkKind.TIMER and not work.no:
        return [events.RunDeadlinePassed(at=at)]
    if work.kind == WorkKind.TIMER:
        return [events.TimerFired(at=at, no=work.no, timer=work.timer)]
    if work.kind == WorkKind.SIGNAL:
        return [] if (received := reception_of(work)) is None else [received]
    if work.kind in TOLD:
        return TOLD[WorkKind(work.kind)](work)
    phase = Phase(work.phase)
    started = events.AttemptStarted(at=at, no=work.no, attempt=work.attempt, phase=phase, worker=who)
    if work.token == 1:
        return [started]
    lost = events.AttemptLost(at=at, no=work.no, attempt=work.attempt, phase=phase, worker=who)
    return [lost, started]


def _keys_and_inputs(run: Run, works: list[dict[str, Any]]) -> dict[int, tuple[str, Any]]:
    keeper = Keeper(run)
    rows = run.step_runs.filter(no__in=[work["no"] for work in works]).values_list(
        "no", "key", "input", "undo_input"
    )
    undoing = {work["no"] for work in works if work["phase"] == Phase.UNDO}
    return {
        no: (key, keeper.open((undo if no in undoing else do) or {"is": {}})) for no, key, do, undo in rows
    }
