"""Workflows: make one, look at one, and at its versions."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
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
    write_json,
    write_yaml,
)
from designer.models import Workflow
from designer.queries import Marks, canvas, changes_since_published, counts_of, ladder_rows
from designer.refusals import KeyRefused

from .loading import get_version, get_workflow

WRITERS = {"yaml": (write_yaml, "application/yaml"), "json": (write_json, "application/json")}


@require_http_methods(["GET", "POST"])
@permission_required("designer.change_workflow")
def new(request: HttpRequest) -> HttpResponse:
    form = NewWorkflowForm(request.POST or None)
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
    workflow = get_workflow(key)
    graph = graph_of_draft(workflow.draft)
    context = {
        "workflow": workflow,
        "versions": workflow.versions.select_related("published_by"),
        "changes": changes_since_published(workflow, graph),
        "counts": counts_of(problems_in(graph)),
        "rows": _rows(decode(workflow.published.document) if workflow.published else graph),
    }
    return render(request, "designer/workflow.html", context)


@require_safe
@permission_required("designer.view_workflow")
def version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    workflow = get_workflow(key)
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


@require_safe
@permission_required("designer.view_workflow")
def export(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """The draft as a document, or with ``?version=n`` what was published, its contracts included."""
    workflow, asked = get_workflow(key), request.GET.get("version", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        raise Http404(f"“{asked[:40]}” is no version number.")
    document = get_version(workflow, int(asked)).document if asked else _document(workflow)
    write, media_type = WRITERS[kind]
    name = f"{workflow.key}-v{asked}.{kind}" if asked else f"{workflow.key}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(write(document), content_type=f"{media_type}; charset=utf-8", headers=headers)


def _rows(graph: Graph) -> list[Any]:
    return ladder_rows(graph, ladder(graph), {})


def _document(workflow: Workflow) -> dict[str, Any]:
    return encode(replace(graph_of_draft(workflow.draft), contracts={}))
