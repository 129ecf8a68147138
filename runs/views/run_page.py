"""The page of one run, its values, and cancelling it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_http_methods

from designer.access import permission_required
from designer.versions import graph_of
from runs.actions import cancel_run, check_cancel
from runs.forms import CancelForm
from runs.queries.run_page import cancel_words, run_page
from runs.queries.values import find_envelope, name_of_value, whole_value, written
from runs.queries.veils import veil_of
from runs.refusals import Refused, refusal_of

from .loading import asked, get_run
from .parts import is_move, part_asked
from .refusing import refused


@require_GET
@permission_required("runs.view_run")
def show_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = get_run(request.user, run_id)
    page = run_page(run, request.user, {name: asked(request, name) for name in request.GET})
    context = {"page": page, "run": run, "moves": is_move(request)}
    page_text = render_to_string(f"runs/run.html{part_asked(request)}", context, request)
    return HttpResponse(veil_of(run, now=True).html(page_text))


@require_GET
@permission_required("runs.view_run")
def download_value(request: HttpRequest, run_id: UUID, what: str) -> HttpResponse:
    run = get_run(request.user, run_id)
    envelope = find_envelope(run, what)
    if envelope is None:
        raise Http404("The run has no such value.")
    told = written(whole_value(run, envelope, name=name_of_value(run, what)))
    answer = HttpResponse(told, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{run.short_id}-{what}.json"'
    return answer


@require_http_methods(["GET", "POST"])
@permission_required("runs.operate_run")
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = get_run(request.user, run_id)
    form = CancelForm(request.POST if request.method == "POST" else None)
    said = cancel_words(run, graph_of(run.version_id))
    context = {"run": run, "form": form, "said": said, "refused": refusal_of(check_cancel, run)}
    if not form.is_valid():
        return render(request, "runs/cancel.html", context, status=422 if form.is_bound else 200)
    try:
        cancel_run(run_id=run.pk, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        return refused(request, refusal, "runs/cancel.html", context)
    messages.success(request, f"{run.name} is being cancelled.")
    return redirect("runs:run", run.pk)
