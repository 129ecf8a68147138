"""The charts of one workflow in a period, each with the figures it is drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from designer.models import Workflow
from runs.charts import Axis, Band, Column, Range, band, duration_axis, round_up, stacks

from .measures import Percentiles
from .periods import Window
from .slowest import SlowStep, slowest_steps
from .tallies import Tallies, Tally
from .workflows import AXIS

WIDTH, HEIGHT = 400.0, 160.0
TICKS = 4  # named moments along the time axis


@dataclass(frozen=True, slots=True)
class Row:
    """One slice of time, for the tables beside the charts."""

    start: datetime
    tally: Tally
    took: Percentiles | None


@dataclass(frozen=True, slots=True)
class StepRow:
    step: SlowStep
    range: Range


class WorkflowCharts:
    def __init__(self, workflow: Workflow, window: Window, tallies: Tallies) -> None:
        self.workflow = workflow
        self.window = window
        self.slices = tallies.by_slice(workflow.pk)
        self.tally = tallies.of(workflow.pk)
        self.took = tallies.took_by_slice(workflow.pk)

    @cached_property
    def rows(self) -> Sequence[Row]:
        starts = [self.window.start_of(index) for index in range(self.window.slices)]
        return [Row(*row) for row in zip(starts, self.slices, self.took, strict=True)]

    @cached_property
    def newest(self) -> Percentiles | None:
        return next((took for took in reversed(self.took) if took), None)

    @cached_property
    def axis(self) -> Axis:
        """Upright."""
        return duration_axis((s for took in self.took if took for s in (took.p50, took.p99)), width=HEIGHT)

    @property
    def levels(self) -> Sequence[tuple[float, str]]:
        return [(round(HEIGHT - height, 2), name) for height, name in self.axis.ticks]

    @cached_property
    def band(self) -> Band:
        trios = [(took.p50, took.p95, took.p99) if took else None for took in self.took]
        return band(trios, axis=self.axis, width=WIDTH)

    @property
    def moments(self) -> Sequence[tuple[float, datetime]]:
        every = max(1, self.window.slices // TICKS)
        step = WIDTH / self.window.slices
        return [
            (round(place * step, 1), self.window.start_of(place))
            for place in range(1, self.window.slices, every)
        ]

    @cached_property
    def most(self) -> int:
        return round_up(max((slice.started for slice in self.slices), default=1))

    @cached_property
    def stacks(self) -> Sequence[Column]:
        slices = [
            [("ok", s.succeeded), ("comp", s.undone), ("fail", s.failed), ("idle", s.cancelled)]
            for s in self.slices
        ]
        return stacks(slices, width=WIDTH, height=HEIGHT, top=self.most)

    @cached_property
    def steps(self) -> Sequence[SlowStep]:
        return slowest_steps(self.workflow, self.window)

    @cached_property
    def step_axis(self) -> Axis:
        return duration_axis((s for step in self.steps for s in (step.took.p50, step.took.p99)), width=AXIS)

    @property
    def step_rows(self) -> Sequence[StepRow]:
        return [
            StepRow(step, self.step_axis.range(step.took.p50, step.took.p95, step.took.p99))
            for step in self.steps
        ]
