"""The run page, as a value: everything its template prints, read in a handful of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils.safestring import SafeString

from designer.drawings import drawing_of
from designer.graph import Action, Direction, Graph
from designer.versions import graph_of
from runs.actions import check_cancel
from runs.engine import OVER, Phase, Status
from runs.models import DeadLetter, Review, Run, StepRun
from runs.models.people import DeadLetterStatus, ReviewStatus
from runs.refusals import refusal_of

from .graph import Picture
from .journal import AttemptLine, JournalLine, attempts_of, journal_lines
from .ladder import LadderRow, ladder_rows
from .looks import UndoChip, undo_chips
from .sentences import APART, sentences
from .visits import walked

EVENTS_SHOWN = 200
UNDOS_SHOWN = 60


def visible_runs(user: Any) -> QuerySet[Run]:
    """The runs that ``user`` may see. Everything that shows a run goes through here."""
    if not user.has_perm("runs.view_run"):
        return Run.objects.none()
    return Run.objects.select_related("workflow", "version", "started_by").defer("version__document")


def find_run(user: Any, run_id: UUID) -> Run | None:
    return visible_runs(user).filter(pk=run_id).first()


def run_page(run: Run, user: Any, *, step: str = "", tab: str = "", after: int = 0) -> "RunPage":
    """As ``user`` sees it. ``step`` is the chosen step's key; ``after`` is the newest journal entry they have.

    A step or a tab that is not there counts as none.
    """
    graph = graph_of(run.version_id)
    chosen = step if step in graph.steps else ""
    tabs = ("events", "step", "data") if chosen else ("events", "data")
    return RunPage(run, user, graph, chosen, tab if tab in tabs else "step" if chosen else "events", after)


@dataclass
class RunPage:
    run: Run
    user: Any
    graph: Graph
    chosen: str
    tab: str
    after: int = 0

    @cached_property
    def newest(self) -> Mapping[str, StepRun]:
        """The newest step run of each step: as many as the graph has steps, however long the run."""
        newest = self.run.step_runs.order_by().values("key").annotate(newest=Max("no")).values("newest")
        return {step.key: step for step in self.run.step_runs.filter(no__in=newest).defer(*APART)}

    @cached_property
    def sentence(self) -> SafeString:
        return sentences([self.run])[self.run.pk]

    @cached_property
    def rows(self) -> Sequence[LadderRow]:
        return ladder_rows(self.graph, self.newest, over=self.is_over)

    @cached_property
    def lanes(self) -> int:
        return max((row.lanes for row in self.rows), default=1)

    @cached_property
    def picture(self) -> Picture:
        return Picture(
            graph=self.graph,
            drawing=drawing_of(self.run.version_id, Direction.ACROSS),
            newest=self.newest,
            walked=walked(self.run),
            status=self.run.status,
            over=self.is_over,
            chosen=self.chosen,
            undos={chip.key: chip for chip in reversed(self.undo_order)},
            changed=self._changed,
        )

    @property
    def _changed(self) -> Collection[str] | None:
        """The steps that the journal tells of after entry ``after``; None where it tells of the run itself."""
        entries = self.run.journal.filter(seq__gt=self.after, seq__lte=self.run.seq).order_by()
        nos = list(entries.values_list("no", flat=True).distinct())
        if None in nos or not self.after:
            return None
        return set(self.run.step_runs.filter(no__in=[no for no in nos if no]).values_list("key", flat=True))

    @cached_property
    def undo_order(self) -> Sequence[UndoChip]:
        undone = self.run.step_runs.exclude(undo_order=None).order_by("undo_order").defer(*APART)
        waiting = self.run.step_runs.filter(compensable=True, status=Status.SUCCEEDED).order_by("-completed")
        shown = list(undone[:UNDOS_SHOWN])
        return undo_chips(
            self.graph, shown, list(waiting.defer(*APART)[: UNDOS_SHOWN - len(shown)]), self.run.status
        )

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
    def may_operate(self) -> bool:
        return self.user.has_perm("runs.operate_run")

    @property
    def may_see_reviews(self) -> bool:
        return self.user.has_perm("runs.view_review")

    @property
    def cancel_refused(self) -> str:
        return refusal_of(check_cancel, self.run)

    @property
    def is_over(self) -> bool:
        return self.run.status in OVER

    @cached_property
    def _attempts(self) -> Mapping[str, int | None]:
        return self.run.step_runs.aggregate(
            all=Sum("attempt"), steps=Count("pk", filter=Q(attempt__gt=0)), undos=Count("undo_order")
        )

    @property
    def attempts(self) -> int:
        return self._attempts["all"] or 0

    @property
    def retries(self) -> int:
        return self.attempts - (self._attempts["steps"] or 0) - (self._attempts["undos"] or 0)

    @cached_property
    def step(self) -> "StepPanel | None":
        if not self.chosen:
            return None
        newest = self.run.step_runs.filter(key=self.chosen).order_by("-no").first()
        return StepPanel(self.run, self.graph, self.chosen, newest)

    @property
    def input(self) -> Any:
        return shown_output(self.run, self.run.input)

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
        return self.step_run.idempotency_key if self.step_run else ""

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
