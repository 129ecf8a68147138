"""Refusals as pages."""

from collections.abc import Callable
from functools import wraps

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from choreo_site.api.problems import is_for_programs, problem_response
from choreo_site.roles import sentence_for
from designer.access import MissingPermission


def ending_connections[**P](page: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Under ASGI Django makes these pages in a thread of no request, at whose end nobody closes what it has opened:
    it would stay open, and be used again long after the database has ended it."""

    @wraps(page)
    def answer(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return page(*args, **kwargs)
        finally:
            for connection in connections.all(initialized_only=True):
                if not connection.in_atomic_block:
                    connection.close_if_unusable_or_obsolete()

    return answer


missing = ending_connections(defaults.page_not_found)


@ending_connections
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the sentence which role is needed, and what has been given but does not hold yet."""
    said = sentence_for(exception.permission) if isinstance(exception, MissingPermission) else str(exception)
    user = getattr(request, "user", None)  # there is none yet where a middleware refuses
    coming = user.grants.select_related("group") if user is not None and user.is_authenticated else ()
    return render(request, "403.html", {"exception": said, "coming": coming}, status=403)


def not_taken(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, before any view was reached."""
    if is_for_programs(request):
        return problem_response(request, "bad-request", "The request is not one that is taken here.")
    return defaults.bad_request(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """500: a defect of ours, which the log has."""
    if is_for_programs(request):
        sentence = (
            "Something is broken here. It has been written down, and nothing was changed by this request."
        )
        return problem_response(request, "internal", sentence)
    return defaults.server_error(request)
