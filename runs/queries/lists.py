"""The list of runs: found by what the address says, a page at a time, counted exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.safestring import SafeString

from designer.models import Version
from runs.engine import Reason, RunStatus
from runs.models import DeadLetter, Run
from runs.models.people import DeadLetterStatus
from runs.standing import LIVING, NEED_A_PERSON

from .sentences import sentences

AWAITED = Q(reason__in=NEED_A_PERSON)
# Over, but its dead letter is not. One that a person let be asks for nobody any more.
STUCK = Q(
    Exists(DeadLetter.objects.filter(run=OuterRef("pk"), status=DeadLetterStatus.OPEN)),
    reason=Reason.ROLLBACK_INCOMPLETE,
)
STATUSES = {
    "all": Q(),
    "in-flight": Q(status__in=LIVING),
    # The reasons stand first and by themselves: the index that is walked is theirs.
    "waiting": Q(reason__in=[*NEED_A_PERSON, Reason.ROLLBACK_INCOMPLETE]) & (AWAITED | STUCK),
    "failed": Q(status=RunStatus.FAILED),
    "finished": Q(status__in=[RunStatus.SUCCEEDED, RunStatus.CANCELLED]),
}
PAGE = 50
HEAVY = ("input", "output", "fault")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRuns:
    """Which runs are asked for. Empty says: all of them."""

    status: str = "all"
    workflow: str = ""
    text: str = ""  # part of the key, or the end of an id
    step: str = ""  # the one that the run failed by
    error: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def narrows(self) -> bool:
        return self != WantedRuns()


@dataclass(frozen=True, slots=True)
class RunRow:
    run: Run
    sentence: SafeString


# The team decides whether a parent may be named.
PARENTS = Prefetch("parent", Run.objects.select_related("workflow").only("key", "workflow__team"))


@dataclass(frozen=True, slots=True)
class RunsPage:
    """Newest first. A page begins after a run or ends before one, so that new runs do not move it."""

    rows: Sequence[RunRow]
    newer: UUID | None = None  # the run above which newer ones stand
    older: UUID | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def find_runs(runs: QuerySet[Run], wanted: WantedRuns) -> QuerySet[Run]:
    """Newest first, without what may be large.

    What belongs to them is fetched apart: joined, SQLite would sort all runs to show the newest.
    """
    found = _narrowed(runs.select_related(None), wanted).filter(STATUSES[wanted.status])
    versions = Prefetch("version", Version.objects.defer("document"))
    return found.order_by("-id").defer(*HEAVY).prefetch_related("workflow", versions, PARENTS)


def runs_page(
    runs: QuerySet[Run], wanted: WantedRuns, *, before: UUID | None = None, after: UUID | None = None
) -> RunsPage:
    """Those before a run, or after one; without either the newest."""
    found = find_runs(runs, wanted)
    if after is not None:
        newer = list(found.filter(pk__gt=after).order_by("id")[: PAGE + 1])
        shown, more_newer, more_older = newer[:PAGE][::-1], len(newer) > PAGE, True
    else:
        older = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
        shown, more_newer, more_older = older[:PAGE], before is not None, len(older) > PAGE
    return RunsPage(
        run_rows(shown),
        newer=shown[0].pk if shown and more_newer else None,
        older=shown[-1].pk if shown and more_older else None,
        counts=status_counts(runs, wanted),
    )


def run_rows(runs: Sequence[Run]) -> list[RunRow]:
    said = sentences(runs)
    return [RunRow(run, said[run.pk]) for run in runs]


def status_counts(runs: QuerySet[Run], wanted: WantedRuns) -> Mapping[str, int]:
    """How many runs each status would show, all else as it is asked for."""
    # Of a column that the index over the figures holds, so that no run is read.
    asked = {**STATUSES, "waiting": AWAITED}
    counted = {name: Count("created_at", filter=chosen) for name, chosen in asked.items() if chosen}
    narrowed = _narrowed(runs, wanted).order_by()
    keyed = {name.replace("-", "_"): count for name, count in counted.items()}
    counts = narrowed.aggregate(all=Count("created_at"), **keyed)
    return {**counts, "waiting": counts["waiting"] + narrowed.filter(STUCK).count()}


def _narrowed(runs: QuerySet[Run], wanted: WantedRuns) -> QuerySet[Run]:
    asked = Q()
    if wanted.workflow:
        asked &= Q(workflow__key=wanted.workflow)
    if wanted.text:
        asked &= Q(key__icontains=wanted.text) | id_ends_with(wanted.text)
    if wanted.since:
        asked &= Q(created_at__gte=wanted.since)
    if wanted.until:
        asked &= Q(created_at__lt=wanted.until)
    if wanted.step or wanted.error:
        asked &= Q(status=RunStatus.FAILED)
    if wanted.step:
        asked &= Q(fault__step=wanted.step)
    if wanted.error:
        asked &= Q(fault__name=wanted.error)
    return runs.filter(asked)


def id_ends_with(text: str) -> Q:
    """Runs whose id ends so, written in any of its ways; none for what is no end of an id."""
    digits = text.lower().removeprefix("run_").replace("-", "")
    is_hex = bool(digits) and all(letter in "0123456789abcdef" for letter in digits)
    return Q(id__endswith=_hyphenated(digits)) if is_hex else Q(pk__in=[])


def _hyphenated(digits: str) -> str:
    """The end of an id as PostgreSQL writes it; SQLite's lookups take the hyphens out again."""
    groups = []
    for size in (12, 4, 4, 4, 8):
        groups.append(digits[-size:])
        digits = digits[:-size]
    return "-".join(group for group in reversed(groups) if group)
