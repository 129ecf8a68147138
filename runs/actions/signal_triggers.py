"""Workflows that are subscribed to a signal: those whose triggers name it."""

from typing import Any

from designer.graph import EvaluationError, holds
from runs.models import Run, Signal, Trigger
from runs.models.trigger import TriggerKind
from runs.refusals import Refused

from .firing import input_from, note_refusal, start_from, version_of
from .start import key_of_accepted


def triggers_for_signal(name: str) -> list[Trigger]:
    """The enabled triggers of this signal, the oldest first."""
    wanted = Trigger.objects.filter(kind=TriggerKind.SIGNAL, enabled=True, signal=name)
    return list(wanted.select_related("workflow__published", "version").order_by("pk"))


def start_from_signal(trigger: Trigger, signal: Signal) -> Run | None:
    """The run that the signal starts: one for each trigger, however often it is told. A part of an open transaction.

    None where the trigger's condition does not hold, or where the run is refused: the sentence is kept with it.
    """
    told = told_of(signal)
    try:
        if trigger.condition and not holds(trigger.condition, {"input": told}):
            return None
        return start_from(trigger, f"signal:{signal.pk}", told, otherwise=told["data"]).run
    except (EvaluationError, Refused) as refusal:
        note_refusal(trigger, str(refusal))
        return None


def check_starts(trigger: Trigger, signal: Signal) -> None:
    """Whether the signal, which nobody has sent yet, would start a run. Raises Refused."""
    told = told_of(signal)
    try:
        if trigger.condition and not holds(trigger.condition, {"input": told}):
            raise Refused("Its condition does not hold.")
    except EvaluationError as error:
        raise Refused(f"Its condition has no answer: {error}") from error
    key_of_accepted(version_of(trigger), input_from(trigger, told, told["data"]))


def told_of(signal: Signal) -> dict[str, Any]:
    """What a template and a condition read of a signal as `input`: its key, its data, CloudEvents' attributes."""
    return {
        "name": signal.name,
        "key": signal.key,
        "data": signal.data,
        "id": signal.event_id,
        "source": signal.source,
        "type": signal.name,
        "subject": signal.subject,
        "time": signal.sent_at.isoformat(),
    }
