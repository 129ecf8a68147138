"""By whose clocks a page is written: the cookie says it, which app.js sets from what the browser knows.

Programs are answered in UTC, whatever cookie they send.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, tzinfo
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

from designer.zones import zone_named

COOKIE = "zone"
FOR_PROGRAMS = ("/api/", "/hooks/")


@sync_and_async_middleware
def by_the_viewers_clocks(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    async def answer_async(request: HttpRequest) -> HttpResponse:
        with timezone.override(zone_for(request)):
            answer: Awaitable[HttpResponse] = get_response(request)
            return await answer

    def answer(request: HttpRequest) -> HttpResponse:
        with timezone.override(zone_for(request)):
            response: HttpResponse = get_response(request)
            return response

    return answer_async if iscoroutinefunction(get_response) else answer


def zone_for(request: HttpRequest) -> tzinfo:
    return UTC if request.path.startswith(FOR_PROGRAMS) else zone_of(request.COOKIES)


def zone_of(cookies: Mapping[str, str]) -> tzinfo:
    """The zone of the cookie; UTC where there is none, or one that is no zone."""
    return zone_named(cookies.get(COOKIE, ""))
