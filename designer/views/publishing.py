"""Publishing a draft: what changes, what is wrong with it, and why it is done."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from designer.access import permission_required
from designer.actions import publish
from designer.drafts import graph_of_draft, problems_in
from designer.forms import PublishForm
from designer.graph import Graph
from designer.models import Workflow
from designer.queries import Comparison, published_graph
from designer.refusals import DraftMoved, NotPublishable
from designer.versioning import FIRST, next_semantic

from .editor_page import why_not_published
from .loading import get_workflow


@require_http_methods(["GET", "POST"])
@permission_required("designer.publish_workflow")
def publish_draft(request: HttpRequest, key: str) -> HttpResponse:
    workflow = get_workflow(request.user, key)
    form = PublishForm(request.POST or None, initial={"revision": workflow.draft.revision})
    if request.method == "GET" or not form.is_valid():
        return _page(request, workflow, form, status=200 if request.method == "GET" else 422)
    try:
        version = publish(draft=workflow.draft, **form.cleaned_data, by=request.user)
    except (DraftMoved, NotPublishable) as refusal:
        form.add_error(None, str(refusal))
        return _page(request, workflow, form, status=409 if isinstance(refusal, DraftMoved) else 422)
    messages.success(request, f"Published v{version.number} ({version.semantic}).")
    return redirect("designer:workflow", key)


def _page(request: HttpRequest, workflow: Workflow, form: PublishForm, *, status: int) -> HttpResponse:
    graph, published = graph_of_draft(workflow.draft), workflow.published
    before = published_graph(workflow) or Graph(key=workflow.key)
    problems = problems_in(graph, workflow.team_id)
    context: dict[str, Any] = {
        "workflow": workflow,
        "form": form,
        "revision": workflow.draft.revision,  # of what the page shows now, whatever was sent
        "comparison": Comparison(before, graph),
        "problems": problems,
        "refusal": why_not_published(workflow, graph, problems),
        "number": published.number + 1 if published else 1,
        "semantic": next_semantic(published.semantic, before, graph) if published else FIRST,
    }
    return render(request, "designer/publish.html", context, status=status)
