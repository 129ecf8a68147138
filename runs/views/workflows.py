from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from runs.queries import summary, workflow_rows
from runs.queries.lists import PERIODS, find_runs, run_rows
from runs.queries.run_page import visible_runs


@require_GET
@permission_required("designer.view_workflow", raise_exception=True)
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
@permission_required("runs.view_run", raise_exception=True)
def runs_of_workflow(request: HttpRequest, key: str) -> HttpResponse:
    runs = find_runs(visible_runs(request.user), workflow=key)[:10]
    return render(request, "runs/runs.html#rows", {"rows": run_rows(list(runs))})
