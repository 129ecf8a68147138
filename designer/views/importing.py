"""Opening documents, and binding what those of other languages left open."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from designer.access import permission_required
from designer.actions import bind_steps, import_document
from designer.drafts import graph_of_draft
from designer.forms import BindingForms, ImportForm
from designer.graph import DocumentError
from designer.interop.asl import BadAsl
from designer.models import Draft, Workflow
from designer.queries import import_report
from designer.refusals import DraftMoved, Refused
from designer.visibility import teams_of

from .loading import get_workflow, revision_of


@require_http_methods(["GET", "POST"])
@permission_required("designer.change_workflow")
def import_workflow(request: HttpRequest) -> HttpResponse:
    """A document becomes a new workflow, or with ``?into=key`` the draft of one that is there."""
    into = get_workflow(request.user, request.GET["into"]) if "into" in request.GET else None
    form = ImportForm(request.POST or None, request.FILES or None, teams=teams_of(request.user))
    if request.method == "POST" and form.is_valid() and (draft := _imported(request, form, into)):
        return redirect("designer:imported" if import_report(draft) else "designer:edit", draft.workflow.key)
    now = into and get_workflow(request.user, into.key)
    moved = form.is_bound and now is not None and now.draft.revision != revision_of(request)
    status = 409 if moved else 422 if form.is_bound else 200
    return render(request, "designer/import.html", {"form": form, "into": now}, status=status)


@require_http_methods(["GET", "POST"])
@permission_required("designer.change_workflow")
def imported(request: HttpRequest, key: str) -> HttpResponse:
    """What became of the parts of a document, and what the steps are bound to that it left open."""
    workflow = get_workflow(request.user, key)
    graph, report = graph_of_draft(workflow.draft), import_report(workflow.draft)
    forms = BindingForms(graph, request.POST or None, report=report, team=workflow.team_id)
    context = {"workflow": workflow, "graph": graph, "report": report, "forms": forms}
    if request.method == "POST" and forms.is_valid():
        try:
            return _bound(request, workflow, forms)
        except DraftMoved as moved:
            return render(request, "designer/imported.html", {**context, "refusal": moved}, status=409)
    status = 422 if request.method == "POST" else 200
    return render(request, "designer/imported.html", context, status=status)


def _imported(request: HttpRequest, form: ImportForm, into: Workflow | None) -> Draft | None:
    team = None if into else form.cleaned_data["team"]
    how: dict[str, Any] = {"workflow": into, "revision": revision_of(request), **form.source, "team": team}
    try:
        draft = import_document(document=form.cleaned_data["document"], by=request.user, **how)
    except (DocumentError, BadAsl) as error:
        form.refuse(error)
    except Refused as refusal:
        form.add_error(None, str(refusal))
    else:
        messages.success(request, f"Imported. {len(draft.steps.all())} steps are in the draft.")
        return draft
    return None


def _bound(request: HttpRequest, workflow: Workflow, forms: BindingForms) -> HttpResponse:
    """Bind what was chosen, and go on to the editor. Raises DraftMoved."""
    bindings, said = forms.bindings(), "Nothing was bound."
    if bindings:
        bind_steps(draft=workflow.draft, bindings=bindings, revision=revision_of(request), by=request.user)
        said = f"Bound {len(bindings)} step{'' if len(bindings) == 1 else 's'}."
    left = len(forms) - len(bindings)
    still = f" {left} {'is' if left == 1 else 'are'} still unbound." if left else ""
    messages.success(request, said + still)
    return redirect("designer:edit", workflow.key)
