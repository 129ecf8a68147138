"""Keeping secrets: added, replaced, removed, and sealed anew when a key has changed."""

import re
from typing import Any

from cryptography.fernet import InvalidToken
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from designer.models import Secret
from designer.refusals import Refused
from designer.secrets import resealed, seal

from .trail import note_deed

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
# A shorter value would be found in harmless texts, and taken out of them.
SHORTEST, LONGEST = 8, 8_192


def check_secret(name: str, value: str) -> None:
    """Raises Refused."""
    if not NAME.fullmatch(name):
        raise Refused(
            f"“{name}” cannot name a secret: begin with a small letter and go on with small letters, digits and"
            " underscores, 64 at most."
        )
    if not SHORTEST <= len(value) <= LONGEST:
        raise Refused(f"A secret has {SHORTEST} to {LONGEST:,} characters, and this one has {len(value):,}.")
    if any(not character.isprintable() and character not in "\n\t" for character in value):
        raise Refused("The value holds a character that cannot be printed. Was it copied whole?")


@sensitive_variables("value")
@transaction.atomic(durable=True)
def add_secret(*, name: str, value: str, by: Any, team: Group | None = None) -> Secret:
    """One of a team may be named by that team's workflows alone. Raises Refused."""
    check_secret(name, value)
    now = timezone.now()
    try:
        with transaction.atomic():
            secret = Secret.objects.create(
                name=name, sealed=seal(value), team=team, changed_by=by, changed_at=now
            )
    except IntegrityError as error:
        raise Refused(f"There is a secret “{name}” already. Replace its value instead.") from error
    note_deed("added", "secret", name, by=by, team=team.name if team else "everybody")
    return secret


@sensitive_variables("value")
@transaction.atomic(durable=True)
def replace_secret(*, secret: Secret, value: str, by: Any) -> None:
    """Attempts that begin from now on get the new value. Raises Refused."""
    check_secret(secret.name, value)
    now = timezone.now()
    changed = Secret.objects.filter(pk=secret.pk).update(sealed=seal(value), changed_by=by, changed_at=now)
    if not changed:
        raise Refused(f"The secret “{secret.name}” has been removed meanwhile.")
    note_deed("replaced", "secret", secret.name, by=by)


@transaction.atomic(durable=True)
def remove_secret(*, secret: Secret, by: Any) -> None:
    """Steps that name it fail from now on, with a sentence that says so."""
    if Secret.objects.filter(pk=secret.pk).delete()[0]:
        note_deed("removed", "secret", secret.name, by=by)


@transaction.atomic(durable=True)
def reseal_secrets() -> tuple[int, list[str]]:
    """Seal every secret with the newest key; says how many, and the names of those that no key opens."""
    count, lost = 0, []
    for secret in Secret.objects.select_for_update():
        try:
            secret.sealed = resealed(secret.sealed)
        except InvalidToken:
            lost.append(secret.name)
            continue
        secret.save(update_fields=["sealed"])
        count += 1
    return count, lost
