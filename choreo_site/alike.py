"""People who look at the same time and are alike: of the same roles and teams, with the same permissions of their own.
What those give is asked once, and of them alone: nobody gets what another was given a moment later."""

from collections.abc import Collection
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db.models import Q, prefetch_related_objects

from designer.visibility import hidden_outside, know_hidden

DJANGOS_OWN = ["django.contrib.auth.backends.ModelBackend"]


def know_alike(people: Collection[Any]) -> None:
    """Keep on each what Django and we would else ask for each. Where other backends have a say, each is asked alone."""
    if len(people) < 2 or settings.AUTHENTICATION_BACKENDS != DJANGOS_OWN:
        return
    ordinary = [person for person in people if person.is_active and not person.is_superuser]
    prefetch_related_objects(ordinary, "groups", "user_permissions")
    given, hidden = cache(permissions_given), cache(hidden_outside)
    for person in ordinary:
        groups = frozenset(group.pk for group in person.groups.all())
        own = frozenset(permission.pk for permission in person.user_permissions.all())
        person._perm_cache = given(groups, own)  # where ModelBackend keeps them
        know_hidden(person, hidden(groups))


def permissions_given(groups: frozenset[int], own: frozenset[int]) -> frozenset[str]:
    """By these groups, and by one's own."""
    given = Permission.objects.filter(Q(group__in=groups) | Q(pk__in=own)).order_by()
    names = given.values_list("content_type__app_label", "codename").distinct()
    return frozenset(f"{app}.{codename}" for app, codename in names)
