"""Who is behind a socket, and by whose clocks they read: cookies decide, by the same rules as for a page."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from choreo_site.alike import know_alike
from choreo_site.sessions import is_over, key_in
from choreo_site.zone import zone_of

Scope = dict[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


class SocketUserMiddleware:
    """Puts into the scope `zone`, and `find_readers`, which asks anew each time: someone may have signed out."""

    def __init__(self, inner: App) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        known = {"find_readers": readers_of, "zone": zone_of(cookies_of(scope))}
        await self.inner({**scope, **known}, receive, send)


def readers_of(scopes: Sequence[Scope]) -> list[AbstractBaseUser | AnonymousUser]:
    """Who is behind each of these sockets now, and what they may do, asked for all of them together.

    A socket cannot send a new cookie. So unlike `django.contrib.auth.get_user` this never renews or ends the session
    that the browser holds.
    """
    keys = [key_in(cookies_of(scope)) for scope in scopes]
    rows = Session.objects.filter(session_key__in=set(keys), expire_date__gt=timezone.now())
    sessions = {row.session_key: opened(row.session_data) for row in rows}
    everybody = get_user_model()._default_manager
    people = everybody.in_bulk({str(one[SESSION_KEY]) for one in sessions.values() if SESSION_KEY in one})
    know_alike(people.values())
    by_id = {str(pk): person for pk, person in people.items()}
    return [signed_in(sessions.get(key, {}), by_id) for key in keys]


@lru_cache(maxsize=1_024)
def opened(data: str) -> Mapping[str, Any]:
    """What a session says. One is read again and again, and seldom written."""
    return SessionStore().decode(data)


def signed_in(
    session: Mapping[str, Any], people: Mapping[str, AbstractBaseUser]
) -> AbstractBaseUser | AnonymousUser:
    """Whose session it is. Nobody's: it is over, or the password or the secret key is another now."""
    person = people.get(str(session.get(SESSION_KEY)))
    if person is None or not person.is_active or is_over(session):
        return AnonymousUser()
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return AnonymousUser()
    hashes = (person.get_session_auth_hash(), *person.get_session_auth_fallback_hash())
    known = session.get(HASH_SESSION_KEY, "")
    return person if any(constant_time_compare(known, one) for one in hashes) else AnonymousUser()


def cookies_of(scope: Scope) -> dict[str, str]:
    headers = dict(scope.get("headers", []))
    return parse_cookie(headers.get(b"cookie", b"").decode("latin1"))
