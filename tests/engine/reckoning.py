"""What the promises remember of a run, and what they work out again without the engine's rules."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from designer.graph import Action, Graph, Join, Map, OnBranchFailure, Parallel, Review, RunWorkflow, Wait
from runs.engine import ActiveStep, Event, OpenDeadLetter, RunState, Scope, Status
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

    ordered: set[tuple[int, int]] = field(default_factory=set)
    entered: Counter[tuple[str, str]] = field(default_factory=Counter)
    successes: dict[int, int] = field(default_factory=dict)  # to be undone: when they succeeded
    debts: set[int] = field(default_factory=set)  # owed and not taken up yet
    undone: set[int] = field(default_factory=set)
    retried: set[int] = field(default_factory=set)  # failed undos that a person wants tried again
    begun: dict[int, list[Any]] = field(default_factory=dict)  # the scopes of an opener, in order
    redriven: dict[int, int] = field(default_factory=dict)  # the item sent round again last
    tries: Counter[tuple[int, int]] = field(default_factory=Counter)  # further ones, by step run and rule
    tokens: dict[str, Any] = field(default_factory=dict)  # what the next step of a scope is given
    given: dict[int, Any] = field(default_factory=dict)  # what the scopes inside a step begin with
    lists: dict[int, list[Any]] = field(default_factory=dict)  # what branches have left, in their order
    resolved: int = 0
    ended: bool = False


def moves_in(step: ActiveStep, scope: Scope) -> bool:
    """Whether the step holds the token of this scope."""
    return step.scope == scope.id and step.status in LIVE


def awaits_report(graph: Graph, step: ActiveStep) -> bool:
    if isinstance(graph.step(step.key), RunWorkflow):
        return False
    in_hand = step.status is Status.ABANDONED and (step.out or not step.owed)
    parked = step.status is Status.WAITING and step.out
    ordered = step.status is Status.READY and not begins_anew(step)
    return in_hand or parked or ordered or step.status in (Status.RUNNING, Status.UNDOING)


def begins_anew(step: ActiveStep) -> bool:
    """Whether the step as a whole pauses before a further try."""
    return "again" in step.timers


def awaits_review(graph: Graph, step: ActiveStep) -> bool:
    definition = graph.step(step.key)
    asks = isinstance(definition, Review) or any(one.person for one in getattr(definition, "first", ()))
    return asks and not step.outside and step.status is Status.WAITING and step.fault is None


def awaits_signals(graph: Graph, step: ActiveStep) -> set[str]:
    """The arrivals of a wait that are signals."""
    definition = graph.step(step.key)
    if not isinstance(definition, Wait) or not is_waiting(step):
        return set()
    alone = {""} if definition.signal else set()
    return alone | {one.name for one in definition.first if one.signal}


def awaits_moments(graph: Graph, step: ActiveStep) -> set[str]:
    """The timers that a wait for the first of several still has running."""
    definition = graph.step(step.key)
    if not isinstance(definition, Wait) or not is_waiting(step):
        return set()
    return {f"arrival:{one.name}" for one in definition.first if one.duration or one.until}


def is_waiting(step: ActiveStep) -> bool:
    return step.status is Status.WAITING and step.fault is None and not step.outside


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


def counted(state: RunState, no: int, definition: Parallel | Map) -> tuple[int, int, int]:
    """How many scopes of an opener have ended well, how many badly, and how many there are to be."""
    if isinstance(definition, Map):
        fan = state.fans[no]
        return fan.succeeded, fan.failed, fan.total - fan.skipped
    ended = [scope for scope in state.scopes_of(no) if scope.ended and not scope.skipped]
    lost = sum(scope.fault is not None for scope in ended)
    skipped = sum(scope.skipped for scope in state.scopes_of(no))
    return len(ended) - lost, lost, len(definition.branches) - skipped


def join_of(state: RunState, no: int, definition: Parallel | Map) -> Join:
    """The join as it is for this step run: a flow may have said how many may fail."""
    tolerate = state.fans[no].tolerate if isinstance(definition, Map) else None
    return definition.join if tolerate is None else replace(definition.join, tolerate=tolerate)


def most_at_once(state: RunState, no: int, definition: Map) -> int:
    return state.fans[no].at_once or definition.max_concurrency


def enough(join: Join, won: int, total: int) -> bool:
    """Whether so many successes are what the join wants of so many scopes."""
    if join.wait_for == "any":
        return won >= min(1, total)
    spare, share = str(join.tolerate), str(join.wait_for)
    if join.wait_for == "all":
        return total - won <= (int(spare[:-1]) * total / 100 if spare.endswith("%") else int(spare))
    return won >= min(total, int(share[:-1]) * total / 100 if share.endswith("%") else int(share))


def outcomes(join: Join, won: int, lost: int, total: int) -> set[bool]:
    """What the join may still come to, whatever becomes of the scopes that are open."""
    if join.on_failure is OnBranchFailure.CONTINUE:
        return {True}
    return {enough(join, won + more, total) for more in range(total - won - lost + 1)}


def was_forced(play: "Shell", no: int) -> bool:
    return any(isinstance(c.event, e.JoinForced) and c.event.no == no for c in play.changes)


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
    if isinstance(definition, RunWorkflow):
        return definition.awaited
    return isinstance(definition, Action) and definition.compensate is not None


def policy_owner(graph: Graph, step: ActiveStep) -> Any:
    definition = graph.step(step.key)
    assert isinstance(definition, Action)
    return definition.compensate if step.status is Status.UNDOING else definition


def policy_of(graph: Graph, step: ActiveStep) -> Any:
    return policy_owner(graph, step).retry
