"""Loading what a page is about, or saying that it is not there."""

from typing import Any

from django.http import Http404, HttpRequest

from designer.graph import AnyStep, Graph
from designer.models import Version, Workflow
from designer.queries import find_version
from designer.visibility import find_visible_workflow

LARGEST = 2**31 - 1


def get_workflow(user: Any, key: str) -> Workflow:
    """Whoever may not see it is told that it is not there. Raises Http404."""
    workflow = find_visible_workflow(user, key)
    if workflow is None:
        raise Http404(f"There is no workflow “{key}”.")
    return workflow


def get_version(workflow: Workflow, number: int) -> Version:
    version = find_version(workflow, number) if number <= LARGEST else None
    if version is None:
        raise Http404(f"“{workflow.key}” has no version {number}.")
    return version


def get_step(graph: Graph, key: str) -> AnyStep:
    if key not in graph.steps:
        raise Http404(f"There is no step “{key}” in this draft. Somebody may have removed or renamed it.")
    return graph.steps[key]


def revision_of(request: HttpRequest) -> int:
    """The draft's revision that the person saw; one that says nothing is older than any."""
    said = request.POST.get("revision", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else -1
