"""A run and everything its rows tell."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from designer.graph import Action, Graph, RunWorkflow, awaited_signals, question_of
from designer.versions import graph_of
from runs.engine import ActiveStep, Event, RunState, Status, load_event, load_state
from runs.models import Item, NamedLock, Review, Run, StepRun, Subscription, Work


@dataclass(slots=True)
class Beside:
    """What hangs on a run, as it was read."""

    entries: list[tuple[int, str, int | None, Any, dict[str, Any]]] = field(default_factory=list)
    step_runs: list[StepRun] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    letters: list[int] = field(default_factory=list)  # the steps with an open dead letter
    subscriptions: list[Subscription] = field(default_factory=list)
    emitted: list[str] = field(default_factory=list)

    children: list[Run] = field(default_factory=list)
    locks: list[NamedLock] = field(default_factory=list)
    stored: dict[int, tuple[int, int]] = field(
        default_factory=dict
    )  # sizes of large values: as told, as found
    envelopes: list[tuple[str, Any]] = field(default_factory=list)  # where, and what


@dataclass
class Account:
    """A run and what hangs on it."""

    run: Run
    beside: Beside

    @cached_property
    def graph(self) -> Graph:
        return graph_of(self.run.version_id)

    @cached_property
    def state(self) -> RunState:
        return load_state(self.run.state)

    @cached_property
    def events(self) -> list[Event]:
        return [
            load_event(kind, data | {"at": at} | ({} if no is None else {"no": no}))
            for _, kind, no, at, data in self.beside.entries
        ]

    @cached_property
    def step_runs(self) -> dict[int, StepRun]:
        return {step.no: step for step in self.beside.step_runs}

    def told(self, *kinds: type[Event]) -> Iterator[tuple[int, Any]]:
        """Events of these kinds, with their numbers."""
        return ((seq, event) for seq, event in enumerate(self.events, 1) if isinstance(event, kinds))

    def has_undo(self, key: str) -> bool:
        definition = self.graph.step(key)
        if isinstance(definition, RunWorkflow):
            return definition.awaited
        return isinstance(definition, Action) and definition.compensate is not None

    # --- what the state's steps wait for ---------------------------------------------------------------------------

    def is_child(self, step: ActiveStep) -> bool:
        return isinstance(self.graph.step(step.key), RunWorkflow)

    def awaits_child(self, step: ActiveStep) -> bool:
        return self.is_child(step) and (step.out or step.status is Status.UNDOING)

    def is_open_review(self, step: ActiveStep) -> bool:
        asks = question_of(self.graph.step(step.key)) is not None
        return asks and step.status is Status.WAITING and step.fault is None and not step.outside

    def awaited_signals(self) -> set[tuple[int, str]]:
        steps = [step for step in self.state.steps.values() if not step.outside]
        waiting = [step for step in steps if step.status is Status.WAITING and step.fault is None]
        return {(step.no, name) for step in waiting for name in awaited_signals(self.graph.step(step.key))}


def awaits_report(step: ActiveStep) -> bool:
    left_behind = step.status is Status.ABANDONED and (step.out or not step.owed)
    parked = step.status is Status.WAITING and step.out
    ordered = step.status is Status.READY and "again" not in step.timers
    return left_behind or parked or ordered or step.status in (Status.RUNNING, Status.UNDOING)


def awaits_person(step: ActiveStep) -> bool:
    stuck = step.status is Status.UNDO_FAILED and not step.let_go
    return (stuck or step.status is Status.WAITING) and step.fault is not None
