"""Drafts and versions as documents: in Choreo's own words without loss, and as state machines with what is lost."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from designer.access import permission_required
from designer.drafts import graph_of_draft
from designer.graph import Graph, decode, encode, write_json, write_yaml
from designer.interop.asl import write_asl
from designer.models import Workflow

from .loading import get_version, get_workflow

WRITERS = {"yaml": (write_yaml, "application/yaml"), "json": (write_json, "application/json")}


@require_safe
@permission_required("designer.view_workflow")
def export(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """The draft as a document, or with ``?version=n`` what was published, its contracts included."""
    workflow, number = get_workflow(request.user, key), asked_version(request)
    document = get_version(workflow, number).document if number is not None else _document(workflow)
    write, media_type = WRITERS[kind]
    return download(write(document), media_type, name_of(workflow, number, kind))


@require_safe
@permission_required("designer.view_workflow")
def export_machine(request: HttpRequest, key: str) -> HttpResponse:
    """What is lost on the way into the Amazon States Language, and from where to take the machine."""
    workflow, number = get_workflow(request.user, key), asked_version(request)
    graph = _graph(workflow, number)
    losses = [(loss.step and graph.name_of(loss.step), loss.sentence) for loss in write_asl(graph).losses]
    context = {"workflow": workflow, "number": number, "losses": losses}
    return render(request, "designer/export_machine.html", context)


@require_safe
@permission_required("designer.view_workflow")
def download_machine(request: HttpRequest, key: str) -> HttpResponse:
    workflow, number = get_workflow(request.user, key), asked_version(request)
    document = write_asl(_graph(workflow, number)).document
    return download(write_json(document), "application/json", name_of(workflow, number, "asl.json"))


def asked_version(request: HttpRequest) -> int | None:
    """The version that the address asks for; None where it asks for the draft. Raises Http404."""
    asked = request.GET.get("version", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        raise Http404(f"“{asked[:40]}” is no version number.")
    return int(asked) if asked else None


def name_of(workflow: Workflow, number: int | None, kind: str) -> str:
    return f"{workflow.key}-v{number}.{kind}" if number is not None else f"{workflow.key}.{kind}"


def download(text: str, media_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f"{media_type}; charset=utf-8", headers=headers)


def _graph(workflow: Workflow, number: int | None) -> Graph:
    if number is None:
        return graph_of_draft(workflow.draft)
    return decode(get_version(workflow, number).document)


def _document(workflow: Workflow) -> dict[str, Any]:
    return encode(replace(graph_of_draft(workflow.draft), contracts={}))
