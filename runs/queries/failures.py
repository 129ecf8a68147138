"""What runs fail of: the same error at the same step is one pattern."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min
from django.db.models.fields.json import KeyTextTransform

from runs.charts import Column, columns
from runs.engine import RunStatus

from .periods import Window
from .tallies import Scope, started_in

BURST = 3  # a slice with so many, and so many times the mean, makes a pattern news


@dataclass(frozen=True, slots=True)
class Pattern:
    error: str
    step: str
    workflow: str
    slices: Sequence[int]  # how often, from the oldest slice to the newest
    since: datetime | None  # when a burst began; None for what fails at its usual rate

    @property
    def columns(self) -> Sequence[Column]:
        return columns(self.slices, width=72, height=22)

    @property
    def count(self) -> int:
        return sum(self.slices)


def failure_patterns(window: Window, scope: Scope = None) -> list[Pattern]:
    """The most frequent first."""
    found: dict[tuple[str, str, str], dict[int, tuple[int, datetime]]] = defaultdict(dict)
    for key, error, step, number, count, first in _counted(window, scope):
        found[error or "", step or "", key][number - window.first] = (count, first)
    patterns = [_pattern(name, slices, window) for name, slices in found.items()]
    return sorted(patterns, key=lambda one: (-one.count, one.error, one.step, one.workflow))


def _counted(window: Window, scope: Scope) -> Iterable[tuple[Any, ...]]:
    failed = started_in(window, scope).filter(status=RunStatus.FAILED)
    told = failed.annotate(
        error=KeyTextTransform("name", "fault"),
        step=KeyTextTransform("step", "fault"),
        slice=window.slice(),
    )
    grouped = told.order_by().values_list("workflow__key", "error", "step", "slice")
    return grouped.annotate(many=Count("*"), first=Min("created_at"))


def _pattern(name: tuple[str, str, str], found: dict[int, tuple[int, datetime]], window: Window) -> Pattern:
    slices = [found.get(index, (0, None))[0] for index in range(window.slices)]
    start = burst_start(slices)
    return Pattern(*name, slices=slices, since=None if start is None else found[start][1])


def burst_start(slices: Sequence[int]) -> int | None:
    """Where the stretch without a pause begins that leads to the peak; None where there is no peak to speak of."""
    peak = max(range(len(slices)), key=slices.__getitem__)
    if slices[peak] < max(BURST, BURST * sum(slices) / len(slices)):
        return None
    while peak and slices[peak - 1]:
        peak -= 1
    return peak
