"""Two states of a workflow beside each other."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from designer.access import permission_required
from designer.drafts import graph_of_draft
from designer.graph import Graph
from designer.models import Workflow
from designer.queries import Canvas, Comparison, Marks, canvas
from designer.versions import graph_of

from .loading import get_version, get_workflow

DRAFT = "draft"
SHOWN = 6  # versions to choose from, the newest


@dataclass(frozen=True)
class Side:
    """One of the two: a version, or the draft."""

    which: str  # as the address says it
    name: str
    title: str
    address: str
    canvas: Canvas


@require_safe
@permission_required("designer.view_workflow")
def compare(request: HttpRequest, key: str, before: str, after: str) -> HttpResponse:
    workflow = get_workflow(request.user, key)
    found = Comparison(_graph(workflow, before), _graph(workflow, after))
    context = {
        "workflow": workflow,
        "comparison": found,
        "before": _side(workflow, before, found.before, found, of=("removed", "changed")),
        "after": _side(workflow, after, found.after, found, of=("new", "changed")),
        "others": [DRAFT, *(f"{number}" for number in _newest(workflow))],
    }
    return render(request, "designer/compare.html", context)


def _graph(workflow: Workflow, which: str) -> Graph:
    if which == DRAFT:
        return graph_of_draft(workflow.draft)
    return graph_of(get_version(workflow, _number(which)).pk)


def _number(which: str) -> int:
    """Of “14”, or of “v14” as people write it. Raises Http404."""
    said = which.removeprefix("v")
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        raise Http404(f"“{which[:40]}” is neither a version, such as 14, nor “{DRAFT}”.")
    return int(said)


def _newest(workflow: Workflow) -> Iterable[int]:
    return workflow.versions.order_by("-number").values_list("number", flat=True)[:SHOWN]


def _side(workflow: Workflow, which: str, graph: Graph, found: Comparison, *, of: tuple[str, ...]) -> Side:
    marks = {key: mark for key, mark in found.marks.items() if mark in of}
    drawn = canvas(graph, Marks(marks))
    if which == DRAFT:
        return Side(DRAFT, "the draft", "Draft", reverse("designer:edit", args=[workflow.key]), drawn)
    number = _number(which)
    address = reverse("designer:version", args=[workflow.key, number])
    return Side(f"{number}", f"v{number}", f"v{number}", address, drawn)
