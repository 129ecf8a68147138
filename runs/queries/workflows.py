"""The first page: every workflow's newest runs and figures, and the charts of the chosen one.

A handful of queries however many workflows and runs there are. What a period covers is counted from one index.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from designer.models import Workflow
from designer.visibility import hidden_workflows, visible_workflows
from runs.charts import Axis, Column, Mark, Range, columns, duration_axis, split, strip
from runs.models import Review, Run
from runs.models.people import ReviewStatus
from runs.standing import IN_FLIGHT, TONES, Standing, standing_of

from .failures import Pattern, failure_patterns
from .measures import Percentiles
from .periods import Window
from .tallies import Scope, Tallies, Tally, in_flight, started_in, tallies
from .waiting import Waiting, waiting

STRIP = 40  # the newest runs drawn beside a workflow
AXIS = 160.0  # the width of the axis that all rows share
PAGE = 50
TARGET = 98.5  # percent: below it a success rate asks for attention
ALARM = 95.0


@dataclass(frozen=True, slots=True)
class Past:
    """One run in the strip of the newest."""

    standing: Standing
    seconds: float  # that it took, or has taken so far


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    workflow: Workflow
    tally: Tally
    newest: Sequence[Past]  # from the oldest to the newest
    took: Percentiles | None
    range: Range | None  # ``took`` on the axis of all rows
    in_flight: int
    reviews: int

    @property
    def success_tone(self) -> str:
        return success_tone(self.tally.success)

    @property
    def marks(self) -> Sequence[Mark]:
        return strip([(past.standing, past.seconds) for past in self.newest], room=STRIP)

    @property
    def said(self) -> str:
        counts = Counter(past.standing for past in self.newest)
        if not counts:
            return "No runs yet"
        return f"Last {len(self.newest)} run{'s' * (len(self.newest) > 1)}: " + ", ".join(
            f"{many} {one}" for one, many in counts.items()
        )


def success_tone(success: float | None) -> str:
    if success is None or success >= TARGET:
        return ""
    return "warn" if success >= ALARM else "fail"


@dataclass(frozen=True)
class Figures:
    """Of one workflow or of all, in the period."""

    window: Window
    tally: Tally
    slices: Sequence[Tally]
    before: int  # runs started in the period before
    took: Percentiles | None
    in_flight: Counter[Standing]

    @property
    def flying(self) -> int:
        return sum(self.in_flight.values())

    @property
    def flying_parts(self) -> Sequence[tuple[Standing, str, int]]:
        """What there is of it, with its tone."""
        return [(one, TONES[one], self.in_flight[one]) for one in IN_FLIGHT if self.in_flight[one]]

    @property
    def flying_bar(self) -> Sequence[Column]:
        return split([(tone, count) for _, tone, count in self.flying_parts], width=240)

    @property
    def started_columns(self) -> Sequence[Column]:
        return columns([slice.started for slice in self.slices], width=84, height=26)

    @property
    def success_line(self) -> str:
        """Path data: the success rate of each slice in which something ended, from 80 % up."""
        step = 80 / max(1, len(self.slices) - 1)
        rates = [(place * step, slice.success) for place, slice in enumerate(self.slices)]
        points = [
            f"{x:.1f} {24 - 22 * max(0.0, rate - 80) / 20:.1f}" for x, rate in rates if rate is not None
        ]
        return f"M{' L'.join(points)}" if points else ""

    @property
    def change(self) -> float | None:
        """Percent more runs than in the period before."""
        return 100 * (self.tally.started - self.before) / self.before if self.before else None

    @property
    def budget_left(self) -> float | None:
        """Percent of the failures that the target allows which have not happened yet; below 0 it is overdrawn."""
        success = self.tally.success
        return None if success is None else 100 - 100 * (100 - success) / (100 - TARGET)


class Overview:
    """What is going on in one period, in all workflows or in those that are meant."""

    def __init__(self, window: Window, scope: Scope = None) -> None:
        self.window = window
        self.scope = scope

    @cached_property
    def tallies(self) -> Tallies:
        return tallies(self.window, self.scope)

    @cached_property
    def living(self) -> Mapping[UUID, Counter[Standing]]:
        return in_flight(self.scope)

    @cached_property
    def figures(self) -> Figures:
        flying: Counter[Standing] = Counter()
        for counts in self.living.values():
            flying.update(counts)
        return Figures(
            self.window,
            tally=self.tallies.of(),
            slices=self.tallies.by_slice(),
            before=started_in(self.window.before, self.scope).count(),
            took=self.tallies.took(),
            in_flight=flying,
        )

    @cached_property
    def waiting(self) -> Waiting:
        return waiting(self.scope)

    @cached_property
    def patterns(self) -> Sequence[Pattern]:
        return failure_patterns(self.window, self.scope)

    @cached_property
    def took(self) -> Mapping[UUID, Percentiles]:
        """By workflow."""
        workflows = {workflow for workflow, _ in self.tallies.cells}
        found = {workflow: self.tallies.took(workflow) for workflow in workflows}
        return {workflow: took for workflow, took in found.items() if took}

    @cached_property
    def axis(self) -> Axis:
        return duration_axis((s for one in self.took.values() for s in (one.p50, one.p99)), width=AXIS)

    def rows(self, workflows: Sequence[Workflow]) -> list[WorkflowRow]:
        newest, reviews = newest_runs(workflows, self.window), open_reviews()
        return [
            WorkflowRow(
                workflow,
                tally=self.tallies.of(workflow.pk),
                newest=newest.get(workflow.pk, ()),
                took=(took := self.took.get(workflow.pk)),
                range=self.axis.range(took.p50, took.p95, took.p99) if took else None,
                in_flight=sum(self.living.get(workflow.pk, Counter()).values()),
                reviews=reviews.get(workflow.pk, 0),
            )
            for workflow in workflows
        ]


def chosen_row(rows: Sequence[WorkflowRow], key: str) -> WorkflowRow | None:
    """The one that is asked for; else the one with the most failures, else the busiest."""
    asked = next((row for row in rows if row.workflow.key == key), None)
    busiest = max(rows, key=lambda row: (row.tally.missed, row.tally.started), default=None)
    return asked or (busiest if busiest and busiest.tally.started else None)


def listed_workflows(user: Any, owner: str = "") -> QuerySet[Workflow]:
    listed = visible_workflows(user).select_related("published").defer("published__document").order_by("key")
    return listed.filter(owner=owner) if owner else listed


def scope_of(user: Any, owner: str) -> Scope:
    if not owner and not hidden_workflows(user):
        return None
    return frozenset(listed_workflows(user, owner).values_list("pk", flat=True))


def newest_runs(workflows: Sequence[Workflow], window: Window) -> Mapping[UUID, Sequence[Past]]:
    """Two queries: where the newest of each workflow begin, and these."""
    fortieth = Run.objects.filter(workflow=OuterRef("pk")).order_by("-id").values("pk")[STRIP - 1 : STRIP]
    listed = Workflow.objects.filter(pk__in=[workflow.pk for workflow in workflows]).order_by()
    wanted = Q(pk__in=[])
    for workflow, fence in listed.values_list("pk", Subquery(fortieth)):
        wanted |= Q(workflow=workflow, pk__gte=fence) if fence else Q(workflow=workflow)
    found: dict[UUID, list[Past]] = defaultdict(list)
    columns = ("pk", "workflow", "status", "reason", "created_at", "ended_at")
    # Sorted here: a database that is asked to might walk through all runs in order instead.
    newest = sorted(Run.objects.filter(wanted).order_by().values_list(*columns), key=itemgetter(0))
    for _, workflow, status, reason, start, end in newest:
        seconds = max(0.0, ((end or window.until) - start).total_seconds())
        found[workflow].append(Past(standing_of(status, reason), seconds))
    return found


def open_reviews() -> Mapping[UUID, int]:
    waiting = Review.objects.filter(status=ReviewStatus.OPEN).order_by()
    return dict(waiting.values_list("run__workflow").annotate(Count("pk")))


def owners(user: Any) -> list[str]:
    """The teams that own workflows."""
    named: Any = visible_workflows(user).exclude(owner="").order_by("owner").values_list("owner", flat=True)
    return list(named.distinct())
