"""Who is behind a socket, and by whose clocks they read: cookies decide, by the same rules as for a page."""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import aget_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.http import HttpRequest, parse_cookie

from choreo_site.sessions import is_over
from choreo_site.zone import zone_of

Scope = dict[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


class ReadOnlySession(SessionStore):
    """A socket cannot send a new cookie, so it must never renew or end the session the browser holds."""

    # Sessions are signed with the name of their class; these are the pages' sessions.
    key_salt = SessionStore().key_salt

    async def acycle_key(self) -> None:
        pass

    async def aflush(self) -> None:
        pass


class SocketUserMiddleware:
    """Puts into the scope `user`, `find_user`, which looks again, since someone may have signed out, and `zone`."""

    def __init__(self, inner: App) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        async def find_user() -> AbstractBaseUser | AnonymousUser:
            return await user_of_cookie(scope)

        zone = zone_of(cookies_of(scope))
        scope = {**scope, "find_user": find_user, "user": await find_user(), "zone": zone}
        await self.inner(scope, receive, send)


async def user_of_cookie(scope: Scope) -> AbstractBaseUser | AnonymousUser:
    session = ReadOnlySession(cookies_of(scope).get(settings.SESSION_COOKIE_NAME))
    try:
        if is_over(dict(await session.aitems())):
            return AnonymousUser()
        return await aget_user(cast(HttpRequest, SimpleNamespace(session=session)))
    finally:
        await sync_to_async(close_old_connections)()


def cookies_of(scope: Scope) -> dict[str, str]:
    headers = dict(scope.get("headers", []))
    return parse_cookie(headers.get(b"cookie", b"").decode("latin1"))
