"""A file from which runs are started: how far it is, and what became of each row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Count

from designer.models import Version
from runs.actions import row_key
from runs.charts import Column, split
from runs.models import Run, Upload
from runs.redaction import MASK
from runs.sheet import Column as SheetColumn
from runs.sheet import Row, read_part
from runs.standing import TONES, Standing, standing_of

from .veils import marks_of, sees_all

ROWS_SHOWN = 100
BAR = 240  # pixels
SKEW = timedelta(minutes=1)  # between the clocks of those who start runs
ORDER = (Standing.SUCCEEDED, *(one for one in Standing if one != Standing.SUCCEEDED))


class Result(NamedTuple):
    """Of a row: its run, or why there is none."""

    row: Row
    run: Run | None
    why: str


@dataclass
class UploadPage:
    """Of one that was started; ``asked`` is the page of its rows."""

    upload: Upload
    asked: str
    user: Any

    @cached_property
    def rows(self) -> Page[int]:
        return Paginator(range(self.upload.rows), ROWS_SHOWN).get_page(self.asked)

    @cached_property
    def results(self) -> Sequence[Result]:
        schema = self.upload.version.document.get("input", {})
        first = ROWS_SHOWN * (self.rows.number - 1)
        sheet = read_part(self.upload.text, schema, first, ROWS_SHOWN)
        rows = veiled_rows(sheet.columns, sheet.rows, self.upload.version, self.user)
        runs = runs_of_rows(self.upload, [row.number for row in rows])
        return [
            Result(row, runs.get(row.number), self._why(row, place)) for place, row in enumerate(rows, first)
        ]

    @cached_property
    def parts(self) -> Sequence[tuple[str, str, int]]:
        """What became of its runs so far: in words, their tone, how many. Those to come are the last."""
        counts = _standings(self.upload)
        known = [(one.value, TONES[one], counts[one]) for one in ORDER if counts[one]]
        left = self.upload.good - self.upload.begun - len(self.upload.refused)
        return [*known, ("to come", "idle", left)] if left and self.upload.is_under_way else known

    @property
    def bar(self) -> Sequence[Column]:
        return split([(tone, count) for _, tone, count in self.parts], width=BAR)

    @property
    def left_out(self) -> int:
        return self.upload.bad + len(self.upload.refused)

    def _why(self, row: Row, place: int) -> str:
        if row.problems:
            return "; ".join(row.problems)
        if refusal := self.upload.refused.get(str(row.number)):
            return str(refusal)
        if place < self.upload.taken:
            return "Its run has been removed."
        return "It is not its turn yet." if self.upload.is_under_way else "It was stopped before this row."


def runs_of_rows(upload: Upload, numbers: Sequence[int]) -> Mapping[int, Run]:
    """The runs that these rows of the file have started."""
    keys = {row_key(upload, number): number for number in numbers}
    runs = Run.objects.filter(workflow=upload.workflow_id, idempotency_key__in=keys)
    return {keys[run.idempotency_key or ""]: run for run in runs.defer("state", "input", "output", "fault")}


def _standings(upload: Upload) -> Counter[Standing]:
    """When they were made bounds what is read: a workflow may have very many runs."""
    own = Run.objects.filter(workflow=upload.workflow_id, idempotency_key__startswith=f"upload:{upload.pk}:")
    if upload.started_at is not None:
        own = own.filter(created_at__gte=upload.started_at - SKEW)
    if upload.ended_at is not None:
        own = own.filter(created_at__lte=upload.ended_at + SKEW)
    counts: Counter[Standing] = Counter()
    for status, reason, count in own.order_by().values_list("status", "reason").annotate(count=Count("pk")):
        counts[standing_of(status, reason)] += count
    return counts


def veiled_rows(
    columns: Sequence[SheetColumn], rows: Sequence[Row], version: Version, user: Any
) -> Sequence[Row]:
    """The rows with the cells that ``user`` may see; what is wrong with a row may repeat a cell."""
    names = frozenset() if sees_all(user) else marks_of(version.pk)
    hidden = [at for at, column in enumerate(columns) if names & set(column.path)]
    return [_veiled(row, hidden, names) for row in rows] if hidden else rows


def _veiled(row: Row, hidden: Sequence[int], names: frozenset[str]) -> Row:
    cells = list(row.cells)
    covered = [cells[at].strip() for at in hidden if at < len(cells) and cells[at].strip()]
    for at in hidden:
        if at < len(cells) and cells[at].strip():
            cells[at] = MASK
    problems = [_without(problem, covered) for problem in row.problems]
    return replace(row, cells=cells, problems=problems)


def _without(problem: str, covered: Sequence[str]) -> str:
    for cell in sorted(covered, key=len, reverse=True):
        problem = problem.replace(cell, MASK)
    return problem
