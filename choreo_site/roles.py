"""Roles: what people may do, as groups of Django's permissions. A person may have several."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Q

LOOK = ("designer.view_workflow", "runs.view_run")
DESIGN = ("designer.change_workflow", "designer.publish_workflow")
OPERATE = ("runs.start_run", "runs.operate_run", "runs.send_signal")
DECIDE = ("runs.view_review", "runs.decide_review")
PEOPLE = ("auth.view_user", "auth.change_user", "designer.see_every_team", "designer.view_trail")
SEE = ("runs.see_sensitive",)
KEEP = ("designer.change_secret", "designer.change_destination")

ROLES: Mapping[str, tuple[str, ...]] = {
    "viewer": LOOK,
    "designer": (*LOOK, *DESIGN),
    "operator": (*LOOK, *OPERATE),
    "reviewer": (*LOOK, *DECIDE),
    "trusted": (*LOOK, *SEE),
    "admin": (*LOOK, *DESIGN, *OPERATE, *DECIDE, *SEE, *PEOPLE, *KEEP),
}
# These hold at once. What lets somebody decide, administrate or see what is hidden waits, and so do teams.
AT_ONCE = frozenset({"viewer", "designer", "operator"})
SAID: Mapping[str, str] = {
    "viewer": "sees workflows and runs",
    "designer": "edits and publishes workflows",
    "operator": "starts, cancels and repairs runs",
    "reviewer": "decides what waits for a person",
    "trusted": "sees values that are marked as sensitive",
    "admin": "does all of it, says who may do what, and keeps the secrets",
}


@transaction.atomic
def grant_roles(**kwargs: Any) -> None:
    """Make the groups and give them their permissions: after every migration, and as often as one likes."""
    groups = apps.get_model("auth", "Group").objects
    for name, granted in ROLES.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.set(_permissions(granted))


def every_role() -> list[Any]:
    """The groups of all roles, for those who may do everything."""
    return list(apps.get_model("auth", "Group").objects.filter(name__in=ROLES))


def roles_of(user: Any) -> list[str]:
    """The roles of a person, in the order of the table."""
    held = {group.name for group in user.groups.all()}
    return [name for name in ROLES if name in held]


def sentence_for(permission: str) -> str:
    """What to say to somebody who lacks ``permission``."""
    having = [name for name, granted in ROLES.items() if permission in granted]
    if not having:
        return "Your roles do not allow this page or this action. Nothing was changed."
    *most, last = having
    needed = f"{', '.join(most)} or {last}" if most else last
    return f"This needs the role {needed}. Ask an administrator for it. Nothing was changed."


def _permissions(names: Iterable[str]) -> list[Any]:
    wanted = Q(pk__in=[])
    for app, codename in (name.split(".") for name in names):
        wanted |= Q(content_type__app_label=app, codename=codename)
    return list(apps.get_model("auth", "Permission").objects.filter(wanted))
