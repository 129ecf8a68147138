"""Writing the audit trail: what a person does is noted in the transaction that does it, and chained soon after."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from designer.chain import START, chained
from designer.models import AuditEntry, AuditLink

AT_ONCE = 500
SLOWEST = timedelta(days=1)  # no transaction is open for so long, so what is older is chained


def note_deed(verb: str, kind: str, name: str, *, by: Any, about: Any = "", **facts: Any) -> None:
    """Belongs to the transaction that is open. What no person did (``by`` is None) is told by journals, not here."""
    if by is None:
        return
    AuditEntry.objects.create(
        verb=verb,
        kind=kind,
        name=name[:300],
        about=str(about),
        by=by,
        by_name=by.get_username(),
        facts=facts or None,
        at=timezone.now(),
    )


def seal_trail(*, most: int | None = None) -> int:
    """Chain the entries that are not chained yet, about ``most`` of them; how many.

    They are chained apart, so that people who do something at the same time never wait for each other: a chain has
    one end. Of two who chain at once one finds the numbers taken, and leaves it to the other.
    """
    count = 0
    try:
        while (most is None or count < most) and (links := _seal_some()):
            count += links
    except IntegrityError:
        pass
    return count


@transaction.atomic(durable=True)
def _seal_some() -> int:
    ends = AuditLink.objects.order_by("-number").values_list("number", "digest", "entry__at")
    waiting = AuditEntry.objects.filter(link=None).order_by("pk")
    number, digest = 0, START
    if last := ends.first():
        number, digest, at = last
        waiting = waiting.filter(at__gt=at - SLOWEST)
    links = []
    for entry in waiting[:AT_ONCE]:
        number += 1
        link = chained(entry, number, digest)
        digest = link.digest
        links.append(link)
    AuditLink.objects.bulk_create(links)
    return len(links)
