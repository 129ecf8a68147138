"""Who else has a draft open, and where."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from designer.models import Draft, Presence
from designer.people import first_name, initials_of


@dataclass(frozen=True, slots=True)
class Here:
    name: str
    initials: str
    step: str  # its key; empty where the workflow itself is open
    place: str  # what the step is called


def others_here(draft: Draft, viewer: Any) -> list[Here]:
    """In the order of their names, without the viewer."""
    recent = Presence.objects.filter(draft=draft, seen_at__gte=timezone.now() - Presence.EXPIRES)
    found = recent.exclude(person=viewer).select_related("person").order_by("person__username")
    names = {step.key: step.name for step in draft.steps.all()}
    return [
        Here(first_name(one.person), initials_of(one.person), one.step, names.get(one.step, ""))
        for one in found
    ]
