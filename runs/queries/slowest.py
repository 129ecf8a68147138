"""A workflow's slowest steps, and whether they have become slower."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from designer.graph import Graph
from designer.models import Workflow
from designer.versions import graph_of
from runs.engine import Status
from runs.models import StepRun

from .measures import Milliseconds, Percentiles, percentiles_of
from .periods import Window
from .tallies import started_in

SAMPLE = 500  # the newest runs of a period that are looked into: a step's times say enough by then
SHOWN = 6


@dataclass(frozen=True, slots=True)
class SlowStep:
    key: str
    name: str
    took: Percentiles
    change: float | None  # percent, of the p95 against the period before


def slowest_steps(workflow: Workflow, window: Window) -> list[SlowStep]:
    """By p95, of the newest runs of the period; the slowest first."""
    now, before = _took(workflow, window), _took(workflow, window.before)
    graph = graph_of(workflow.published_id) if workflow.published_id else Graph(key=workflow.key)
    steps = [
        SlowStep(key, graph.name_of(key), took, _change(took, before.get(key))) for key, took in now.items()
    ]
    return sorted(steps, key=lambda step: -step.took.p95)[:SHOWN]


def _took(workflow: Workflow, window: Window) -> Mapping[str, Percentiles]:
    runs = started_in(window, frozenset({workflow.pk})).order_by("-created_at").values_list("pk", flat=True)
    steps = StepRun.objects.filter(
        run__in=list(runs[:SAMPLE]), status__in=(Status.SUCCEEDED, Status.UNDONE), ended_at__isnull=False
    )
    took: dict[str, list[int]] = defaultdict(list)
    measured = steps.order_by().annotate(took=Milliseconds("entered_at", "ended_at"))
    for key, milliseconds in measured.values_list("key", "took"):
        took[key].append(milliseconds)
    return {key: found for key, times in took.items() if (found := percentiles_of(times))}


def _change(now: Percentiles, before: Percentiles | None) -> float | None:
    return 100 * (now.p95 - before.p95) / before.p95 if before and before.p95 > 0 else None
