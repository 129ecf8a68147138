"""Signing in: one-time links, the first administrator, and the wait after too many wrong passwords."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AbstractUser, User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from choreo_site.models import FailedSignIn, SignInLink
from choreo_site.roles import every_role
from designer.actions import note_deed

LINK_LIFE = timedelta(minutes=10)
FAILURES_ALLOWED = 10
FAILURE_WINDOW = timedelta(minutes=15)


def ensure_administrator() -> User:
    """The first active administrator; on an empty database one named `admin`, who has no password yet."""
    people = User.objects
    with transaction.atomic(durable=True):
        known = people.filter(is_superuser=True, is_active=True).order_by("pk").first()
        administrator = known or people.create_superuser(free_username("admin"), password=None)
        administrator.groups.add(*every_role())
        return administrator


def free_username(wanted: str) -> str:
    taken = set(User.objects.filter(username__startswith=wanted).values_list("username", flat=True))
    return next(name for name in [wanted, *(f"{wanted}{n}" for n in range(2, 10_000))] if name not in taken)


def create_sign_in_link(*, user: User) -> str:
    """The token of a link that signs `user` in once, within ten minutes. Earlier links of theirs end here."""
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    with transaction.atomic(durable=True):
        SignInLink.objects.filter(user=user).delete()
        SignInLink.objects.create(token_hash=hashed(token), user=user, expires_at=now + LINK_LIFE)
    return token


def use_sign_in_link(*, token: str) -> User | None:
    """Whom the link signs in, or None when it was used, is too old or never was. The count decides a race."""
    now = timezone.now()
    link = SignInLink.objects.filter(token_hash=hashed(token))
    with transaction.atomic(durable=True):
        # On its own columns alone: with a join PostgreSQL would let two of them pass.
        if not link.filter(used_at=None, expires_at__gt=now).update(used_at=now):
            return None
        user = link.select_related("user").get().user
    return user if user.is_active else None


@transaction.atomic(durable=True)
def note_sign_in(*, user: AbstractBaseUser, how: str, address: str) -> None:
    """``how`` is by password or by link."""
    note_deed(
        "signed in", "person", user.get_username(), by=user, about=user.pk, how=how, address=address[:64]
    )


@transaction.atomic(durable=True)
def end_sessions(*, by: AbstractUser, but: str | None) -> int:
    """Sign somebody out everywhere but here; in how many places. Sessions are not kept by person, so all are read."""
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=but).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(by.pk):
            session.delete()
            ended += 1
    note_deed("signed out everywhere", "person", by.get_username(), by=by, about=by.pk, ended=ended)
    return ended


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def can_sign_in_from(*, username: str, address: str) -> bool:
    """Whether this person may try a password from this address now."""
    since = timezone.now() - FAILURE_WINDOW
    return recent_failures(username, address).filter(at__gt=since).count() < FAILURES_ALLOWED


def note_failed_sign_in(*, username: str, address: str) -> None:
    now = timezone.now()
    with transaction.atomic(durable=True):
        FailedSignIn.objects.filter(at__lte=now - FAILURE_WINDOW).delete()
        FailedSignIn.objects.create(username=username[:150], address=address[:64], at=now)


def forget_failed_sign_ins(*, username: str, address: str) -> None:
    recent_failures(username, address).delete()


def recent_failures(username: str, address: str) -> QuerySet[FailedSignIn]:
    return FailedSignIn.objects.filter(username=username[:150], address=address[:64])
