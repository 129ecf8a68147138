"""Example values for the editor: what a step's inputs were in the newest run that is over."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from designer.access import permission_required
from designer.drafts import graph_of_draft
from designer.forms import Section, find_section
from designer.models import Workflow
from runs.queries.examples import newest_finished_run, values_of_run

from .loading import get_workflow


@require_GET
@permission_required("designer.change_workflow")
def examples(request: HttpRequest, key: str, step: str, section: str) -> HttpResponse:
    workflow = get_workflow(request.user, key)
    form = _section(workflow, step, section)
    run = newest_finished_run(request.user, workflow)
    found = form.examples(values_of_run(run, step)) if run else form.samples()
    return render(request, "runs/examples.html", {"examples": found, "run": run})


def _section(workflow: Workflow, step: str, section: str) -> Section:
    graph = graph_of_draft(workflow.draft)
    kind = find_section(graph.steps[step], section) if step in graph.steps else None
    if kind is None or not kind.has_examples:
        raise Http404(f"There are no examples for “{section}” of a step “{step}”.")
    return kind(graph, graph.steps[step])
