"""What a trigger does when its time has come: a run, or a sentence that says why there is none."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from designer.graph import EvaluationError, fill
from designer.models import Version
from runs.models import Trigger
from runs.refusals import InputRefused, NothingPublished

from .start import Origin, Started, accept_run

LONGEST_REFUSAL = 2_000


def start_from(trigger: Trigger, happening: str, told: Mapping[str, Any], otherwise: Any) -> Started:
    """The run that ``happening``, a name among this trigger's own, starts: once, however often it is told.

    Templates read what came as ``input``; without a template ``otherwise`` is the run's input. A part of the
    transaction that is open. Raises InputRefused, NothingPublished.
    """
    inputs = input_from(trigger, told, otherwise)
    key = f"trigger:{trigger.pk}:{_short(happening)}"
    started = accept_run(version_of(trigger), inputs, Origin(idempotency_key=key, trigger=trigger))
    if not started.replayed:
        Trigger.objects.filter(pk=trigger.pk).update(started=F("started") + 1)
    return started


def input_from(trigger: Trigger, told: Mapping[str, Any], otherwise: Any) -> Any:
    """Raises InputRefused."""
    return otherwise if trigger.input is None else filled(trigger.input, told)


def filled(template: Any, told: Mapping[str, Any]) -> Any:
    """Raises InputRefused."""
    try:
        return fill(template, {"input": dict(told), "now": timezone.now()})
    except EvaluationError as error:
        raise InputRefused([("template", str(error))], said="The trigger's template does not fit.") from error


def version_of(trigger: Trigger) -> Version:
    """Raises NothingPublished."""
    version = trigger.version or trigger.workflow.published
    if version is None:
        raise NothingPublished(
            f"“{trigger.workflow.key}” has not been published, so there is nothing to run."
        )
    return version


def note_refusal(trigger: Trigger, sentence: str) -> None:
    """People see the newest one beside the trigger."""
    with transaction.atomic():
        Trigger.objects.filter(pk=trigger.pk).update(
            refused=F("refused") + 1,
            last_refusal=sentence[:LONGEST_REFUSAL].replace("\0", "␀"),
            last_refused_at=timezone.now(),
        )


def _short(happening: str) -> str:
    """As it is, while it fits into the column of the key."""
    return happening if len(happening) <= 100 else hashlib.sha256(happening.encode()).hexdigest()
