"""The editor: look at a step, and save a section of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap

from designer.access import permission_required
from designer.actions import edit_draft
from designer.forms.merging import merge, settled
from designer.forms.rows import Move
from designer.graph import EditRefused
from designer.refusals import DraftMoved
from designer.requests import is_htmx

from .editor_page import EditorPage, open_page, reopened, show, show_section
from .loading import get_workflow, revision_of


@require_safe
@permission_required("designer.change_workflow")
def edit(request: HttpRequest, key: str) -> HttpResponse:
    asked = request.GET
    return show(
        request, open_page(get_workflow(request.user, key), asked.get("step"), asked.get("section", ""))
    )


@require_POST
@permission_required("designer.change_workflow")
def save_section(request: HttpRequest, key: str, section: str, step: str | None = None) -> HttpResponse:
    written = settled(request.POST)
    page = open_page(
        get_workflow(request.user, key),
        step,
        section,
        written,
        _move(request),
        typing="typing" in request.POST,
    )
    try:
        return _save(request, page, revision_of(request))
    except DraftMoved as moved:
        return _merged(request, page, moved)


def _save(request: HttpRequest, page: EditorPage, revision: int) -> HttpResponse:
    """Raises DraftMoved."""
    form = page.section
    if not form.is_valid():
        return show_section(request, page, status=422)
    try:
        edit_draft(
            draft=page.draft,
            operation=form.operation(),
            revision=revision,
            by=request.user,
            typing=_move(request) is None,
        )
    except EditRefused as refusal:
        form.add_error(None, str(refusal))
        return show_section(request, page, status=422)
    return _saved(request, page)


def _saved(request: HttpRequest, page: EditorPage) -> HttpResponse:
    if not is_htmx(request):
        return redirect(page.address)
    answer = show_section(request, reopened(request.user, page))
    # A morph would leave the choices of moved rows where they stood.
    return reswap(answer, "outerHTML") if _move(request) or "settled" in request.POST else answer


def _merged(request: HttpRequest, page: EditorPage, moved: DraftMoved) -> HttpResponse:
    """Save what both wrote; where both wrote into one field, show both values, with mine still in the form."""
    data, conflicts = merge(page.section, request.POST)
    page = open_page(page.workflow, page.step.key if page.step else None, page.section.key, data)
    if not conflicts:
        try:
            return reswap(_save(request, page, page.draft.revision), "outerHTML")
        except DraftMoved as again:
            moved = again
    page.section.moved, page.section.conflicts = str(moved), conflicts
    return reswap(show_section(request, page, status=409), "outerHTML")


def _move(request: HttpRequest) -> tuple[str, Move] | None:
    """What a button of a row asks for, such as ``remove:options:2``."""
    what, _, rest = request.POST.get("do", "").partition(":")
    name, _, number = rest.partition(":")
    asks: Any = what in ("remove", "up", "down") and number.isascii() and number.isdigit() and len(number) < 6
    return (name, (what, int(number))) if asks else None
