"""Teams: who is in which, and which workflows are for one of them alone."""

from django.contrib import messages
from django.contrib.auth.models import Group
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from choreo_site.forms import TeamForm, teams
from designer.access import permission_required
from designer.actions import set_team
from designer.models import Workflow
from designer.views.loading import get_workflow

NEEDED = "auth.change_user"


@require_GET
@never_cache
@permission_required(NEEDED)
def show_teams(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@permission_required(NEEDED)
def change_team(request: HttpRequest, key: str) -> HttpResponse:
    workflow = get_workflow(request.user, key)
    form = TeamForm(request.POST, workflow=workflow)
    if not form.is_valid():
        return _page(request, refusal="That is not one of the teams. Nothing was changed.")
    team: Group | None = form.cleaned_data["team"]
    set_team(workflow=workflow, team=team, by=request.user)
    seen = f"The team {team} alone sees" if team else "Everybody sees"
    messages.success(request, f"{seen} {workflow.key} now, and its runs and reviews.")
    return redirect("teams")


def _page(request: HttpRequest, refusal: str = "") -> HttpResponse:
    counted = teams().annotate(people=Count("user", filter=Q(user__is_active=True)))
    rows = [
        {"workflow": workflow, "form": TeamForm(workflow=workflow)}
        for workflow in Workflow.objects.select_related("team").order_by("key")
    ]
    context = {"teams": counted, "rows": rows, "refusal": refusal}
    return render(request, "people/teams.html", context, status=422 if refusal else 200)
