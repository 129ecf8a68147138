"""The chain of the audit trail: each link holds a digest over its entry and over the link before it.

Whoever changes an entry would have to make all later links anew, and cannot sign them: the key is not in the
database. What the chain itself cannot tell, that its end was cut off, is told by a head that was kept elsewhere.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, timedelta

from django.core.signing import BadSignature, Signer
from django.db import connection
from django.utils import timezone

from designer.models import AuditEntry, AuditLink

START = "0" * 64
LATE = timedelta(hours=1)
READ_AT_ONCE = 2_000
TABLES = ("designer_auditentry", "designer_auditlink")
GUARDS = {  # by the database: the triggers that keep rows from being changed
    "sqlite": tuple(f"{table}_no_{what}" for table in TABLES for what in ("update", "delete")),
    "postgresql": tuple(f"{table}_no_{what}" for table in TABLES for what in ("change", "truncate")),
}
LISTED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'",
}


def chained(entry: AuditEntry, number: int, previous: str) -> AuditLink:
    digest = digest_of(entry, number, previous)
    # By its number: the entry would hold the link in turn, and both would wait long for the collector.
    return AuditLink(
        entry_id=entry.pk,
        number=number,
        previous=previous,
        digest=digest,
        signature=_signer().signature(f"{number}:{digest}"),
    )


def digest_of(entry: AuditEntry, number: int, previous: str) -> str:
    """SHA-256 over canonical JSON: the names sorted, nothing between the signs, times in UTC."""
    told = {
        "number": number,
        "previous": previous,
        "id": entry.pk,
        "at": entry.at.astimezone(UTC).isoformat(),
        "by": entry.by_id,
        **{name: getattr(entry, name) for name in ("verb", "kind", "name", "about", "by_name", "facts")},
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def trail_head() -> str:
    """What to keep elsewhere, to know later that nothing was cut off: ``1234:9f86d081…``; empty without a chain."""
    last = AuditLink.objects.order_by("-number").first()
    return f"{last.number}:{last.digest}" if last else ""


def trail_flaws(head: str = "") -> Iterator[str]:
    """What is not as it was written, a sentence each. ``head`` is one that `trail_head` gave earlier."""
    yield from _missing_guards()
    yield from _broken_links()
    yield from _unchained()
    if head:
        yield from _cut_off(head)


def _broken_links() -> Iterator[str]:
    number, previous, last = 0, START, None
    links = AuditLink.objects.select_related("entry").order_by("number")
    for last in links.iterator(chunk_size=READ_AT_ONCE):
        number += 1
        if last.number != number:
            yield f"The links {number} to {last.number - 1} of the audit trail, or their entries, are missing."
            number = last.number
        elif last.previous != previous:
            yield f"Link {number} of the audit trail does not follow from the link before it."
        if digest_of(last.entry, last.number, last.previous) != last.digest:
            yield f"Entry {last.entry_id} of the audit trail, link {number}, was changed after it was written."
        previous = last.digest
    if last is not None and not _is_signed(last):
        yield (
            f"Link {last.number}, the last of the audit trail, is not signed with a key of this installation: the chain"
            " was made anew by somebody else, or CHOREO_SECRET_KEY is another and CHOREO_SECRET_KEY_FALLBACKS lacks"
            " the old one."
        )


def _unchained() -> Iterator[str]:
    waiting = AuditEntry.objects.filter(link=None, at__lt=timezone.now() - LATE)
    if first := waiting.order_by("pk").first():
        count = waiting.count()
        many = "1 entry" if count == 1 else f"{count:,} entries"
        yield (
            f"Not in the chain, though older than an hour: {many} of the audit trail, from {first.pk} on. No worker"
            " runs, or links were removed."
        )


def _cut_off(head: str) -> Iterator[str]:
    number, _, digest = head.partition(":")
    known = (
        AuditLink.objects.filter(number=int(number)).first()
        if number.isdecimal() and len(number) < 19
        else None
    )
    if known is None:
        yield f"The audit trail ends before link {number}, which was its head once: its end was cut off."
    elif known.digest != digest:
        yield f"Link {number} of the audit trail is not the one that was its head once: the chain was made anew."


def _missing_guards() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(LISTED[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
    for name in GUARDS[connection.vendor]:
        if name not in there:
            yield f"The trigger {name}, which keeps the audit trail from being changed, is missing in the database."


def _is_signed(link: AuditLink) -> bool:
    try:
        _signer().unsign(f"{link.number}:{link.digest}:{link.signature}")
    except BadSignature:
        return False
    return True


def _signer() -> Signer:
    return Signer(salt="choreo.trail")
