"""Steering a parallel or a map that is under way: add items, close the list, go on with what there is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from designer.access import permission_required
from designer.versions import graph_of
from runs.actions.joins import add_items, check_add, check_force, close_items, force_join
from runs.forms.steering import AddItemsForm, CloseItemsForm, ForceForm
from runs.models import Run
from runs.queries.items import so_far
from runs.refusals import Refused, refusal_of

from .loading import get_key, get_run
from .refusing import refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Steer:
    """One way to steer: what the page says, what it asks for, and what is done."""

    title: str
    said: str
    verb: str
    done: str
    form: type[forms.Form]
    check: Callable[[Run, int], None]
    act: Callable[..., Any]


ADD = Steer(
    title="Add items",
    said="They are begun after those that there are.",
    verb="Add them",
    done="More items are under way.",
    form=AddItemsForm,
    check=check_add,
    act=add_items,
)
CLOSE = Steer(
    title="Close the list of items",
    said="No more items can be added. The step ends when those that there are have ended.",
    verb="Close the list",
    done="The list of items is closed.",
    form=CloseItemsForm,
    check=check_add,
    act=close_items,
)
FORCE = Steer(
    title="Go on with what there is",
    said="What is still open in it is cancelled, and the run goes on after it with what has succeeded.",
    verb="Go on",
    done="The run goes on with what there is.",
    form=ForceForm,
    check=check_force,
    act=force_join,
)


@require_http_methods(["GET", "POST"])
@permission_required("runs.operate_run")
def add(request: HttpRequest, run_id: UUID, no: int) -> HttpResponse:
    return steer(request, run_id, no, ADD)


@require_http_methods(["GET", "POST"])
@permission_required("runs.operate_run")
def close(request: HttpRequest, run_id: UUID, no: int) -> HttpResponse:
    return steer(request, run_id, no, CLOSE)


@require_http_methods(["GET", "POST"])
@permission_required("runs.operate_run")
def force(request: HttpRequest, run_id: UUID, no: int) -> HttpResponse:
    return steer(request, run_id, no, FORCE)


def steer(request: HttpRequest, run_id: UUID, no: int, way: Steer) -> HttpResponse:
    run = get_run(request.user, run_id)
    form = way.form(request.POST if request.method == "POST" else None)
    context = page_of(run, no, way, form)
    if not form.is_valid():
        return render(request, "runs/steering.html", context, status=422 if form.is_bound else 200)
    try:
        way.act(run_id=run.pk, no=no, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        return refused(request, refusal, "runs/steering.html", context)
    messages.success(request, way.done)
    return redirect("runs:run", run.pk)


def page_of(run: Run, no: int, way: Steer, form: forms.Form) -> dict[str, Any]:
    return {
        "run": run,
        "form": form,
        "step": graph_of(run.version_id).name_of(get_key(run, no)),
        "so_far": so_far(run, no),
        "refused": refusal_of(way.check, run, no),
        **{name: getattr(way, name) for name in ("title", "said", "verb")},
    }
