"""Who sees which workflows, and with each all that belongs to it: runs, reviews, signals, triggers, drafts.

A workflow is for everybody, or for one team. Everything that shows something narrows it here.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Model, Q, QuerySet

from designer.models import Secret, Workflow

SEES_EVERY_TEAM = "designer.see_every_team"
KEPT = "_hidden_workflows"


def hidden_workflows(user: Any) -> frozenset[UUID]:
    """Those of teams that ``user`` is not in. Kept on the user as Django keeps permissions: for one request."""
    if user.has_perm(SEES_EVERY_TEAM):
        return frozenset()
    known: frozenset[UUID] | None = getattr(user, KEPT, None)
    if known is None:
        known = hidden_outside(user.groups.all())
        know_hidden(user, known)
    return known


def hidden_outside(teams: Collection[int] | QuerySet[Group]) -> frozenset[UUID]:
    """From whoever is in these teams and no others."""
    others = Workflow.objects.exclude(team=None).exclude(team__in=teams)
    return frozenset(others.order_by().values_list("pk", flat=True))


def know_hidden(user: Any, hidden: frozenset[UUID]) -> None:
    setattr(user, KEPT, hidden)


def seen_by[M: Model](rows: QuerySet[M], user: Any, workflow: str = "workflow") -> QuerySet[M]:
    """Those that belong to a workflow that ``user`` may see. ``workflow`` is the way from a row to it.

    What is hidden is left out by name, since it is little: asked for what may be seen, a database would look up
    runs by workflow and sort them, where it can walk along the newest.
    """
    hidden = hidden_workflows(user)
    return rows.exclude(**{f"{workflow}__in": hidden}) if hidden else rows


def visible_workflows(user: Any) -> QuerySet[Workflow]:
    return seen_by(Workflow.objects.all(), user, "pk")


def find_visible_workflow(user: Any, key: str) -> Workflow | None:
    """With its draft and what is published."""
    found = visible_workflows(user).select_related("published", "draft", "draft__edited_by")
    return found.filter(key=key).first()


def those_who_see[M: Model](people: QuerySet[M], team: int | None) -> QuerySet[M]:
    """Of these people, those who see what belongs to this team."""
    if team is None:
        return people
    every = get_user_model().objects.with_perm(
        SEES_EVERY_TEAM, backend="django.contrib.auth.backends.ModelBackend"
    )
    return people.filter(Q(groups=team) | Q(pk__in=every.values("pk"))).distinct()


def teams_of(user: Any) -> QuerySet[Group]:
    """The teams that somebody is in: groups that permit nothing. Those that do are roles."""
    return user.groups.filter(permissions=None).order_by("name")


def team_named(reference: str) -> int | None:
    """The team of the workflow that a reference names, for commands, which may do everything."""
    key = reference.partition("@")[0]
    return Workflow.objects.filter(key=key).values_list("team", flat=True).first()


def shared_with(team: int | None, column: str = "team") -> Q:
    """What a workflow of this team may name: what is its own, and what is everybody's. One of no team may name only
    the latter, or whoever sees it would see more than is theirs."""
    everybodys = Q(**{column: None})
    return everybodys if team is None else everybodys | Q(**{column: team})


def usable_secrets(team: int | None) -> QuerySet[Secret]:
    return Secret.objects.filter(shared_with(team))
