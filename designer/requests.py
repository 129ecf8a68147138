"""Requests as the middleware hands them on."""

from django.http import HttpRequest


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, so that a part of the page is enough."""
    return bool(request.htmx)  # type: ignore[attr-defined]  # HtmxMiddleware sets it
