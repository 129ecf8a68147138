"""Claiming work. A worker takes what is due, in bulk, and what follows at once is decided in the same transaction."""

import logging
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import timezone

from runs.crash_points import crash_at
from runs.engine import Event, Phase, events
from runs.models import Keeper, Run, Trigger, Work
from runs.models.work import WorkKind

from . import statements
from .advance import Advance, make
from .assignments import Assignment, Grip, Start, assignment_of
from .attempts import Begun
from .children import cancelled_by_parent, end_of_child, undone_by_parent
from .cron import fire_cron
from .due import clock, lanes_with_due, left_by_others, unclaimed
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


def claim_work(*, grip: Grip) -> list[Assignment | Begun]:
    """The attempts that a worker now holds, and the runs in which it looks ahead. Empty: nothing is due.

    As many as its ``grip`` has room for are claimed, and of what follows at once it keeps as many again. Due timers
    are fired and accepted runs are started on the way.
    """
    for _ in range(CONTENTION):
        claimed = claim_once(grip)
        crash_at("claim.after_commit")
        do_errands(claimed.errands)
        if claimed.held or not claimed.found:
            return claimed.held
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
    held: list[Assignment | Begun]
    errands: list[Work]


@transaction.atomic(durable=True)
def _claim(grip: Grip, begin: Callable[[dict[Any, Run], ByRun, Grip], list[Assignment | Begun]]) -> Claimed:
    candidates = _candidates(grip.room)
    if not candidates:
        return Claimed(False, [], [])
    runs, triggers, claimed = _taken(candidates, grip.worker)
    by_run, errands = defaultdict(list), []
    for work in claimed:
        if is_errand(work):
            errands.append(work)
        elif work.trigger_id is None:
            by_run[work.run_id].append(work)
        else:
            _set_aside_if_broken(partial(fire_cron, triggers[work.trigger_id], work), [work])
    return Claimed(True, begin(runs, by_run, grip) if by_run else [], errands)


def _taken(candidates: list[Work], worker: UUID) -> tuple[dict[Any, Run], dict[Any, Trigger], list[Work]]:
    """What nobody else was faster to take, and what it is about. Nothing postpones what nobody holds: it is still due.

    Runs are always locked before triggers and these before work, each in id order: there is no lock order to get wrong.
    """
    about = [work for work in candidates if not is_errand(work)]
    now, trip = timezone.now(), statements.Trip()
    runs = trip.lock(Run, {work.run_id for work in about if work.run_id is not None})
    triggers = trip.lock(Trigger, {work.trigger_id for work in about if work.trigger_id is not None})
    crash_at("claim.before_update")
    taken = trip.claim(Work, [work.pk for work in candidates], {"worker": worker, "claimed_at": now})
    trip.make()
    tokens: dict[int, int] = dict(taken.rows)  # type: ignore[arg-type]
    claimed = [work for work in candidates if work.pk in tokens]
    for work in claimed:
        work.worker, work.claimed_at, work.token = worker, now, tokens[work.pk]
    return statements.found(Run, runs), statements.found(Trigger, triggers), claimed


def _candidates(limit: int) -> list[Work]:
    """What is due, from the most urgent lane to the least, and in each the earliest first."""
    found: list[Work] = []
    for lane in lanes_with_due():
        found += _due_in(lane, limit - len(found))
        if len(found) >= limit:
            break
    return found


def _due_in(lane: str, room: int) -> list[Work]:
    """The earliest. But a quarter is for runs that wait to begin, lest they wait for a thousand items of another."""
    due = unclaimed(lane).filter(due_at__lte=clock())
    earliest = left_by_others(due, room)
    if len(earliest) < room or any(work.kind == WorkKind.START for work in earliest):
        return earliest
    share = room // 4 or int(random.random() < 1 / 4)
    starts = left_by_others(due.filter(kind=WorkKind.START), share)
    return earliest[: room - len(starts)] + starts


