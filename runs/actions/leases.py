"""Leases: a worker that falls silent loses its work to whoever claims it next."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from designer.graph import format_duration
from runs import bell
from runs.engine import Fault, Phase, events
from runs.models import Work, Worker
from runs.models.work import WorkKind

from .advance import advance, locked_run
from .assignments import Assignment, Start


def enlist_worker(*, host: str, pid: int, cluster: str = "") -> UUID:
    """A new worker's id. Its lease starts now, by the database's clock."""
    return Worker.objects.create(host=host, pid=pid, cluster=cluster, started_at=Now(), beat_at=Now()).pk


def beat(worker: UUID) -> bool:
    """Renew the lease. False: it was given up, and nothing the worker claimed is its own any more."""
    return Worker.objects.filter(pk=worker).update(beat_at=Now()) == 1


def retire_worker(worker: UUID) -> None:
    """A worker says good-bye: its work can be claimed at once."""
    _give_up([worker])


def hold_on(held: Iterable[Assignment], *, worker: UUID) -> list[Assignment]:
    """Those that nobody else has claimed since. From now on they are under this worker's lease."""
    return [
        replace(each, worker=worker)
        for each in held
        if each.worker == worker or _still(each).update(worker=worker)
    ]


def hand_back(held: Iterable[Assignment | Start], *, later: timedelta = timedelta()) -> None:
    """What the worker does not go on with is anybody's, at once or a while later."""
    handed = [_still(each).update(worker=None, due_at=timezone.now() + later) for each in held]
    if any(handed) and not later:
        bell.wake()


def _still(held: Assignment | Start) -> QuerySet[Work]:
    """Its work, unless it has been claimed anew."""
    return Work.objects.filter(pk=held.work_id, token=held.token)


def release_silent_workers() -> int:
    """Give back the work of workers that have been silent for a lease; how many there were.

    A beat of the future is of the time before the clock was set back: there has been none since.
    """
    lease = timedelta(seconds=settings.CHOREO_LEASE_SECONDS)
    spoke_lately = Q(beat_at__gte=Now() - lease, beat_at__lte=Now() + lease)
    silent = list(Worker.objects.exclude(spoke_lately).values_list("pk", flat=True))
    if silent:
        _give_up(silent)
    _take_from_the_unknown()
    _close_overlong()
    return len(silent)


def release_cluster(cluster: str) -> int:
    """Give back the work of a cluster that is known to be dead; how many workers it had."""
    workers = list(Worker.objects.filter(cluster=cluster).values_list("pk", flat=True))
    if workers:
        _give_up(workers)
    return len(workers)


@transaction.atomic(durable=True)
def _give_up(workers: list[UUID]) -> None:
    Worker.objects.filter(pk__in=workers).delete()
    # The token grows with the next claim, which also tells the engine that the attempt was lost.
    released = Work.objects.filter(worker__in=workers).update(worker=None)
    if released:
        transaction.on_commit(bell.wake, robust=True)


def _take_from_the_unknown() -> None:
    """Give back what a worker claimed while it was given up: it fell silent in the middle of a transaction."""
    enlisted = Worker.objects.filter(pk=OuterRef("worker"))
    if Work.objects.filter(~Exists(enlisted), worker__isnull=False).update(worker=None):
        bell.wake()


def _close_overlong() -> None:
    """Close attempts that are out past their timeout: the worker lives, but its step does not let go."""
    overdue = Work.objects.filter(kind=WorkKind.ATTEMPT, timeout__isnull=False, worker__isnull=False).filter(
        claimed_at__lt=Now() - F("timeout") - timedelta(seconds=settings.CHOREO_TIMEOUT_GRACE)
    )
    for pk in list(overdue.values_list("pk", flat=True)):
        _close(pk)


@transaction.atomic(durable=True)
def _close(work_id: int) -> None:
    work = Work.objects.filter(pk=work_id).first()
    if work is None or work.run_id is None:
        return
    run = locked_run(work.run_id)
    if not Work.objects.filter(pk=work_id, token=work.token).delete()[0]:
        return
    assert work.timeout is not None
    fault = Fault(name="Timeout", message=f"The attempt did not end within {format_duration(work.timeout)}.")
    failed = events.AttemptFailed(
        at=timezone.now(), no=work.no, attempt=work.attempt, phase=Phase(work.phase), fault=fault
    )
    advance(run, [failed])
