"""Giving roles and teams that let somebody decide: after a wait, or by two administrators.

Whoever could give themselves a role and use it at once could decide what they have asked for.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from designer.models import Grant
from designer.refusals import Refused

from .trail import note_deed


def ask_grants(*, person: Any, groups: Iterable[Group], by: Any) -> None:
    """These and no others are to come. Belongs to the transaction that is open; it tells the trail."""
    wanted = {group.pk: group for group in groups}
    Grant.objects.filter(person=person).exclude(group__in=wanted).delete()
    known = set(Grant.objects.filter(person=person).values_list("group", flat=True))
    due = timezone.now() + timedelta(minutes=settings.CHOREO_GRANT_MINUTES)
    Grant.objects.bulk_create(
        [Grant(person=person, group=wanted[pk], by=by, due_at=due) for pk in wanted.keys() - known]
    )


@transaction.atomic(durable=True)
def confirm_grant(*, grant_id: int, by: Any) -> Grant:
    """It holds from now on. Raises Refused."""
    grant = _get(grant_id)
    check_confirm(grant, by)
    _give(grant, "confirmed", by=by, given_by=grant.by.get_username() if grant.by else "")
    return grant


def check_confirm(grant: Grant, by: Any) -> None:
    """Two people have to want it, and none of them for themselves. Raises Refused."""
    if objection := _objection(grant, by):
        raise Refused(objection)


def can_confirm(grant: Grant, by: Any) -> bool:
    return not _objection(grant, by)


@transaction.atomic(durable=True)
def hurry_grant(*, grant_id: int, by: Any, reason: str) -> Grant:
    """Break the glass: it holds at once, by one person alone, and the audit trail says so. Raises Refused."""
    if len(reason.strip()) < 10:
        raise Refused("Say why it cannot wait, in ten letters at least: it is kept in the audit trail.")
    grant = _get(grant_id)
    _give(grant, "broke the glass for", by=by, reason=reason.strip()[:500])
    return grant


@transaction.atomic(durable=True)
def settle_grants() -> int:
    """Let those hold whose time has come; how many. Nobody does this: what was done is told by who gave them."""
    due = list(Grant.objects.select_for_update(of=("self",)).filter(due_at__lte=timezone.now()))
    for grant in due:
        grant.person.groups.add(grant.group_id)
        grant.delete()
    return len(due)


def _objection(grant: Grant, by: Any) -> str:
    if grant.by_id == by.pk:
        return "You have given it, so another administrator must confirm it."
    if grant.person_id == by.pk:
        return "It is for you, so another administrator must confirm it."
    return ""


def _get(grant_id: int) -> Grant:
    found = Grant.objects.select_for_update(of=("self",)).select_related("person", "group", "by")
    grant = found.filter(pk=grant_id).first()
    if grant is None:
        raise Refused("It holds already, or it was taken back.")
    return grant


def _give(grant: Grant, verb: str, *, by: Any, **facts: Any) -> None:
    person = grant.person
    person.groups.add(grant.group)
    note_deed(verb, "person", person.get_username(), by=by, about=person.pk, group=grant.group.name, **facts)
    Grant.objects.filter(pk=grant.pk).delete()
