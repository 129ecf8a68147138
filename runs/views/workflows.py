from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from designer.access import permission_required
from runs.queries import summary, workflow_rows
from runs.queries.lists import PERIODS, find_runs, run_rows
from runs.queries.run_page import visible_runs

from .loading import get_workflow

NEWEST = 10


@require_GET
@permission_required("designer.view_workflow")
def list_workflows(request: HttpRequest) -> HttpResponse:
    period = request.GET.get("period", "24h")
    context = {
        "rows": workflow_rows(period),
        "summary": summary(period),
        "period": period if period in PERIODS else "24h",
        "periods": PERIODS,
    }
    return render(request, "runs/workflows.html", context)


@require_GET
@permission_required("runs.view_run")
def runs_of_workflow(request: HttpRequest, key: str) -> HttpResponse:
    workflow = get_workflow(key)
    runs = find_runs(visible_runs(request.user), workflow=workflow.key)[:NEWEST]
    return render(request, "runs/runs.html#rows", {"rows": run_rows(list(runs))})
