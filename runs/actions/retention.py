"""Removing runs that ended long ago, with all that hangs on them. The audit trail is not a part of a run, and stays.

A run goes once nobody can need it any more: the run that started it is gone, it awaits no person, nothing about it is
still to be done, and no living run listens for a signal of its story.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from runs.engine import OVER
from runs.models import DeadLetter, Reception, Run, Signal, Subscription, Work
from runs.models.people import DeadLetterStatus

RUNS_AT_ONCE, ENTRIES_AT_ONCE = 100, 20_000  # in one transaction: nobody waits long for the database


def kept_since(now: datetime | None = None) -> datetime | None:
    """Runs that ended before then are removed; None where runs are kept for ever."""
    days = settings.CHOREO_RUNS_KEPT
    return (now or timezone.now()) - timedelta(days=days) if days else None


def removable_runs() -> QuerySet[Run]:
    """The oldest first. What a removed run had started follows it."""
    since = kept_since()
    if since is None:
        return Run.objects.none()
    old = Run.objects.filter(status__in=OVER, ended_at__lt=since, parent=None).order_by("pk")
    return old.exclude(
        Exists(Work.objects.filter(run=OuterRef("pk")))
        | Exists(DeadLetter.objects.filter(run=OuterRef("pk"), status=DeadLetterStatus.OPEN))
        | Exists(_signals_of_the_living())
    )


def _signals_of_the_living() -> QuerySet[Signal]:
    """Those that the run has sent or received, and whose key a run still listens for."""
    received = Reception.objects.filter(signal=OuterRef("pk"), run=OuterRef(OuterRef("pk")))
    listens = Subscription.objects.filter(key=OuterRef("key"))
    return Signal.objects.filter(Q(run=OuterRef("pk")) | Exists(received)).filter(Exists(listens))


def remove_old_runs() -> int:
    """Remove some of them; how many. None are left when it is 0."""
    if kept_since() is None:
        return 0
    with transaction.atomic(durable=True):
        # Another host may be at it too.
        chosen = removable_runs().select_for_update(skip_locked=True, of=("self",))
        old = _few(chosen.values_list("pk", "seq")[:RUNS_AT_ONCE])
        Run.objects.filter(pk__in=old).delete()
    return len(old)


def _few(runs: Iterable[tuple[UUID, int]]) -> list[UUID]:
    """One at least, and not many more entries of journals than may go at once."""
    few, entries = list[UUID](), 0
    for pk, length in runs:
        if entries < ENTRIES_AT_ONCE:
            few.append(pk)
            entries += length
    return few
