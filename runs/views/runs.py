from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from designer.access import permission_required
from designer.requests import is_htmx
from designer.visibility import visible_workflows
from runs.actions import start_run
from runs.forms import RunFilter, StartForm, input_schema
from runs.queries import runs_page
from runs.queries.run_page import visible_runs
from runs.refusals import InputRefused

from .loading import get_published_version

TITLES = {
    "all": "All",
    "in-flight": "In flight",
    "waiting": "Waiting for people",
    "failed": "Failed",
    "finished": "Finished",
}


@require_GET
@permission_required("runs.view_run")
def list_runs(request: HttpRequest) -> HttpResponse:
    form = RunFilter(
        request.GET, workflows=list(visible_workflows(request.user).values_list("key", flat=True))
    )
    runs, context = visible_runs(request.user), {"form": form, "statuses": TITLES.items()}
    if form.is_valid():
        context |= {"wanted": form.wanted, "page": runs_page(runs, form.wanted, **form.place)}
    part = "#list" if is_htmx(request) else ""
    return render(request, f"runs/runs.html{part}", context)


@require_http_methods(["GET", "POST"])
@permission_required("runs.start_run")
def start(request: HttpRequest, key: str) -> HttpResponse:
    version = get_published_version(request.user, key)
    form = StartForm(input_schema(version.document), request.POST if request.method == "POST" else None)
    if form.is_submitted and form.is_valid():
        try:
            run = start_run(
                version=version, inputs=form.value, by=request.user, idempotency_key=form.idempotency_key
            )
            return redirect("runs:run", run.pk)
        except InputRefused as refusal:
            form.add_problems(refusal.problems)
    status = 422 if form.is_submitted else 200
    return render(request, "runs/start.html", {"form": form, "version": version}, status=status)
