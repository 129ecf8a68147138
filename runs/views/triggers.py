"""A workflow's triggers: which there are, and what they did last; made, changed, switched, removed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from designer.access import permission_required
from designer.models import Workflow
from runs.actions import change_trigger, create_trigger, remove_trigger, rotate_secret, switch_trigger
from runs.cron import CronRefused, check_cron, in_words, next_moments
from runs.forms.triggers import FORMS, TriggerForm
from runs.models import Trigger
from runs.models.trigger import TriggerKind
from runs.queries.triggers import trigger_rows, wall_clock
from runs.refusals import Refused, TriggerRefused

from .loading import get_trigger, get_workflow

LOOK, CHANGE = "designer.view_workflow", "designer.change_workflow"


@require_GET
@permission_required(LOOK)
def list_triggers(request: HttpRequest, key: str) -> HttpResponse:
    workflow = get_workflow(request.user, key)
    rows = trigger_rows(workflow, request.user)
    return render(request, "runs/triggers.html", {"workflow": workflow, "rows": rows, "kinds": TriggerKind})


@require_http_methods(["GET", "POST"])
@never_cache
@permission_required(CHANGE)
def add(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    workflow, made = get_workflow(request.user, key), None
    form = get_form(kind)(request.POST or None, workflow=workflow)
    if is_sent(request) and form.is_valid():
        made = tried(
            form, lambda: create_trigger(workflow=workflow, by=request.user, kind=kind, **form.cleaned_data)
        )
    if made and made.secret:
        return shown_once(request, made.trigger, made.secret)
    if made:
        messages.success(request, f"“{made.trigger}” is on.")
        return redirect("runs:triggers", key)
    return shown(request, form, workflow)


@require_http_methods(["GET", "POST"])
@permission_required(CHANGE)
def change(request: HttpRequest, trigger_id: UUID) -> HttpResponse:
    trigger = get_trigger(request.user, trigger_id)
    form = FORMS[trigger.kind](request.POST or None, workflow=trigger.workflow, trigger=trigger)
    if is_sent(request) and form.is_valid():
        fields = form.cleaned_data
        if tried(form, lambda: change_trigger(trigger=trigger, by=request.user, **fields)):
            messages.success(request, f"“{fields['title']}” is saved.")
            return redirect("runs:triggers", trigger.workflow.key)
    return shown(request, form, trigger.workflow, trigger)


@require_POST
@permission_required(CHANGE)
def switch(request: HttpRequest, trigger_id: UUID) -> HttpResponse:
    trigger, enabled = get_trigger(request.user, trigger_id), request.POST.get("enabled") == "on"
    try:
        switch_trigger(trigger=trigger, enabled=enabled, by=request.user)
        messages.success(request, f"“{trigger}” is {'on' if enabled else 'off'}.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("runs:triggers", trigger.workflow.key)


@require_POST
@permission_required(CHANGE)
def remove(request: HttpRequest, trigger_id: UUID) -> HttpResponse:
    trigger = get_trigger(request.user, trigger_id)
    remove_trigger(trigger=trigger, by=request.user)
    messages.success(request, f"“{trigger}” is removed. The runs that it started stay.")
    return redirect("runs:triggers", trigger.workflow.key)


@require_POST
@never_cache
@permission_required(CHANGE)
def rotate(request: HttpRequest, trigger_id: UUID) -> HttpResponse:
    trigger = get_trigger(request.user, trigger_id)
    if trigger.kind != TriggerKind.WEBHOOK:
        raise Http404("Only a webhook has secrets.")
    return shown_once(request, trigger, rotate_secret(trigger=trigger, by=request.user))


def shown(
    request: HttpRequest, form: TriggerForm, workflow: Workflow, trigger: Trigger | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"workflow": workflow, "form": form, "kind": TriggerKind(form.kind)}
    context |= {"moments": moments_of(form), "trigger": trigger}
    context |= address_of(request, trigger) if trigger else {}
    return render(request, "runs/trigger.html", context, status=422 if form.is_bound and form.errors else 200)


def get_form(kind: str) -> type[TriggerForm]:
    if kind not in FORMS:
        raise Http404(f"“{kind}” is no kind of trigger. There are cron, webhook and signal.")
    return FORMS[kind]


def is_sent(request: HttpRequest) -> bool:
    """Whether the form is to be used, and not only tested."""
    return request.method == "POST" and "_test" not in request.POST


def tried(form: TriggerForm, action: Any) -> Any:
    """What the action gives; None where it refuses, and the sentence stands at its field."""
    try:
        return action()
    except TriggerRefused as refusal:
        form.refuse(refusal.field, str(refusal))
    except Refused as refusal:
        form.add_error(None, str(refusal))
    return None


def moments_of(form: TriggerForm) -> dict[str, Any] | None:
    """The next moments of the expression as it stands in the form, or why there are none."""
    if form.kind != TriggerKind.CRON or not (cron := str(form["cron"].value() or "").strip()[:100]):
        return None
    zone = str(form["zone"].value())
    try:
        check_cron(cron, zone)
    except CronRefused as refusal:
        return {"refused": str(refusal)}
    following = next_moments(cron, zone, timezone.now())
    return {
        "words": in_words(cron),
        "zone": zone,
        "next": [wall_clock(moment, zone) for moment in following],
    }


def shown_once(request: HttpRequest, trigger: Trigger, secret: str) -> HttpResponse:
    context = {"workflow": trigger.workflow, "trigger": trigger, "secret": secret}
    return render(request, "runs/hook_made.html", context | address_of(request, trigger), status=201)


def address_of(request: HttpRequest, trigger: Trigger) -> dict[str, str]:
    return {"address": request.build_absolute_uri(f"/hooks/{trigger.pk}/")}
