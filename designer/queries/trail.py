"""The audit trail as people read it: the newest first, found by who, what and when."""

from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Q, QuerySet

from designer.models import AuditEntry

PAGE = 100
KINDS = {  # what can be done something to, as the filter offers it
    "person": "People",
    "workflow": "Workflows",
    "run": "Runs",
    "review": "Reviews",
    "trigger": "Triggers",
    "file": "Files",
    "secret": "Secrets",
    "destination": "Destinations",
    "token": "API tokens",
}


@dataclass(frozen=True, slots=True)
class WantedEntries:
    q: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def narrows(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class TrailPage:
    entries: list[AuditEntry]
    older: int | None  # before which entry the next page begins


def found_entries(wanted: WantedEntries) -> QuerySet[AuditEntry]:
    asked = Q()
    if wanted.q:
        asked &= Q(name__icontains=wanted.q) | Q(by_name__icontains=wanted.q) | Q(verb__icontains=wanted.q)
    if wanted.kind:
        asked &= Q(kind=wanted.kind)
    if wanted.since:
        asked &= Q(at__gte=wanted.since)
    if wanted.until:
        asked &= Q(at__lt=wanted.until)
    return AuditEntry.objects.filter(asked).select_related("link").order_by("-id")


def trail_page(wanted: WantedEntries, before: int | None) -> TrailPage:
    found = found_entries(wanted)
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    return TrailPage(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)
