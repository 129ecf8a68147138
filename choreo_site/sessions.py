"""How long somebody stays signed in: so long after signing in, and so long after the last page they asked for."""

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

BEGAN, SEEN = "began", "seen"
NOTED = 20  # so often within the idle time a session says that it is in use, and is written


def begin_session(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Told by Django when somebody signs in."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def is_over(session: Mapping[str, Any]) -> bool:
    now, idle = time.time(), settings.CHOREO_SESSION_IDLE_HOURS * 3_600
    too_old = now - session.get(BEGAN, now) > settings.SESSION_COOKIE_AGE
    return too_old or bool(idle and now - session.get(SEEN, now) > idle)


def key_in(cookies: Mapping[str, str]) -> str:
    """Of a session. Empty where there is none, or what never is one: a database may refuse to look for it."""
    key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    return key if key.isalnum() else ""


class SessionLimits(MiddlewareMixin):
    """Before Django asks whose the session is."""

    def process_request(self, request: HttpRequest) -> None:
        if not key_in(request.COOKIES):
            request.session = SessionStore()
            return
        session = request.session
        if SESSION_KEY not in session:
            return
        held = {BEGAN: session.get(BEGAN), SEEN: session.get(SEEN)}
        known = {name: moment for name, moment in held.items() if moment is not None}
        if is_over(known):
            session.flush()
        elif len(known) < len(held) or time.time() - known[SEEN] > idle_step():
            session.setdefault(BEGAN, int(time.time()))
            session[SEEN] = int(time.time())


def idle_step() -> float:
    """How old the note of the last page may be, in seconds."""
    return (settings.CHOREO_SESSION_IDLE_HOURS or settings.CHOREO_SESSION_HOURS) * 3_600 / NOTED
