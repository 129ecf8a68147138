from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from designer.access import permission_required
from designer.requests import is_htmx
from runs.queries.lists import WantedRuns, find_runs, run_rows
from runs.queries.periods import PERIODS, USUAL, Window
from runs.queries.run_page import visible_runs
from runs.queries.waiting import first_reviews, oldest_dead_letters
from runs.queries.workflow_charts import WorkflowCharts
from runs.queries.workflows import PAGE, Overview, chosen_row, listed_workflows, owners, scope_of

from .loading import asked, get_workflow

NEWEST = 10
PACE = {"1h": 2, "24h": 5, "7d": 15, "30d": 60}  # seconds between two looks of a page that stays open


@require_GET
@permission_required("designer.view_workflow")
def list_workflows(request: HttpRequest) -> HttpResponse:
    owner = asked(request, "owner")
    overview = Overview(asked_window(request), scope_of(request.user, owner))
    page = Paginator(listed_workflows(request.user, owner), PAGE).get_page(request.GET.get("page"))
    rows = overview.rows(list(page))
    chosen = chosen_row(rows, asked(request, "workflow"))
    context = {"overview": overview, "page": page, "rows": rows, "chosen": chosen, "owner": owner}
    context |= charts_of(overview, chosen) | people_waiting(request, overview) | frame(request, overview)
    part = "#workflows" if is_htmx(request) else ""
    return render(request, f"runs/workflows.html{part}", context)


@require_GET
@permission_required("runs.view_run")
def runs_of_workflow(request: HttpRequest, key: str) -> HttpResponse:
    """What a workflow's own page shows of its runs."""
    workflow = get_workflow(request.user, key)
    overview = Overview(asked_window(request), frozenset({workflow.pk}))
    runs = find_runs(visible_runs(request.user), WantedRuns(workflow=workflow.key))[:NEWEST]
    charts = WorkflowCharts(workflow, overview.window, overview.tallies)
    context = {"overview": overview, "workflow": workflow, "charts": charts, "rows": run_rows(list(runs))}
    return render(request, "runs/activity.html", context | frame(request, overview))


def asked_window(request: HttpRequest) -> Window:
    return Window(PERIODS.get(asked(request, "period"), USUAL), timezone.now())


def frame(request: HttpRequest, overview: Overview) -> dict[str, Any]:
    period = asked(request, "period")
    return {
        "periods": PERIODS.values(),
        "unknown_period": period if period not in ("", *PERIODS) else "",
        "pace": PACE[overview.window.period.key],
        "owners": owners(request.user),
    }


def charts_of(overview: Overview, chosen: Any) -> dict[str, Any]:
    if chosen is None:
        return {}
    return {"charts": WorkflowCharts(chosen.workflow, overview.window, overview.tallies)}


def people_waiting(request: HttpRequest, overview: Overview) -> dict[str, Any]:
    return {
        "reviews": first_reviews(request.user, overview.scope),
        "letters": oldest_dead_letters(overview.scope),
    }
