"""Tokens: how a program says whom it acts for. Each is shown once, and kept as a hash."""

import secrets
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from choreo_site.models import ApiToken
from choreo_site.sign_in import hashed
from designer.actions import note_deed

PREFIX = "choreo_"  # a token that has leaked is recognised by it
MOST = 50  # of one person
USE_NOTED = timedelta(minutes=1)  # how exactly the last use is known: not every request writes a row


class TokenRefused(Exception):
    """A token that cannot be made, and why."""


class NewToken(NamedTuple):
    row: ApiToken
    text: str  # shown once


@transaction.atomic(durable=True)
def create_token(*, by: Any, name: str, days: int | None = None, reads_only: bool = False) -> NewToken:
    """A token with which programs may do what ``by`` may do, or only look. Raises TokenRefused."""
    if ApiToken.objects.filter(user=by).count() >= MOST:
        raise TokenRefused(f"You have {MOST} tokens. Revoke one that is not used any more.")
    text, now = PREFIX + secrets.token_urlsafe(32), timezone.now()
    row = ApiToken.objects.create(
        user=by,
        name=name,
        hint=text[-4:],
        token_hash=hashed(text),
        created_at=now,
        expires_at=now + timedelta(days=days) if days else None,
        reads_only=reads_only,
    )
    note_deed("made", "token", name, by=by, about=row.pk, hint=row.hint, days=days, reads_only=reads_only)
    return NewToken(row, text)


def revoke_token(*, token_id: int, by: Any) -> str | None:
    """The name of the token that has ended, or None when ``by`` has no such token."""
    with transaction.atomic(durable=True):
        token = ApiToken.objects.filter(pk=token_id, user=by).first()
        if token is None:
            return None
        token.delete()
        note_deed("revoked", "token", token.name, by=by, about=token_id, hint=token.hint)
        return token.name


def find_token(text: str) -> ApiToken | None:
    """The living token, of somebody who may come in."""
    token = ApiToken.objects.filter(token_hash=hashed(text)).select_related("user").first()
    if token is None or not token.user.is_active or is_over(token):
        return None
    return token


def is_over(token: ApiToken) -> bool:
    return token.expires_at is not None and token.expires_at <= timezone.now()


def note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)


def tokens_of(user: Any) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user=user)
