"""Who else has a draft open, and where."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from designer.models import Draft, Presence


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
    titles = {step.key: step.title or step.key.replace("_", " ").capitalize() for step in draft.steps.all()}
    return [
        Here(name_of(one.person), initials_of(one.person), one.step, titles.get(one.step, ""))
        for one in found
    ]


def name_of(person: Any) -> str:
    """The first name, as colleagues call each other."""
    return str(person.first_name or person.get_username())


def initials_of(person: Any) -> str:
    """MO for Maya Okafor, AD for admin."""
    words = person.get_full_name().split()
    letters = words[0][0] + words[-1][0] if len(words) > 1 else (words or [person.get_username()])[0][:2]
    return str(letters.upper())
