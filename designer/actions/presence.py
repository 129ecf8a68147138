"""Saying that one has a draft open, and that one has left it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from designer.models import Draft, Presence


@transaction.atomic(durable=True)
def note_presence(*, draft: Draft, step: str, by: Any) -> None:
    """Somebody looks at a step now; the traces of those who left without a word are swept."""
    now = timezone.now()
    Presence.objects.filter(draft=draft, seen_at__lt=now - Presence.EXPIRES).delete()
    Presence.objects.update_or_create(draft=draft, person=by, defaults={"step": step[:64], "seen_at": now})


@transaction.atomic(durable=True)
def leave_draft(*, draft: Draft, by: Any) -> None:
    """Somebody has closed the page. Another page of the same person says again that they are here."""
    Presence.objects.filter(draft=draft, person=by).delete()
