"""People: who is here, what they may do, and how they come in."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from choreo_site.roles import AT_ONCE, ROLES
from choreo_site.sign_in import create_sign_in_link
from designer.actions import ask_grants, note_deed
from designer.models import Grant


class PeopleRefused(Exception):
    """What cannot be done to a person, and why."""


def add_person(*, username: str, roles: Iterable[str], by: Any) -> User:
    """Somebody new, without a password: they come in by a link. Raises PeopleRefused."""
    try:
        with transaction.atomic(durable=True):
            user = get_user_model().objects.create_user(username, password=None)
            granted = sorted(set(roles) & ROLES.keys())
            note_deed("added", "person", username, by=by, about=user.pk, roles=granted)
            _join(user, Group.objects.filter(name__in=granted), by=by)
    except IntegrityError as error:
        raise PeopleRefused(f"There is already somebody called {username}.") from error
    return user


@transaction.atomic(durable=True)
def set_access(*, user: User, roles: Iterable[str], teams: Iterable[str], active: bool, by: Any) -> None:
    """Say what somebody may do, which teams they are in, and whether they may come in. Raises PeopleRefused."""
    check_may_change(user, by)
    wanted = set(roles) & ROLES.keys()
    if user == by and ("admin" not in wanted or not active):
        raise PeopleRefused("You cannot take your own access away. Ask another administrator.")
    groups = [
        Group.objects.get_or_create(name=name)[0] for name in sorted({*wanted, *set(teams) - ROLES.keys()})
    ]
    before = access_of(user)
    _join(user, groups, by=by)
    user.is_active = active
    user.save(update_fields=["is_active"])
    if (after := access_of(user)) != before:
        note_deed("changed", "person", user.get_username(), by=by, about=user.pk, before=before, after=after)


def _join(user: User, groups: Iterable[Group], *, by: Any) -> None:
    """They are in these groups and no others: now, or for what lets them decide after a wait."""
    wanted, held = list(groups), set(user.groups.values_list("pk", flat=True))
    late = [group for group in wanted if group.pk not in held and group.name not in AT_ONCE]
    if not settings.CHOREO_GRANT_MINUTES:
        late = []
    user.groups.set([group for group in wanted if group not in late])
    ask_grants(person=user, groups=late, by=by)
    if "admin" not in {group.name for group in wanted}:
        Grant.objects.filter(by=user).delete()  # what they wanted for others while they might


def access_of(user: User) -> dict[str, Any]:
    names = sorted(user.groups.values_list("name", flat=True))
    coming = sorted(Grant.objects.filter(person=user).values_list("group__name", flat=True))
    return {"groups": names, "may_sign_in": user.is_active, **({"to_come": coming} if coming else {})}


def sign_in_link_for(*, user: User, by: Any) -> str:
    """The token of a link that signs them in once. Raises PeopleRefused."""
    check_may_change(user, by)
    if not user.is_active:
        raise PeopleRefused(f"{user} may not sign in. Let them in first.")
    with transaction.atomic(durable=True):
        note_deed("made a link for", "person", user.get_username(), by=by, about=user.pk)
    return create_sign_in_link(user=user)


def check_may_change(user: User, by: Any) -> None:
    """Whoever could change the first administrator could become one. Raises PeopleRefused."""
    if user.is_superuser and not by.is_superuser:
        raise PeopleRefused(f"{user} has every permission, and only somebody who has may change that.")
