"""Who is behind a socket, and by whose clocks they read: cookies decide, by the same rules as for a page."""

from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, parse_cookie

from choreo_site.sessions import is_over
from choreo_site.zone import zone_of

Scope = dict[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


class ReadOnlySession(SessionStore):
    """A socket cannot send a new cookie, so it must never renew or end the session the browser holds."""

    # Sessions are signed with the name of their class; these are the pages' sessions.
    key_salt = SessionStore().key_salt

    def cycle_key(self) -> None:
        pass

    def flush(self) -> None:
        pass


class SocketUserMiddleware:
    """Puts into the scope `zone`, and `find_user`, which asks the database each time: someone may have signed out."""

    def __init__(self, inner: App) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        known = {"find_user": partial(user_of_cookie, scope), "zone": zone_of(cookies_of(scope))}
        await self.inner({**scope, **known}, receive, send)


def user_of_cookie(scope: Scope) -> AbstractBaseUser | AnonymousUser:
    session = ReadOnlySession(cookies_of(scope).get(settings.SESSION_COOKIE_NAME))
    if is_over(dict(session.items())):
        return AnonymousUser()
    return get_user(cast(HttpRequest, SimpleNamespace(session=session)))


def cookies_of(scope: Scope) -> dict[str, str]:
    headers = dict(scope.get("headers", []))
    return parse_cookie(headers.get(b"cookie", b"").decode("latin1"))
