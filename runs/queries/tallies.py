"""How many runs came to what: counted once for a page, then read by workflow and by slice of time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Model, QuerySet

from runs.models import Run
from runs.outcomes import LIVING, Outcome, outcome_of

from .measures import Slice
from .periods import Window

type Scope = frozenset[UUID] | None  # the workflows that are meant; None: all of them


@dataclass(frozen=True, slots=True)
class Tally:
    """Of the runs that were started in some stretch of time."""

    counts: Mapping[Outcome, int]

    @property
    def started(self) -> int:
        return sum(self.counts.values())

    @property
    def succeeded(self) -> int:
        return self.counts.get(Outcome.SUCCEEDED, 0)

    @property
    def undone(self) -> int:
        return self.counts.get(Outcome.UNDONE, 0)

    @property
    def failed(self) -> int:
        """And not undone, or not wholly."""
        return self.counts.get(Outcome.FAILED, 0)

    @property
    def cancelled(self) -> int:
        return self.counts.get(Outcome.CANCELLED, 0)

    @property
    def missed(self) -> int:
        return self.undone + self.failed

    @property
    def success(self) -> float | None:
        """Percent of what ended by itself: what a person cancelled says nothing about the workflow."""
        over = self.succeeded + self.missed
        return 100 * self.succeeded / over if over else None


NOTHING = Tally({})


@dataclass(frozen=True, slots=True)
class Tallies:
    window: Window
    cells: Mapping[tuple[UUID, int], Counter[Outcome]]

    def of(self, workflow: UUID | None = None) -> Tally:
        """One workflow's, or all of them."""
        return Tally(_sum(cell for (owner, _), cell in self.cells.items() if workflow in (None, owner)))

    def by_workflow(self) -> Mapping[UUID, Tally]:
        gathered: dict[UUID, Counter[Outcome]] = defaultdict(Counter)
        for (workflow, _), cell in self.cells.items():
            gathered[workflow].update(cell)
        return {workflow: Tally(counts) for workflow, counts in gathered.items()}

    def by_slice(self, workflow: UUID | None = None) -> Sequence[Tally]:
        """From the oldest slice of the window to the newest, the empty ones too."""
        gathered: list[Counter[Outcome]] = [Counter() for _ in range(self.window.slices)]
        for (owner, index), cell in self.cells.items():
            if workflow in (None, owner):
                gathered[index].update(cell)
        return [Tally(counts) for counts in gathered]


def tallies(window: Window, scope: Scope = None) -> Tallies:
    rows = started_in(window, scope).annotate(slice=Slice("created_at", seconds=window.slice_seconds))
    counted = rows.order_by().values_list("workflow", "slice", "status", "reason").annotate(many=Count("*"))
    cells: dict[tuple[UUID, int], Counter[Outcome]] = defaultdict(Counter)
    for workflow, number, status, reason, count in counted:
        cells[workflow, number - window.first][outcome_of(status, reason)] += count
    return Tallies(window, cells)


def started_in(window: Window, scope: Scope = None) -> QuerySet[Run]:
    return within(scope, Run.objects.filter(created_at__gte=window.since, created_at__lt=window.until))


def within[M: Model](scope: Scope, rows: QuerySet[M], workflow: str = "workflow") -> QuerySet[M]:
    """Those rows that belong to the workflows that are meant."""
    return rows if scope is None else rows.filter(**{f"{workflow}__in": scope})


def in_flight(scope: Scope = None) -> Mapping[UUID, Counter[Outcome]]:
    """What every workflow has under way now, whenever it was started."""
    living = within(scope, Run.objects.filter(status__in=LIVING)).order_by()
    found: dict[UUID, Counter[Outcome]] = defaultdict(Counter)
    counted = living.values_list("workflow", "status", "reason").annotate(many=Count("*"))
    for workflow, status, reason, count in counted:
        found[workflow][outcome_of(status, reason)] += count
    return found


def _sum(cells: Iterable[Counter[Outcome]]) -> Counter[Outcome]:
    total: Counter[Outcome] = Counter()
    for cell in cells:
        total.update(cell)
    return total
