"""Resolving dead letters."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from designer.actions import note_deed
from designer.graph import Action, Contract, violations
from designer.versions import graph_of
from runs.crash_points import crash_at
from runs.engine import Phase, Resolution, events, storage_flaw
from runs.models import DeadLetter
from runs.models.people import DeadLetterStatus
from runs.refusals import OutputRefused, Refused

from .advance import advance, locked_run

DEEDS = {Resolution.RETRY: "tried again", Resolution.SKIP: "passed over", Resolution.DONE: "did by hand"}


def check_resolve(letter: DeadLetter) -> None:
    """Raises Refused."""
    if letter.status != DeadLetterStatus.OPEN:
        raise Refused("The dead letter is closed.")


def output_contract(letter: DeadLetter) -> Contract | None:
    """The contract that an output told by a person must keep; None where the work has no output of its own."""
    if letter.phase == Phase.UNDO:
        return None
    graph = graph_of(letter.run.version_id)
    step = graph.steps.get(letter.key)
    return graph.contracts.get(step.does) if isinstance(step, Action) else None


def check_output(letter: DeadLetter, how: Resolution, output: Any) -> None:
    """What was done by hand is what later steps read: it keeps the step's contract. Raises OutputRefused, Refused."""
    contract = output_contract(letter)
    if how is not Resolution.DONE or contract is None:
        if output is not None:
            raise Refused("An output is told of a step that was done by hand, and of no other.")
        return
    found = [(problem.path, problem.message) for problem in violations(contract.output, output)]
    if flaw := storage_flaw(output, largest=settings.CHOREO_VALUE_LIMIT):
        found.append(("", f"it {flaw}"))
    if found:
        raise OutputRefused(contract.reference, found)


@transaction.atomic(durable=True)
def resolve_dead_letter(
    *, letter_id: UUID, how: Resolution, by: Any, reason: str = "", output: Any = None
) -> DeadLetter:
    """Try the work again, pass over it, or say that it was done by hand, and what came of it.

    Raises OutputRefused, Refused.
    """
    run = locked_run(DeadLetter.objects.values_list("run_id", flat=True).get(pk=letter_id))
    letter = DeadLetter.objects.select_related("run").get(pk=letter_id)
    check_resolve(letter)
    check_output(letter, how, output)
    now = timezone.now()
    fact = events.DeadLetterResolved(
        at=now, no=letter.no, how=how, by=by.get_username(), reason=reason, output=output
    )
    # Closed before the run moves on: a retry that fails opens a new one.
    letter.status, letter.resolution, letter.reason = DeadLetterStatus.RESOLVED, how.value, reason
    letter.resolved_by, letter.resolved_at = by, now
    letter.save(update_fields=["status", "resolution", "reason", "resolved_by", "resolved_at"])
    crash_at("redrive.mid")
    told = advance(run, [fact])
    if told.ignored[0]:
        raise Refused(f"Nothing was changed: {told.ignored[0]}.")
    note_deed(DEEDS[how], "run", run.name, by=by, about=run.pk, step=letter.key, reason=reason)
    return letter
