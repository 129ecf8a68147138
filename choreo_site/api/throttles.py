"""How many requests a minute: for each token, each person, and each address that nobody stands behind."""

import logging
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from choreo_site.models import ApiToken

logger = logging.getLogger(__name__)

WINDOW = 60  # seconds


class MinuteThrottle(BaseThrottle):
    """Counts in windows of a minute. Where no Redis is named, each web process counts for itself."""

    def allow_request(self, request: Request, view: Any) -> bool:
        who, limit = getattr(view, "caller", caller)(request)  # a view may count by something of its own
        window, self.passed = divmod(time.time(), WINDOW)
        try:
            return counted(f"choreo-api-{who}-{window:.0f}") <= limit
        except (
            Exception
        ) as problem:  # each kind of cache has its own: evicted between the two, or Redis is away
            logger.info("A request is not counted.", extra={"problem": str(problem)})
            return True

    def wait(self) -> float:
        return WINDOW - self.passed


def counted(key: str) -> int:
    """How often it has been asked for."""
    return 1 if cache.add(key, 1, WINDOW * 2) else cache.incr(key)


def caller(request: Request) -> tuple[str, int]:
    """Who is counted, and up to where."""
    if isinstance(request.auth, ApiToken):
        return f"token-{request.auth.pk}", settings.CHOREO_API_RATE
    if request.user.is_authenticated:
        return f"user-{request.user.pk}", settings.CHOREO_API_RATE
    return f"address-{request.META.get('REMOTE_ADDR', '')[:64]}", settings.CHOREO_API_ANONYMOUS_RATE
