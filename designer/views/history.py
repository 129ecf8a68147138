"""Taking edits back, and making them again."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from designer.access import permission_required
from designer.actions import redo_edit, undo_edit
from designer.drafts import graph_of_draft
from designer.models import Edit, Workflow
from designer.refusals import DraftMoved, Refused

from .editor_page import edit_address, open_page, refused
from .loading import get_workflow, revision_of


@require_POST
@permission_required("designer.change_workflow")
def undo(request: HttpRequest, key: str) -> HttpResponse:
    return _turned(request, get_workflow(request.user, key), undo_edit, "Undone")


@require_POST
@permission_required("designer.change_workflow")
def redo(request: HttpRequest, key: str) -> HttpResponse:
    return _turned(request, get_workflow(request.user, key), redo_edit, "Made again")


def _turned(request: HttpRequest, workflow: Workflow, turn: Any, said: str) -> HttpResponse:
    """Take an edit back, or make it again, and name it and its author."""
    step, section = request.GET.get("step", ""), request.GET.get("section", "")
    try:
        edit: Edit = turn(draft=workflow.draft, revision=revision_of(request), by=request.user)
        messages.success(request, f"{said}: {edit.label} (by {edit.author or 'somebody'})")
    except DraftMoved as moved:
        return refused(
            request, open_page(get_workflow(request.user, workflow.key), None), str(moved), status=409
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    if step not in graph_of_draft(workflow.draft).steps:
        step = section = ""
    return redirect(edit_address(workflow, step, section))
