"""What people do to a parallel or a map that is under way: add items, close the list, go on with what there is."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from designer.actions import note_deed
from designer.graph import MOST_ITEMS, Map, Parallel, in_batches
from designer.versions import graph_of
from runs.engine import Event, Fan, RunState, Status, events, load_state, storage_flaw
from runs.models import Run
from runs.refusals import Refused

from .advance import advance, locked_run


def check_force(run: Run, no: int) -> None:
    """Raises Refused where this step run is not waiting for branches or items."""
    _waiting(run, no, Map | Parallel, "branches or items")


def check_add(run: Run, no: int) -> None:
    """Raises Refused where items cannot be added to this step run."""
    _open_map(run, no)


@transaction.atomic(durable=True)
def add_items(*, run_id: UUID, no: int, items: list[Any], by: Any) -> int:
    """Add items to a map whose list is open, and say how many scopes that makes. Raises Refused."""
    run = locked_run(run_id)
    definition, fan = _open_map(run, no)
    if flaw := storage_flaw(items, largest=settings.CHOREO_VALUE_LIMIT):
        raise Refused(f"The items cannot be kept: the list {flaw}.")
    batches = in_batches(items, definition.batch)
    total = fan.total + len(batches)
    if total > MOST_ITEMS:
        raise Refused(f"That would make {total:,} items; a map takes {MOST_ITEMS:,}.")
    name = by.get_username()
    _tell(run, events.ItemsAdded(at=timezone.now(), no=no, count=len(batches), items=batches, by=name))
    note_deed("added items", "run", run.name, by=by, about=run.pk, no=no, count=len(items))
    return len(batches)


@transaction.atomic(durable=True)
def close_items(*, run_id: UUID, no: int, by: Any) -> None:
    """No more items will be added: the map ends when those that there are have ended. Raises Refused."""
    run = locked_run(run_id)
    check_add(run, no)
    _tell(run, events.ItemsClosed(at=timezone.now(), no=no, by=by.get_username()))
    note_deed("closed the items", "run", run.name, by=by, about=run.pk, no=no)


@transaction.atomic(durable=True)
def force_join(*, run_id: UUID, no: int, by: Any, reason: str = "") -> None:
    """Have a parallel or a map go on with what there is; what is still open in it is cancelled. Raises Refused."""
    run = locked_run(run_id)
    check_force(run, no)
    _tell(run, events.JoinForced(at=timezone.now(), no=no, by=by.get_username(), reason=reason))
    note_deed("forced on", "run", run.name, by=by, about=run.pk, no=no, reason=reason)


def _open_map(run: Run, no: int) -> tuple[Map, Fan]:
    definition, state = _waiting(run, no, Map, "items")
    if state.fans[no].closed:
        raise Refused("The list of items is closed.")
    return definition, state.fans[no]


def _waiting(run: Run, no: int, kind: Any, what: str) -> tuple[Any, RunState]:
    """The definition of a step run that is under way, and the run's state. One that waits for its lock is not."""
    state = load_state(run.state)
    step = state.steps.get(no)
    if step is None or step.status is not Status.WAITING or step.fault is not None or step.outside:
        raise Refused("The step is not under way.")
    definition = graph_of(run.version_id).step(step.key)
    if not isinstance(definition, kind):
        raise Refused(f"The step has no {what}.")
    return definition, state


def _tell(run: Run, fact: Event) -> None:
    if why := advance(run, [fact]).ignored[0]:
        raise Refused(f"Nothing was changed: {why}.")
