"""Workflows: make one, look at one, and at its versions."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from designer.access import permission_required
from designer.actions import create_workflow
from designer.drafts import graph_of_draft, problems_in
from designer.drawings import drawing_of
from designer.forms import NewWorkflowForm
from designer.graph import (
    Direction,
    Graph,
    decode,
    encode,
    ladder,
    write_yaml,
)
from designer.queries import Marks, canvas, changes_since_published, counts_of, ladder_rows
from designer.refusals import KeyRefused
from designer.visibility import teams_of

from .loading import get_version, get_workflow


@require_http_methods(["GET", "POST"])
@permission_required("designer.change_workflow")
def new(request: HttpRequest) -> HttpResponse:
    form = NewWorkflowForm(request.POST or None, teams=teams_of(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            draft = create_workflow(**form.cleaned_data, by=request.user)
            return redirect("designer:edit", draft.workflow.key)
        except KeyRefused as refusal:
            form.add_error("key", str(refusal))
    return render(request, "designer/new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@permission_required("designer.view_workflow")
def overview(request: HttpRequest, key: str) -> HttpResponse:
    workflow = get_workflow(request.user, key)
    graph = graph_of_draft(workflow.draft)
    context = {
        "workflow": workflow,
        "versions": workflow.versions.select_related("published_by"),
        "changes": changes_since_published(workflow, graph),
        "counts": counts_of(problems_in(graph, workflow.team_id)),
        "rows": _rows(decode(workflow.published.document) if workflow.published else graph),
    }
    return render(request, "designer/workflow.html", context)


@require_safe
@permission_required("designer.view_workflow")
def version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    workflow = get_workflow(request.user, key)
    found = get_version(workflow, number)
    graph = decode(found.document)
    document = write_yaml(encode(replace(graph, contracts={})))
    pinned = sorted((reference, contract.reference) for reference, contract in graph.contracts.items())
    context = {
        "workflow": workflow,
        "version": found,
        "canvas": canvas(graph, Marks(), drawing_of(found.pk, Direction.DOWN)),
        "rows": _rows(graph),
        "document": document,
        "pinned": pinned,
    }
    return render(request, "designer/version.html", context)


def _rows(graph: Graph) -> list[Any]:
    return ladder_rows(graph, ladder(graph), {})
