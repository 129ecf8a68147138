from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from designer.access import permission_required
from designer.versions import graph_of
from runs.actions import check_resolve, output_contract, resolve_dead_letter
from runs.forms import ResolveForm
from runs.models import DeadLetter
from runs.queries.items import retried_words
from runs.refusals import Refused, refusal_of

from .loading import get_dead_letter
from .refusing import refused


@require_http_methods(["GET", "POST"])
@permission_required("runs.operate_run")
def resolve(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    letter = get_dead_letter(request.user, letter_id)
    posted = request.POST if request.method == "POST" else None
    form = resolve_form(letter, posted, request.GET.get("how", "retry"))
    if not form.is_submitted or not form.is_valid():
        status = 422 if form.is_submitted else 200
        return render(request, "runs/resolve.html", letter_context(letter, form), status=status)
    try:
        resolve_dead_letter(letter_id=letter.pk, by=request.user, **form.decision)
    except Refused as refusal:
        return refused(request, refusal, "runs/resolve.html", letter_context(letter, form))
    messages.success(request, form.said(step_name(letter)))
    return redirect("runs:run", letter.run_id)


def resolve_form(letter: DeadLetter, posted: Any, how: str) -> ResolveForm:
    return ResolveForm(
        posted,
        phase=letter.phase,
        contract=output_contract(letter),
        retried=retried_words(letter.run, letter.no),
        initial={"how": how},
    )


def letter_context(letter: DeadLetter, form: ResolveForm) -> dict[str, Any]:
    return {
        "letter": letter,
        "run": letter.run,
        "step": step_name(letter),
        "form": form,
        "contract": output_contract(letter),
        "refused": refusal_of(check_resolve, letter),
    }


def step_name(letter: DeadLetter) -> str:
    return graph_of(letter.run.version_id).name_of(letter.key)
