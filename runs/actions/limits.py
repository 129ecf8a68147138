"""Limits of a workflow: starts wait in its gate until there is a place for them, first come, first served.

Only starts are held back. A run that has begun is never slowed down by limits, and a workflow without any costs one
look at its row when a run is accepted.
"""

import time
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from designer.actions import note_deed
from designer.models import Workflow
from runs import bell
from runs.engine import RunStatus
from runs.models import Limits, Run, Work
from runs.models.lanes import PARKED
from runs.models.work import WorkKind

MOST_AT_ONCE = 500
MINUTE = timedelta(minutes=1)
IN_FLIGHT = (RunStatus.RUNNING, RunStatus.UNDOING)


def admit_starts(workflow_id: UUID) -> int:
    """Let as many of the waiting starts through as there are places for; how many."""
    admitted = _admit(workflow_id)
    if admitted:
        bell.wake()
    return admitted


def admit_waiting() -> int:
    """Look at every gate where starts wait: the net under a place that was freed, and the passing of time."""
    waiting = Exists(_parked(OuterRef("pk")))
    return sum(admit_starts(pk) for pk in list(Limits.objects.filter(waiting).values_list("pk", flat=True)))


def free_place(workflow_id: UUID) -> None:
    """A run of this workflow has ended."""
    if workflow_id in _gated(int(time.monotonic())):
        admit_starts(workflow_id)


@transaction.atomic(durable=True)
def set_limits(*, workflow: Workflow, by: Any, **limits: Any) -> Limits:
    """Runs that are accepted from now on go by them; those that wait at the gate are counted anew."""
    Limits.objects.get_or_create(pk=workflow.pk)
    kept = Limits.objects.select_for_update().get(pk=workflow.pk)
    for name, value in {**limits, "changed_by": by, "changed_at": timezone.now()}.items():
        setattr(kept, name, value)
    kept.save()
    if kept.gated:
        # What has been let through without a gate, and was not claimed yet, queues up like all the others.
        starts = Work.objects.filter(kind=WorkKind.START, worker=None, gate=None, run__workflow=workflow)
        Work.objects.filter(pk__in=list(starts.values_list("pk", flat=True)), worker=None).update(
            gate=kept, lane=PARKED
        )
    transaction.on_commit(partial(admit_starts, workflow.pk), robust=True)
    note_deed("set the limits", "workflow", workflow.key, by=by, about=workflow.pk, **limits)
    return kept


@transaction.atomic(durable=True)
def _admit(workflow_id: UUID) -> int:
    """Who holds the row of the limits counts alone; the works are taken as they are free, so nobody waits for two."""
    limits = Limits.objects.select_for_update().filter(pk=workflow_id).first()
    places = _places(limits) if limits is not None else 0
    if limits is None or places <= 0:
        return 0
    first = _parked(workflow_id).select_for_update(skip_locked=True).order_by("due_at", "pk")
    chosen = list(first.values_list("pk", flat=True)[:places])
    return Work.objects.filter(pk__in=chosen).update(lane=limits.lane)


def _parked(workflow_id: Any) -> QuerySet[Work]:
    return Work.objects.filter(gate=workflow_id, lane=PARKED, worker=None)


def _places(limits: Limits) -> int:
    # In this order: a start that becomes a run between the two counts is counted twice, and not left out.
    under_way = let_through(limits.pk)
    places = MOST_AT_ONCE
    if limits.max_running is not None:
        places = min(places, limits.max_running - under_way - in_flight(limits.pk))
    if limits.starts_per_minute is not None:
        places = min(places, limits.starts_per_minute - under_way - begun_lately(limits.pk))
    return places


def let_through(workflow_id: UUID) -> int:
    """Starts that have passed the gate and that no worker has taken up yet."""
    return Work.objects.filter(gate=workflow_id).exclude(lane=PARKED).count()


def in_flight(workflow_id: UUID) -> int:
    return Run.objects.filter(workflow=workflow_id, status__in=IN_FLIGHT).count()


def begun_lately(workflow_id: UUID) -> int:
    return Run.objects.filter(workflow=workflow_id, started_at__gt=Now() - MINUTE).count()


@lru_cache(maxsize=1)
def _gated(second: int) -> frozenset[UUID]:
    """The workflows with a gate, as of this second: whoever is missed is found by the net."""
    gated = Limits.objects.exclude(max_running=None, starts_per_minute=None)
    return frozenset(gated.values_list("pk", flat=True))
