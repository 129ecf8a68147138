"""Which part of the run page a request is for. The server decides; the request says what it is about to replace."""

from django.http import HttpRequest

PARTS = {"section#run-side": "#side"}


def part_asked(request: HttpRequest) -> str:
    """The name of a template's partial; empty for the whole page."""
    if not request.htmx:  # type: ignore[attr-defined]  # HtmxMiddleware sets it
        return ""
    return PARTS.get(request.headers.get("HX-Target", ""), "#run")


def is_move(request: HttpRequest) -> bool:
    """Whether a reader has followed a link to another place of the page: its socket moves along."""
    return request.headers.get("HX-Boosted") == "true"
