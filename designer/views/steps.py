"""Edits of the draft as a whole: steps come, go, move and are connected, branches too."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from designer.access import permission_required
from designer.actions import edit_draft
from designer.forms import AddStepForm, BranchForm, ConnectForm, KeyForm
from designer.graph import (
    AddBranch,
    EditRefused,
    MovePart,
    MoveStep,
    Operation,
    RemoveBranch,
    RemoveStep,
    RenameBranch,
    RenameStep,
)
from designer.refusals import DraftMoved

from .editor_page import EditorPage, edit_address, open_page, refused, show
from .loading import get_step, get_workflow, revision_of


@require_http_methods(["GET", "POST"])
@permission_required("designer.change_workflow")
def add_step(request: HttpRequest, key: str) -> HttpResponse:
    page = open_page(get_workflow(request.user, key), request.GET.get("step"))
    exit = request.GET.get("exit", "")
    scope = request.GET.get("in", "")
    form = AddStepForm(page.graph, request.POST or None, selected=page.step, exit=exit, scope=scope)
    page = replace(page, adding=form)
    if request.method == "GET" or not form.is_valid():
        return show(request, page, status=200 if request.method == "GET" else 422)
    operation = form.operation()
    return _done(request, page, operation, to=operation.key)


@require_http_methods(["GET", "POST"])
@permission_required("designer.change_workflow")
def connect_step(request: HttpRequest, key: str, step: str) -> HttpResponse:
    page = open_page(get_workflow(request.user, key), step)
    form = ConnectForm(page.graph, get_step(page.graph, step), request.POST or None)
    page = replace(page, connecting=form)
    if request.method == "GET" or not form.is_valid():
        return show(request, page, status=200 if request.method == "GET" else 422)
    return _done(request, page, form.operation(), to=step)


@require_POST
@permission_required("designer.change_workflow")
def rename_step(request: HttpRequest, key: str, step: str) -> HttpResponse:
    page = open_page(get_workflow(request.user, key), step, "general")
    form = KeyForm(request.POST)
    if not form.is_valid():
        return refused(request, page, _first_error(form))
    new_key = form.cleaned_data["key"]
    return _done(
        request, page, RenameStep(step, new_key) if new_key != step else None, to=new_key, section="general"
    )


@require_POST
@permission_required("designer.change_workflow")
def remove_step(request: HttpRequest, key: str, step: str) -> HttpResponse:
    return _done(request, open_page(get_workflow(request.user, key), step), RemoveStep(step), to="")


@require_POST
@permission_required("designer.change_workflow")
def move_step(request: HttpRequest, key: str, step: str) -> HttpResponse:
    offset = -1 if request.POST.get("to") == "up" else 1
    return _done(request, open_page(get_workflow(request.user, key), step), MoveStep(step, offset), to=step)


@require_POST
@permission_required("designer.change_workflow")
def add_branch(request: HttpRequest, key: str, step: str) -> HttpResponse:
    page = open_page(get_workflow(request.user, key), step, "branches")
    form = BranchForm(request.POST)
    if not form.is_valid():
        return refused(request, page, _first_error(form))
    return _done(request, page, AddBranch(step, **form.cleaned_data), to=step, section="branches")


@require_POST
@permission_required("designer.change_workflow")
def rename_branch(request: HttpRequest, key: str, step: str, branch: str) -> HttpResponse:
    page = open_page(get_workflow(request.user, key), step, "branches")
    form = BranchForm(request.POST)
    if not form.is_valid():
        return refused(request, page, _first_error(form))
    new_name = form.cleaned_data["name"]
    operation = RenameBranch(step, branch, new_name) if new_name != branch else None
    return _done(request, page, operation, to=step, section="branches")


@require_POST
@permission_required("designer.change_workflow")
def move_branch(request: HttpRequest, key: str, step: str, branch: str) -> HttpResponse:
    page = open_page(get_workflow(request.user, key), step, "branches")
    operation = MovePart(step, f"branches.{branch}", -1 if request.POST.get("to") == "up" else 1)
    return _done(request, page, operation, to=step, section="branches")


@require_POST
@permission_required("designer.change_workflow")
def remove_branch(request: HttpRequest, key: str, step: str, branch: str) -> HttpResponse:
    page = open_page(get_workflow(request.user, key), step, "branches")
    return _done(request, page, RemoveBranch(step, branch), to=step, section="branches")


@require_POST
@permission_required("designer.change_workflow")
def fix_problem(request: HttpRequest, key: str) -> HttpResponse:
    page = open_page(get_workflow(request.user, key), request.GET.get("step"), request.GET.get("section", ""))
    asked = [request.POST.get(name, "") for name in ("code", "problem_step", "field")]
    problem = next((one for one in page.problems if [one.code, one.step or "", one.field] == asked), None)
    if problem is None or problem.fix is None:
        return refused(request, page, "That problem is gone: somebody has mended it already.", status=409)
    to = page.step.key if page.step else ""
    return _done(request, page, problem.fix.operation, to=to, section=page.section.key)


def _done(
    request: HttpRequest, page: EditorPage, operation: Operation | None, *, to: str, section: str = ""
) -> HttpResponse:
    """Do the operation and go on at a step, or say on the page why not."""
    try:
        if operation:
            edit_draft(draft=page.draft, operation=operation, revision=revision_of(request), by=request.user)
    except DraftMoved as moved:
        return refused(request, page, str(moved), status=409)
    except EditRefused as refusal:
        return refused(request, page, str(refusal))
    return redirect(edit_address(page.workflow, to, section))


def _first_error(form: Any) -> str:
    return str(next(iter(form.errors.values()))[0])
