"""Resolving dead letters."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from runs.engine import Resolution, events
from runs.models import DeadLetter
from runs.models.people import DeadLetterStatus
from runs.refusals import Refused

from .advance import advance, locked_run


def check_resolve(letter: DeadLetter) -> None:
    """Raises Refused."""
    if letter.status != DeadLetterStatus.OPEN:
        raise Refused("The dead letter is closed.")


@transaction.atomic(durable=True)
def resolve_dead_letter(
    *, letter_id: UUID, how: Resolution, by: Any, reason: str = "", output: Any = None
) -> DeadLetter:
    """Try the work again, pass over it, or say that it was done by hand. Raises Refused."""
    run = locked_run(DeadLetter.objects.values_list("run_id", flat=True).get(pk=letter_id))
    letter = DeadLetter.objects.get(pk=letter_id)
    check_resolve(letter)
    now = timezone.now()
    fact = events.DeadLetterResolved(
        at=now, no=letter.no, how=how, by=by.get_username(), reason=reason, output=output
    )
    # Closed before the run moves on: a retry that fails opens a new one.
    letter.status, letter.resolution, letter.reason = DeadLetterStatus.RESOLVED, how.value, reason
    letter.resolved_by, letter.resolved_at = by, now
    letter.save(update_fields=["status", "resolution", "reason", "resolved_by", "resolved_at"])
    told = advance(run, [fact])
    if told.ignored[0]:
        raise Refused(f"Nothing was changed: {told.ignored[0]}.")
    return letter
