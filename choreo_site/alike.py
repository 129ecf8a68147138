"""People who look at the same time and are alike: of equal roles, teams and permissions. What the database says of the
first of them, as to what they may do and see, holds for the others."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import prefetch_related_objects

from designer.visibility import know_hidden_as

type Kind = tuple[bool, bool, frozenset[int], frozenset[int]]


def know_alike(people: Collection[Any]) -> None:
    """Keep on each what Django and we would else ask for each. Another backend's permissions are not touched."""
    if len(people) < 2:
        return
    prefetch_related_objects(list(people), "groups", "user_permissions")
    first: dict[Kind, Any] = {}
    for person in people:
        known = first.setdefault(kind_of(person), person)
        if person is not known:
            person._perm_cache = ModelBackend().get_all_permissions(known)  # where ModelBackend keeps them
            know_hidden_as(known, person)


def kind_of(person: Any) -> Kind:
    groups, own = person.groups.all(), person.user_permissions.all()
    return (
        person.is_active,
        person.is_superuser,
        frozenset(group.pk for group in groups),
        frozenset(permission.pk for permission in own),
    )
