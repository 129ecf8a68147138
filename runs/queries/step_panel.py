"""Everything about one step of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from designer.graph import (
    Action,
    AnyStep,
    Contract,
    Graph,
    Map,
    Parallel,
    Retry,
    RunWorkflow,
    format_duration,
)
from runs.actions.joins import check_force
from runs.engine import OVER, Phase, Status
from runs.models import DeadLetter, Run, StepRun
from runs.models.people import DeadLetterStatus
from runs.models.run import idempotency_key
from runs.refusals import refusal_of

from .children import children_of
from .items import retried_words
from .journal import AttemptLine, attempts_of
from .turns import Turn
from .values import ShownValue, shown_value

NOT_BEGUN = "The run has not come here yet."


@dataclass
class StepPanel:
    run: Run
    graph: Graph
    key: str
    step_run: StepRun | None  # the newest
    visits: int = 1
    turn: Turn | None = None  # which item or round it is of

    @property
    def definition(self) -> AnyStep:
        return self.graph.step(self.key)

    @property
    def sentence(self) -> str:
        """What has become of it, beside its status."""
        step = self.step_run
        if step is None:
            if self.turn is not None:
                return f"{self.turn.word.capitalize()} {self.turn.number:,} has not come here."
            return NOT_BEGUN if self.run.status not in OVER else "The run did not come here."
        if step.fault and step.status in (Status.FAILED, Status.WAITING):
            return (
                f"{step.fault['name']} after {step.tries} of {self.limit}."
                if self.limit > 1
                else step.fault["name"]
            )
        if step.undo_fault and step.status == Status.UNDO_FAILED:
            return f"It succeeded; undoing it failed: {step.undo_fault['name']}."
        return f"At try {step.tries} of {self.limit}." if step.tries > 1 else ""

    @property
    def limit(self) -> int:
        return self.definition.most_tries

    @property
    def contract(self) -> Contract | None:
        does = self.definition.does if isinstance(self.definition, Action) else ""
        return self.graph.contracts.get(does)

    @property
    def idempotency_key(self) -> str:
        return self.step_run.idempotency_key if self.step_run else ""

    @property
    def undo_idempotency_key(self) -> str:
        if self.step_run is None or self.step_run.undo_started_at is None:
            return ""
        return idempotency_key(self.run.pk, self.key, self.step_run.no, Phase.UNDO)

    @cached_property
    def attempts(self) -> list[AttemptLine]:
        return attempts_of(self.run, self.step_run.no) if self.step_run else []

    @cached_property
    def children(self) -> Sequence[Run]:
        """The runs that it has started, the newest first."""
        starts = self.step_run is not None and isinstance(self.definition, RunWorkflow)
        return children_of(self.step_run) if starts and self.step_run else ()

    @property
    def doing(self) -> list[AttemptLine]:
        return [line for line in self.attempts if line.phase == Phase.DO]

    @property
    def undoing(self) -> list[AttemptLine]:
        return [line for line in self.attempts if line.phase == Phase.UNDO]

    @property
    def undo(self) -> str:
        """The step type that undoes this one."""
        compensate = self.definition.compensate if isinstance(self.definition, Action) else None
        return compensate.does if compensate else ""

    @cached_property
    def letter(self) -> DeadLetter | None:
        letters = self.run.dead_letters.filter(key=self.key, status=DeadLetterStatus.OPEN)
        if self.turn is not None and self.step_run is not None:
            letters = letters.filter(no=self.step_run.no)
        return letters.order_by("opened_at").first()

    @property
    def can_be_forced(self) -> bool:
        """Whether a person may have it go on with the branches or items that have ended."""
        return isinstance(self.definition, Parallel | Map) and self.run.status not in OVER

    @property
    def force_refused(self) -> str:
        return refusal_of(check_force, self.run, self.step_run.no) if self.step_run else NOT_BEGUN

    @property
    def retried(self) -> str:
        """What a retry of its dead letter does again, where that is not all of it."""
        return retried_words(self.run, self.step_run.no) if self.letter and self.step_run else ""

    @property
    def policy(self) -> Sequence[tuple[str, str]]:
        """What the step wants done when things go wrong, in words."""
        step = self.definition
        told = [("Only while", step.only_while)] if step.only_while else []
        told += [("Lock", str(step.lock))] if step.lock else []
        if not isinstance(step, Action):
            return told
        told.append(("Attempts", retry_words(step.retry)))
        if step.timeout:
            told.append(("Time limit", f"{format_duration(step.timeout)} an attempt"))
        if step.deadline:
            told.append(("Deadline", f"{format_duration(step.deadline)} for all attempts together"))
        told += [
            ("On " + ", ".join(catch.on), f"goes on with {self._name(catch.next)}") for catch in step.catch
        ]
        told.append(("When it gives up", EXHAUSTED[step.on_exhausted]))
        if step.compensate:
            told.append(("Undone by", f"{step.compensate.does}, {retry_words(step.compensate.retry)}"))
        return told

    @property
    def values(self) -> Sequence[ShownValue]:
        step = self.step_run
        if step is None:
            return ()
        titles = (("Input", "input"), ("Output", "output"), ("Input of the undo", "undo_input"))
        return [
            shown_value(self.run, title, f"step-{step.no}-{column}", getattr(step, column))
            for title, column in titles
            if getattr(step, column) not in (None, {"is": {}})
        ]

    def _name(self, key: str) -> str:
        return self.graph.steps[key].name if key in self.graph.steps else "the end"


def retry_words(retry: Retry) -> str:
    if retry.attempts == 1:
        return "one"
    waits = f"after {format_duration(retry.wait)}"
    if retry.factor != 1:
        waits += (
            f", each wait {retry.factor:g} times the one before, {format_duration(retry.longest)} at most"
        )
    never = f", never on {', '.join(retry.never_on)}" if retry.never_on else ""
    only = f", only on {', '.join(retry.on)}" if retry.on else ""
    return f"up to {retry.attempts}, {waits}{only}{never}"


EXHAUSTED = {
    "fail": "the error goes to the enclosing step, or fails the run",
    "dead_letter": "it waits for a person",
    "compensate": "the run fails at once, and what was done is undone",
    "continue": "the run goes on without it",
}
