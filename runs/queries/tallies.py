"""How many runs came to what: counted once for a page, then read by workflow and by slice of time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Model, QuerySet, StringAgg, TextField, Value
from django.db.models.functions import Cast

from runs.models import Run
from runs.standing import LIVING, Standing, standing_of

from .measures import Milliseconds, Percentiles, percentiles_of
from .periods import Window

type Scope = frozenset[UUID] | None  # the workflows that are meant; None: all of them


@dataclass(frozen=True, slots=True)
class Tally:
    """Of the runs that were started in some stretch of time."""

    counts: Mapping[Standing, int]

    @property
    def started(self) -> int:
        return sum(self.counts.values())

    @property
    def succeeded(self) -> int:
        return self.counts.get(Standing.SUCCEEDED, 0)

    @property
    def undone(self) -> int:
        return self.counts.get(Standing.UNDONE, 0)

    @property
    def failed(self) -> int:
        """And not undone, or not wholly."""
        return self.counts.get(Standing.FAILED, 0)

    @property
    def cancelled(self) -> int:
        return self.counts.get(Standing.CANCELLED, 0)

    @property
    def missed(self) -> int:
        return self.undone + self.failed

    @property
    def success(self) -> float | None:
        """Percent of what ended by itself: what a person cancelled says nothing about the workflow."""
        over = self.succeeded + self.missed
        return 100 * self.succeeded / over if over else None


@dataclass(slots=True)
class Cell:
    """One workflow in one slice of time."""

    counts: Counter[Standing] = field(default_factory=Counter)
    took: list[int] = field(default_factory=list)  # milliseconds, of each run that is over


@dataclass(frozen=True, slots=True)
class Tallies:
    window: Window
    cells: Mapping[tuple[UUID, int], Cell]

    def of(self, workflow: UUID | None = None) -> Tally:
        """One workflow's, or all of them."""
        return Tally(_sum(self._cells(workflow)))

    def took(self, workflow: UUID | None = None) -> Percentiles | None:
        return percentiles_of(ms for cell in self._cells(workflow) for ms in cell.took)

    def by_slice(self, workflow: UUID | None = None) -> Sequence[Tally]:
        """From the oldest slice of the window to the newest, the empty ones too."""
        return [Tally(_sum(cells)) for cells in self._slices(workflow)]

    def took_by_slice(self, workflow: UUID) -> Sequence[Percentiles | None]:
        return [percentiles_of(ms for cell in cells for ms in cell.took) for cells in self._slices(workflow)]

    def _cells(self, workflow: UUID | None) -> list[Cell]:
        return [cell for (its, _), cell in self.cells.items() if workflow in (None, its)]

    def _slices(self, workflow: UUID | None) -> list[list[Cell]]:
        gathered: list[list[Cell]] = [[] for _ in range(self.window.slices)]
        for (its, index), cell in self.cells.items():
            if workflow in (None, its):
                gathered[index].append(cell)
        return gathered


def tallies(window: Window, scope: Scope = None) -> Tallies:
    """One walk along the index, for all that a page counts and measures of a period."""
    rows = started_in(window, scope).annotate(slice=window.slice())
    took = StringAgg(Cast(Milliseconds("created_at", "ended_at"), TextField()), Value(","))
    grouped = rows.order_by().values_list("workflow", "slice", "status", "reason")
    cells: dict[tuple[UUID, int], Cell] = defaultdict(Cell)
    for workflow, number, status, reason, many, times in grouped.annotate(many=Count("*"), took=took):
        cell = cells[workflow, number - window.first]
        cell.counts[standing_of(status, reason)] += many
        cell.took += map(int, times.split(",")) if times else ()
    return Tallies(window, cells)


def started_in(window: Window, scope: Scope = None) -> QuerySet[Run]:
    return within(scope, Run.objects.filter(created_at__gte=window.since, created_at__lt=window.until))


def within[M: Model](scope: Scope, rows: QuerySet[M], workflow: str = "workflow") -> QuerySet[M]:
    """Those rows that belong to the workflows that are meant."""
    return rows if scope is None else rows.filter(**{f"{workflow}__in": scope})


def in_flight(scope: Scope = None) -> Mapping[UUID, Counter[Standing]]:
    """What every workflow has under way now, whenever it was started."""
    living = within(scope, Run.objects.filter(status__in=LIVING)).order_by()
    found: dict[UUID, Counter[Standing]] = defaultdict(Counter)
    counted = living.values_list("workflow", "status", "reason").annotate(many=Count("*"))
    for workflow, status, reason, count in counted:
        found[workflow][standing_of(status, reason)] += count
    return found


def _sum(cells: Iterable[Cell]) -> Counter[Standing]:
    total: Counter[Standing] = Counter()
    for cell in cells:
        total.update(cell.counts)
    return total
