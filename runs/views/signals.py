"""Signals: who publishes, who listens, what nobody wanted; and one to try."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from designer.access import permission_required
from runs.actions import check_signal, publish_signal
from runs.charts import wires_of
from runs.forms.signals import SignalForm
from runs.models import Signal
from runs.queries.signals import Reaction, reaction_to, traffic, unmatched
from runs.refusals import SignalRefused

from .loading import asked

LOOK, SEND = "runs.view_run", "runs.send_signal"


@require_GET
@permission_required(LOOK)
def list_signals(request: HttpRequest) -> HttpResponse:
    known = {"name": asked(request, "name"), "key": asked(request, "key")}
    return shown(request, SignalForm(initial=known, label_suffix=""))


@require_POST
@permission_required(SEND)
def try_signal(request: HttpRequest) -> HttpResponse:
    """Says who would react, or sends it."""
    form = SignalForm(request.POST, label_suffix="")
    signal = tried(form, f"/people/{request.user.get_username()}")
    if signal is None:
        return shown(request, form, status=422)
    if request.POST.get("do") != "send":
        return shown(request, form, reaction_to(signal, request.user))
    publish_signal(source=signal.source, **form.sent())
    messages.success(request, f"“{signal.name}” with key {signal.key} is sent.")
    return redirect("runs:signals")


def tried(form: SignalForm, source: str) -> Signal | None:
    """The signal as it would be sent; None where it is refused."""
    if not form.is_valid():
        return None
    signal = form.signal(source)
    signal.sent_at = timezone.now()
    try:
        check_signal(signal)
    except SignalRefused as refusal:
        form.refuse(refusal.field, str(refusal))
        return None
    return signal


def shown(
    request: HttpRequest, form: SignalForm, reaction: Reaction | None = None, status: int = 200
) -> HttpResponse:
    found = traffic(request.user)
    wires = wires_of([(one.name, one.senders, one.listeners, one.lately) for one in found])
    page: dict[str, Any] = {"form": form, "reaction": reaction, "traffic": found, "wires": wires}
    return render(request, "runs/signals.html", {**page, "unmatched": unmatched(request.user)}, status=status)
