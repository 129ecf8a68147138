from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from designer.access import permission_required
from designer.models import Workflow
from designer.requests import is_htmx
from runs.actions import cancel_run, check_cancel, start_run
from runs.forms import CancelForm, RunFilter, SchemaForm
from runs.queries import runs_page
from runs.queries.run_page import run_page, visible_runs
from runs.refusals import InputRefused, Refused, refusal_of

from .loading import asked, get_published_version, get_run
from .refusing import refused

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
    form = RunFilter(request.GET, workflows=list(Workflow.objects.values_list("key", flat=True)))
    runs, context = visible_runs(request.user), {"form": form, "statuses": TITLES.items()}
    if form.is_valid():
        context |= {"wanted": form.wanted, "page": runs_page(runs, form.wanted, **form.place)}
    part = "#list" if is_htmx(request) else ""
    return render(request, f"runs/runs.html{part}", context)


@require_GET
@permission_required("runs.view_run")
def show_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = get_run(request.user, run_id)
    page = run_page(run, request.user, step=asked(request, "step"), tab=asked(request, "tab"))
    part = "#run" if is_htmx(request) else ""
    return render(request, f"runs/run.html{part}", {"page": page, "run": run})


@require_http_methods(["GET", "POST"])
@permission_required("runs.start_run")
def start(request: HttpRequest, key: str) -> HttpResponse:
    version = get_published_version(key)
    form = SchemaForm(version.document.get("input", {}), request.POST if request.method == "POST" else None)
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


@require_http_methods(["GET", "POST"])
@permission_required("runs.operate_run")
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = get_run(request.user, run_id)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"run": run, "form": form, "refused": refusal_of(check_cancel, run)}
        return render(request, "runs/cancel.html", context, status=422 if form.is_bound else 200)
    try:
        cancel_run(run_id=run.pk, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        return refused(request, refusal, "runs/cancel.html", {"run": run, "form": form})
    messages.success(request, f"{run.name} is being cancelled.")
    return redirect("runs:run", run.pk)
