"""Cancelling a run."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from designer.actions import note_deed
from runs.engine import OVER, RunStatus, events, load_state
from runs.models import Run
from runs.models.work import WorkKind
from runs.refusals import Refused

from .advance import advance, locked_run


def check_cancel(run: Run) -> None:
    """Raises Refused."""
    if run.status in OVER:
        raise Refused("The run is over.")
    if run.status == RunStatus.UNDOING:
        raise Refused("The run is being undone already.")
    if load_state(run.state).ending is not None:
        raise Refused("The run is ending already.")


@transaction.atomic(durable=True)
def cancel_run(*, run_id: UUID, by: Any, reason: str = "", undo: bool = True) -> None:
    """Stop a run. Attempts that are out are left to report; with ``undo`` the finished steps are undone.

    Raises Refused.
    """
    run = locked_run(run_id)
    check_cancel(run)
    now = timezone.now()
    # A run that no worker has taken up yet is started first, so that its journal tells the whole story.
    begun = [events.RunStarted(at=now)] if run.status == RunStatus.READY else []
    run.work.filter(kind=WorkKind.START).delete()
    told = advance(
        run, [*begun, events.CancelRequested(at=now, by=by.get_username(), reason=reason, undo=undo)]
    )
    if told.ignored[-1]:
        raise Refused(f"The run was not cancelled: {told.ignored[-1]}.")
    note_deed("cancelled", "run", run.name, by=by, about=run.pk, reason=reason, undo=undo)
