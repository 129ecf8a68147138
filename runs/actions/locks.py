"""Locks: who asks waits in a queue, and a worker lets in the first of it when nobody holds the lock.

Whoever decides about a run only writes its place in the queue, or takes it out, and orders that somebody looks. The
look is a transaction of its own that waits for one name alone: there is no order of locks to get wrong, and since
every change of a queue orders a look after its commit, nobody is forgotten in it.
"""

from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from runs import bell
from runs.engine import Event, events
from runs.models import NamedLock, Run, Work
from runs.models.work import WorkKind


def queue_up(run: Run, no: int, name: str) -> dict[str, Any]:
    """Take a place in the queue. The look to be ordered."""
    NamedLock.objects.create(run=run, no=no, name=name, asked_at=timezone.now())
    return look_at(name)


def give_up(run: Run, no: int, name: str) -> dict[str, Any]:
    """Leave the queue, or the lock. The look to be ordered."""
    NamedLock.objects.filter(run=run, no=no).delete()
    # In this order: whoever let the step in a moment ago has ordered by now that it is told.
    Work.objects.filter(run=run, no=no, kind=WorkKind.LET_IN).delete()
    return look_at(name)


def look_at(name: str) -> dict[str, Any]:
    return {"run_id": None, "kind": WorkKind.LOCK, "does": name, "due_at": timezone.now()}


def let_in(work: Work) -> None:
    """Look at the queue of a lock, and let the first one in if nobody holds it. A part of an open transaction."""
    queue = NamedLock.objects.filter(name=work.does)
    if queue.filter(granted=True).exists():
        return
    first = queue.select_related("run").first()
    if first is not None and _grant(first):
        Work.objects.create(
            run=first.run, no=first.no, kind=WorkKind.LET_IN, lane=first.run.lane, due_at=timezone.now()
        )
        transaction.on_commit(partial(bell.ring, first.run_id, first.run.seq, work=True), robust=True)


def lock_granted(work: Work) -> list[Event]:
    """What the run is told when its step is let in."""
    assert work.claimed_at is not None
    return [events.LockGranted(at=work.claimed_at, no=work.no)]


def _grant(place: NamedLock) -> bool:
    """False where another look was faster, or the place was given up a moment ago: that orders a look of its own."""
    try:
        with transaction.atomic():
            waiting = NamedLock.objects.filter(pk=place.pk, granted=False)
            return waiting.update(granted=True, granted_at=timezone.now()) == 1
    except IntegrityError:
        return False
