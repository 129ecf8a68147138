"""The run page, as a value: everything its template prints, read in a handful of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from designer.graph import Action, Graph
from runs.actions.graphs import graph_of
from runs.engine import OVER, Phase, Status
from runs.models import DeadLetter, Keeper, Review, Run, StepRun
from runs.models.people import DeadLetterStatus, ReviewStatus

from .journal import AttemptLine, JournalLine, attempts_of, journal_lines
from .ladder import LadderRow, UndoChip, ladder_rows, undo_chips
from .sentences import sentence

EVENTS_SHOWN = 200


def visible_runs(user: Any) -> QuerySet[Run]:
    """The runs that ``user`` may see. Everything that shows a run goes through here."""
    if not user.has_perm("runs.view_run"):
        return Run.objects.none()
    return Run.objects.select_related("workflow", "version", "started_by")


def find_run(user: Any, run_id: UUID) -> Run | None:
    return visible_runs(user).filter(pk=run_id).first()


def run_page(run: Run, *, step: str = "", tab: str = "", after: int = 0) -> "RunPage":
    """``step`` is the chosen step's key; ``after`` is the newest journal entry that the reader has."""
    return RunPage(run, graph_of(run.version_id), step, tab or ("step" if step else "events"), after)


@dataclass
class RunPage:
    run: Run
    graph: Graph
    chosen: str
    tab: str
    after: int = 0

    @cached_property
    def step_runs(self) -> Sequence[StepRun]:
        return list(self.run.step_runs.order_by("no"))

    @cached_property
    def newest(self) -> Mapping[str, StepRun]:
        return {step.key: step for step in self.step_runs}

    @cached_property
    def sentence(self) -> SafeString:
        return sentence(self.run, self.graph, self.step_runs)

    @cached_property
    def rows(self) -> Sequence[LadderRow]:
        return ladder_rows(self.graph, self.newest, over=self.is_over)

    @cached_property
    def lanes(self) -> int:
        return max((row.lanes for row in self.rows), default=1)

    @cached_property
    def undo_order(self) -> Sequence[UndoChip]:
        return undo_chips(self.graph, self.step_runs, self.run.status)

    @cached_property
    def lines(self) -> Sequence[JournalLine]:
        return journal_lines(self.run, self.graph, after=self.after, limit=EVENTS_SHOWN)

    @cached_property
    def reviews(self) -> Sequence[Review]:
        return list(self.run.reviews.filter(status=ReviewStatus.OPEN).order_by("opened_at"))

    @cached_property
    def dead_letters(self) -> Sequence[tuple[str, DeadLetter]]:
        """Those that are open, each with its step's name."""
        letters = self.run.dead_letters.filter(status=DeadLetterStatus.OPEN).order_by("opened_at")
        return [(self.graph.step(letter.key).name, letter) for letter in letters]

    @property
    def is_over(self) -> bool:
        return self.run.status in OVER

    @property
    def attempts(self) -> int:
        return sum(step.tries + step.undo_tries for step in self.step_runs)

    @property
    def retries(self) -> int:
        return sum(max(step.tries - 1, 0) + max(step.undo_tries - 1, 0) for step in self.step_runs)

    @cached_property
    def step(self) -> "StepPanel | None":
        if self.chosen not in self.graph.steps:
            return None
        return StepPanel(self.run, self.graph, self.chosen, self.newest.get(self.chosen))

    @property
    def input(self) -> Any:
        return Keeper(self.run).open(self.run.input)

    @property
    def output(self) -> Any:
        return shown_output(self.run, self.run.output)


@dataclass
class StepPanel:
    """What the details show of the chosen step."""

    run: Run
    graph: Graph
    key: str
    step_run: StepRun | None

    @property
    def definition(self) -> Any:
        return self.graph.step(self.key)

    @property
    def contract(self) -> Any:
        does = self.definition.does if isinstance(self.definition, Action) else ""
        return self.graph.contracts.get(does)

    @property
    def idempotency_key(self) -> str:
        return f"{self.run.pk}.{self.key}.{self.step_run.no}" if self.step_run else ""

    @property
    def attempts(self) -> list[AttemptLine]:
        return attempts_of(self.run, self.step_run.no) if self.step_run else []

    @property
    def doing(self) -> list[AttemptLine]:
        return [line for line in self.attempts if line.phase == Phase.DO]

    @property
    def undoing(self) -> list[AttemptLine]:
        return [line for line in self.attempts if line.phase == Phase.UNDO]

    @property
    def has_output(self) -> bool:
        return self.step_run is not None and self.step_run.output is not None

    @property
    def input(self) -> Any:
        return shown_output(self.run, self.step_run.input if self.step_run else None)

    @property
    def output(self) -> Any:
        return shown_output(self.run, self.step_run.output if self.step_run else None)

    @property
    def undone(self) -> bool:
        return self.step_run is not None and self.step_run.status == Status.UNDONE


def shown_output(run: Run, envelope: Any) -> Any:
    """An envelope's value for people: gathered outputs collected, large ones named by their size."""
    if envelope is None:
        return None
    if "gathered" in envelope:
        found = dict(
            run.step_runs.filter(no__in=[n for n in envelope["gathered"].values() if n]).values_list(
                "no", "output"
            )
        )
        return {name: shown_output(run, found.get(no)) for name, no in envelope["gathered"].items()}
    if "parts" in envelope:
        return {name: shown_output(run, part) for name, part in envelope["parts"].items()}
    if "stored" in envelope:
        size = run.stored_values.values_list("size", flat=True).get(pk=envelope["stored"])
        return f"({size:,} bytes, kept aside)"
    return envelope["is"]
