"""Lists of workflows and of runs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from designer.models import Workflow
from runs.engine import Reason, RunStatus
from runs.models import Review, Run
from runs.models.people import ReviewStatus

from .sentences import sentences

LIVING = (RunStatus.READY, RunStatus.RUNNING, RunStatus.UNDOING)
PERIODS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
NEED_A_PERSON = (
    *(Reason.AWAITING_REVIEW, Reason.DEAD_LETTERED, Reason.OUTCOME_UNKNOWN),
    Reason.ROLLBACK_INCOMPLETE,  # over, but its dead letter is not
)
STATUSES = {
    "all": Q(),
    "in-flight": Q(status__in=LIVING),
    "failed": Q(status=RunStatus.FAILED),
    "waiting": Q(reason__in=NEED_A_PERSON),
    "finished": Q(status__in=[RunStatus.SUCCEEDED, RunStatus.CANCELLED]),
}
PAGE = 50
STRIP = 40  # the newest runs drawn beside a workflow


@dataclass(frozen=True, slots=True)
class RunRow:
    run: Run
    sentence: SafeString


@dataclass(frozen=True, slots=True)
class Bar:
    """One run in the strip: its shape says the outcome."""

    x: float
    y: float
    height: float
    tone: str
    hollow: bool


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    workflow: Workflow
    runs: int
    success: float | None  # percent of those that are over
    in_flight: int
    undone: int
    reviews: int
    bars: Sequence[Bar]
    said: str  # the strip in words


@dataclass(frozen=True, slots=True)
class Summary:
    started: int
    succeeded: int
    over: int
    in_flight: int
    retrying: int
    undoing: int
    failed: int
    rolled_back: int
    reviews: int
    late: int

    @property
    def success(self) -> float | None:
        return 100 * self.succeeded / self.over if self.over else None


def find_runs(
    runs: QuerySet[Run], *, status: str = "all", workflow: str = "", text: str = ""
) -> QuerySet[Run]:
    """Filtered by what the address says; an unknown status filters nothing."""
    found = runs.filter(STATUSES.get(status, Q()))
    if workflow:
        found = found.filter(workflow__key=workflow)
    if text:
        found = found.filter(Q(key__icontains=text) | _id_ends_with(text))
    return found.order_by("-id").defer("version__document", "input", "output", "fault")


def run_rows(runs: Sequence[Run]) -> list[RunRow]:
    said = sentences(runs)
    return [RunRow(run, said[run.pk]) for run in runs]


def in_flight_count(runs: QuerySet[Run]) -> int:
    return runs.filter(status__in=LIVING).count()


def workflow_rows(period: str) -> list[WorkflowRow]:
    since = timezone.now() - PERIODS.get(period, PERIODS["24h"])
    recent = Q(runs__created_at__gte=since)
    counted = Workflow.objects.select_related("published").annotate(
        started=Count("runs", filter=recent),
        succeeded=Count("runs", filter=recent & Q(runs__status=RunStatus.SUCCEEDED)),
        over=Count("runs", filter=recent & ~Q(runs__status__in=LIVING)),
        flying=Count("runs", filter=Q(runs__status__in=LIVING)),
        undone=Count("runs", filter=recent & Q(runs__reason=Reason.ROLLED_BACK)),
    )
    open_reviews = Review.objects.filter(status=ReviewStatus.OPEN)
    reviews = dict(open_reviews.values_list("run__workflow").annotate(Count("pk")).order_by())
    return [_workflow_row(workflow, reviews.get(workflow.pk, 0)) for workflow in counted.order_by("key")]


def summary(period: str) -> Summary:
    since = timezone.now() - PERIODS.get(period, PERIODS["24h"])
    recent, living = Q(created_at__gte=since), Q(status__in=LIVING)
    numbers = Run.objects.aggregate(
        started=Count("pk", filter=recent),
        succeeded=Count("pk", filter=recent & Q(status=RunStatus.SUCCEEDED)),
        over=Count("pk", filter=recent & ~living),
        in_flight=Count("pk", filter=living),
        retrying=Count("pk", filter=living & Q(reason=Reason.BACKING_OFF)),
        undoing=Count("pk", filter=Q(status=RunStatus.UNDOING)),
        failed=Count("pk", filter=recent & Q(status=RunStatus.FAILED)),
        rolled_back=Count("pk", filter=recent & Q(reason=Reason.ROLLED_BACK)),
    )
    waiting = Review.objects.filter(status=ReviewStatus.OPEN)
    late = waiting.filter(due_at__lt=timezone.now()).count()
    return Summary(**numbers, reviews=waiting.count(), late=late)


def _workflow_row(workflow: Any, reviews: int) -> WorkflowRow:
    newest = list(workflow.runs.order_by("-id").only("status", "reason", "created_at", "ended_at")[:STRIP])
    counts: dict[str, int] = defaultdict(int)
    for run in newest:
        counts[run.status] += 1
    said = ", ".join(f"{number} {status}" for status, number in counts.items())
    return WorkflowRow(
        workflow,
        runs=workflow.started,
        success=100 * workflow.succeeded / workflow.over if workflow.over else None,
        in_flight=workflow.flying,
        undone=workflow.undone,
        reviews=reviews,
        bars=[_bar(index, run) for index, run in enumerate(reversed(newest))],
        said=f"Last {len(newest)} runs: {said}" if newest else "No runs yet",
    )


def _bar(index: int, run: Run) -> Bar:
    """Short and up: succeeded. Full height: failed. Below the line: undone. Hollow: still running."""
    x = round(index * 4.25, 2)
    if run.status in LIVING:
        return Bar(x + 0.5, 7.5, 6, "review" if run.reason == Reason.AWAITING_REVIEW else "run", True)
    if run.reason == Reason.ROLLED_BACK:
        return Bar(x, 14, 5, "comp", False)
    if run.status == RunStatus.SUCCEEDED:
        height = _height(run.created_at, run.ended_at)
        return Bar(x, 14 - height, height, "ok", False)
    return Bar(x, 0, 14, "fail" if run.status == RunStatus.FAILED else "idle", False)


def _height(started: datetime, ended: datetime | None) -> float:
    seconds = (ended - started).total_seconds() if ended else 0
    return 5 + min(seconds, 20) / 5


def _id_ends_with(text: str) -> Q:
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
