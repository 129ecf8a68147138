"""The ladder of a run: one row for each step of the graph, with what has become of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from choreo_site.wording import step_wording
from designer.graph import Action, AnyStep, Graph
from runs.engine import Reason, RunStatus, Status
from runs.models import StepRun


@dataclass(frozen=True, slots=True)
class UndoChip:
    name: str
    state: str  # ready, waiting, running, done, failed or skipped
    icon: str
    order: int | None
    said: str = ""


@dataclass(frozen=True, slots=True)
class LadderRow:
    key: str
    name: str
    lane: int
    lanes: int
    strokes: Sequence[tuple[Any, Any, str]]
    icon: str
    tone: str
    is_idle: bool
    tries: int
    limit: int
    gave_up: bool
    sub: str
    since: datetime | None
    due: datetime | None
    undo: UndoChip | None

    @property
    def tries_tone(self) -> str:
        return "fail" if self.gave_up else "warn"


def ladder_rows(graph: Graph, newest: Mapping[str, StepRun], *, over: bool, chosen: str) -> list[LadderRow]:
    return [_row(graph, step, newest.get(step.key), over) for step in graph.steps.values()]


def _row(graph: Graph, step: AnyStep, run: StepRun | None, over: bool) -> LadderRow:
    wording = step_wording(run.status if run else "", run.reason if run else "")
    return LadderRow(
        key=step.key, name=step.name, lane=0, lanes=1, strokes=[], icon=wording.icon, tone=wording.tone,
        is_idle=run is None, tries=run.tries if run else 0, limit=1, gave_up=False, sub=wording.word,
        since=None, due=None, undo=None,
    )


def undo_chips(graph: Graph, steps: Sequence[StepRun], status: str) -> list[tuple[StepRun, UndoChip]]:
    return []
