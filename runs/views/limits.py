from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from designer.access import permission_required
from runs.actions import set_limits
from runs.forms.triggers import LimitsForm
from runs.queries.gates import gate_figures

from .loading import get_workflow


@require_http_methods(["GET", "POST"])
@permission_required("designer.change_workflow")
def change(request: HttpRequest, key: str) -> HttpResponse:
    """How many runs of a workflow may be in flight, and whose turn they are."""
    workflow = get_workflow(request.user, key)
    limits, in_flight, waiting = gate_figures(workflow)
    form = LimitsForm(request.POST or None, limits=limits)
    if request.method == "POST" and form.is_valid():
        set_limits(workflow=workflow, by=request.user, **form.cleaned_data)
        messages.success(request, "The limits are saved. Runs that begin from now on go by them.")
        return redirect("runs:limits", key)
    context = {
        "workflow": workflow,
        "form": form,
        "limits": limits,
        "in_flight": in_flight,
        "waiting": waiting,
    }
    return render(request, "runs/limits.html", context, status=422 if form.is_bound else 200)