def _begin_apart(runs: dict[Any, Run], by_run: ByRun, grip: Grip) -> list[Assignment | Begun]:
    begun = [
        _set_aside_if_broken(partial(_begin, {pk: runs[pk]}, {pk: claimed}, grip), claimed)
        for pk, claimed in by_run.items()
    ]
    return [one for held in begun for one in held or ()]


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


def _begin(runs: dict[Any, Run], by_run: ByRun, grip: Grip) -> list[Assignment | Begun]:
    """Tell each run what its work means, and keep what is an attempt, or a start that can be recorded later."""
    begun: list[Begun] = []
    told: dict[Any, Advance] = {}
    for pk, claimed in by_run.items():
        run = runs[pk]
        run.is_shared = any(work.token > 1 for work in claimed)
        advanced = Advance(run, grip)
        starts = [work.kind for work in claimed] == [WorkKind.START] and not run.is_shared
        foreseen = starts and advanced.foresee(*_facts(claimed[0]))
        if foreseen and advanced.expects_more:
            begun.append(Begun(_start(run, claimed[0]), advanced))
            continue
        if not foreseen:
            _tell(advanced, claimed)
        told[pk] = advanced
    attempts = _record(told, by_run)
    return [
        *begun,
        *_held(runs, attempts),
        *(kept for advanced in told.values() for kept in advanced.kept()),
    ]


def _start(run: Run, work: Work) -> Start:
    assert work.worker is not None
    return Start(work_id=work.pk, token=work.token, worker=work.worker, run_id=run.pk, run=run)


def _record(told: Mapping[Any, Advance], by_run: ByRun) -> list[Work]:
    """Write what follows; the attempts among what was claimed for it. The rest of that is done."""
    if not told:
        return []
    trip = statements.Trip()
    for advanced in told.values():
        advanced.write(trip)
    make(trip, told.values())
    works = [work for pk in told for work in by_run[pk]]
    attempts = [work for work in works if work.kind == WorkKind.ATTEMPT]
    if len(attempts) < len(works):
        Work.objects.filter(pk__in=[work.pk for work in works if work not in attempts]).delete()
    # None can have been overtaken where all that was told is that they have started.
    nothing_else = len(attempts) == len(works) and all(work.token == 1 for work in works)
    return attempts if nothing_else else _left(attempts)


def _left(attempts: list[Work]) -> list[Work]:
    """Those that other facts have not overtaken: they would be taken back already."""
    there = set(Work.objects.filter(pk__in=[work.pk for work in attempts]).values_list("pk", flat=True))
    return [work for work in attempts if work.pk in there]


def _tell(advanced: Advance, claimed: list[Work]) -> None:
    meant = [(work, fact) for work in claimed for fact in _facts(work)]
    advanced.tell(fact for _, fact in meant)
    heard = {work.pk for (work, _), ignored in zip(meant, advanced.ignored, strict=False) if ignored is None}
    for work in claimed:
        if work.kind == WorkKind.SIGNAL:
            note_reception(work, accepted=work.pk in heard)


def _held(runs: dict[Any, Run], attempts: list[Work]) -> list[Assignment]:
    by_run = defaultdict[Any, list[Work]](list)
    for work in attempts:
        by_run[work.run_id].append(work)
    steps = {pk: _keys_and_inputs(runs[pk], works) for pk, works in by_run.items()}
    return [
        assignment_of(runs[pk], vars(work), *steps[pk][work.no])
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


def _keys_and_inputs(run: Run, works: list[Work]) -> dict[int, tuple[str, Any]]:
    keeper = Keeper(run)
    rows = run.step_runs.filter(no__in=[work.no for work in works]).values_list(
        "no", "key", "input", "undo_input"
    )
    undoing = {work.no for work in works if work.phase == Phase.UNDO}
    return {
        no: (key, keeper.open((undo if no in undoing else do) or {"is": {}})) for no, key, do, undo in rows
    }
