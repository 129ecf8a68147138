"""What the promises remember of a run, and what they work out again without the engine's rules."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from designer.graph import Action, Graph, Parallel, Review
from runs.engine import ActiveStep, Event, OpenDeadLetter, Phase, RunState, Scope, Status
from runs.engine import events as e

if TYPE_CHECKING:
    from .shell import Shell

FATES: Mapping[type[Event], Status] = {
    e.StepSucceeded: Status.SUCCEEDED,
    e.StepFailed: Status.FAILED,
    e.StepSkipped: Status.SKIPPED,
    e.StepCancelled: Status.CANCELLED,
    e.StepUndone: Status.UNDONE,
}
LIVE = {Status.READY, Status.RUNNING, Status.WAITING}


@dataclass
class History:
    """What the promises remember of a run."""

    inputs: dict[tuple[int, Phase], Any] = field(default_factory=dict)
    ordered: set[tuple[int, int]] = field(default_factory=set)
    entered: Counter[tuple[str, str]] = field(default_factory=Counter)
    successes: dict[int, int] = field(default_factory=dict)  # to be undone: when they succeeded
    debts: set[int] = field(default_factory=set)  # owed and not taken up yet
    undone: set[int] = field(default_factory=set)
    retried: set[int] = field(default_factory=set)  # failed undos that a person wants tried again
    resolved: int = 0
    ended: bool = False


def moves_in(step: ActiveStep, scope: Scope) -> bool:
    """Whether the step holds the token of this scope."""
    return step.scope == scope.id and step.status in LIVE


def awaits_report(step: ActiveStep) -> bool:
    in_hand = step.status is Status.ABANDONED and (step.out or not step.owed)
    parked = step.status is Status.WAITING and step.out
    return in_hand or parked or step.status in (Status.READY, Status.RUNNING, Status.UNDOING)


def awaits_review(graph: Graph, step: ActiveStep) -> bool:
    return isinstance(graph.step(step.key), Review) and step.status is Status.WAITING and step.fault is None


def awaits_person(step: ActiveStep) -> bool:
    stuck = step.status is Status.UNDO_FAILED and not step.let_go
    return (stuck or step.status is Status.WAITING) and step.fault is not None


def has_deadline(graph: Graph, step: ActiveStep) -> bool:
    if graph.step(step.key).deadline is None:
        return False
    parked = step.status is Status.WAITING and step.fault is not None
    return step.status in LIVE and not parked


def is_due(step: ActiveStep) -> bool:
    """Whether it owes a compensation, and nobody is asked about it or at work on it any more."""
    return step.status is Status.ABANDONED and bool(step.owed) and not step.out


def leaves_all_as_it_is(state: RunState) -> bool:
    return state.ending is not None and state.ending.status != "succeeded" and not state.ending.rollback


def has_stuck(state: RunState) -> bool:
    steps = state.steps.values()
    return any(s.status is Status.UNDO_FAILED and not s.owed and not s.let_go for s in steps)


def counted(state: RunState, no: int, definition: Parallel) -> tuple[int, int, int]:
    ended = [scope for scope in state.scopes_of(no) if scope.ended]
    lost = sum(scope.fault is not None for scope in ended)
    return len(ended) - lost, lost, len(definition.branches)


def was_broken_off(play: "Shell", no: int) -> bool:
    """Whether a parallel failed by its own deadline, or by an expression of its own."""
    if any(isinstance(c.event, e.TimerFired) and c.event.no == no for c in play.changes):
        return True
    assert play.last is not None
    told = [c.event.fault for c in play.changes if isinstance(c.event, e.StepFailed) and c.event.no == no]
    told += [c.fault for c in play.last.commands if isinstance(c, OpenDeadLetter) and c.no == no]
    return any(fault.name == "ExpressionError" for fault in told)


def can_be_undone(graph: Graph, key: str) -> bool:
    definition = graph.step(key)
    return isinstance(definition, Action) and definition.compensate is not None


def policy_owner(graph: Graph, step: ActiveStep) -> Any:
    definition = graph.step(step.key)
    assert isinstance(definition, Action)
    return definition.compensate if step.status is Status.UNDOING else definition


def policy_of(graph: Graph, step: ActiveStep) -> Any:
    return policy_owner(graph, step).retry
