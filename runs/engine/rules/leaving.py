"""Leaving a step: well, badly, or because its scope goes on without it."""

from collections.abc import Collection, Sequence
from typing import Any

from designer.dataflow import HandedOn
from designer.graph import (
    ROOT,
    Action,
    OnExhausted,
    OnFailure,
    RunWorkflow,
    awaited_signals,
    matches,
    question_of,
)
from runs.engine import carrying, scopes
from runs.engine import events as e
from runs.engine.commands import (
    CancelChild,
    ClearTimers,
    CloseDeadLetter,
    OpenDeadLetter,
    Phase,
    Retract,
    Unsubscribe,
    WithdrawReview,
)
from runs.engine.situation import LIVE, Broken, Situation
from runs.engine.state import ActiveStep, Ending, Fault
from runs.engine.status import Reason, RunStatus, Status

from .derived import NO_STEP, Derived
from .retrying import begin_anew


def go(sit: Situation, scope: str, next: str | None, *, last: int | None) -> Derived:
    """Move the token of a scope on, or end the scope."""
    if next is None:
        return end_scope(sit, scope, last=last)
    return [e.StepEntered(at=sit.at, no=sit.state.last_no + 1, key=next, scope=scope)]


def end_scope(sit: Situation, scope: str, **how: Any) -> Derived:
    """The token has gone as far as it goes. What was absorbed in its scope goes no further either."""
    absorbed = [] if scope == ROOT else cancel_within(sit, [scope])
    return [*absorbed, e.ScopeEnded(at=sit.at, scope=scope, **how)]


def succeed(
    sit: Situation,
    step: ActiveStep,
    *,
    next: str | None,
    output: Any = None,
    by_hand: bool = False,
    handed: HandedOn | None = None,
) -> Derived:
    """The step is done. One with a flow hands on what its flow makes of the output, or has made of it already."""
    definition = sit.definition(step)
    if definition.flow is None:
        assigned = _assigned(sit, step, output)
    else:
        handed = handed or carrying.handed_on(sit, step, output, by_hand=by_hand)
        assigned, output = carrying.assigned(sit, step, handed), handed.output
    compensable = _can_be_undone(sit, step, by_hand=by_hand)
    done = e.StepSucceeded(
        at=sit.at,
        no=step.no,
        scope=step.scope,
        next=next,
        compensable=compensable,
        ends_run=getattr(definition, "ends_run", False),
        hands_on=definition.flow is not None,
        output=output,
    )
    return [*release(sit, step), *assigned, *cancel_steps(sit, step, definition.cancels), done]


def fail(sit: Situation, step: ActiveStep, fault: Fault, reason: Reason = Reason.GAVE_UP) -> Derived:
    """A step has failed: it begins anew, or its fallback, its policy or the enclosing step says what follows."""
    definition = sit.definition(step)
    fault = carrying.called(definition, fault)
    if fault.final:
        return give_up(sit, step, fault, reason)
    if reason is not Reason.DEADLINE_PASSED and (again := begin_anew(sit, step, fault)):
        return [*release(sit, step), *again]
    for number, catch in enumerate(definition.catch):
        if matches(catch.on, fault.name):
            return _caught(sit, step, fault, number)
    if definition.on_exhausted is OnExhausted.CONTINUE:
        return _failed(sit, step, fault, Reason.CONTINUED, next=definition.next, goes_on=True)
    return give_up(sit, step, fault, reason)


def _caught(sit: Situation, step: ActiveStep, fault: Fault, number: int) -> Derived:
    """A fallback takes over."""
    definition = sit.definition(step)
    goes_on: Any = {"next": definition.catch[number].next, "goes_on": True}
    if definition.flow is None:
        return _failed(sit, step, fault, Reason.CAUGHT, **goes_on)
    try:
        handed = carrying.caught(sit, step, number, fault)
    except Broken as broken:
        return give_up(sit, step, broken.fault)
    *released, failed = _failed(
        sit, step, fault, Reason.CAUGHT, hands_on=True, output=handed.output, **goes_on
    )
    return [*released, *carrying.assigned(sit, step, handed), failed]


def give_up(sit: Situation, step: ActiveStep, fault: Fault, reason: Reason = Reason.GAVE_UP) -> Derived:
    """A step has failed, and its token does not go on from here."""
    policy = sit.definition(step).on_exhausted
    if policy is OnExhausted.DEAD_LETTER:
        return park_as_dead_letter(sit, step, fault, Reason.DEAD_LETTERED)
    return _failed(sit, step, fault, reason, fatal=policy is OnExhausted.COMPENSATE)


def end_run(sit: Situation, step: ActiveStep, fault: Fault) -> Derived:
    """The step fails, and the whole run with it, whatever the enclosing steps would catch."""
    return _failed(sit, step, fault, Reason.GAVE_UP, fatal=True)


def park_as_dead_letter(sit: Situation, step: ActiveStep, fault: Fault, reason: Reason) -> Derived:
    return [
        ClearTimers(no=step.no) if step.out else Retract(no=step.no),
        *_recall(sit, step),
        *_clear_desk(sit, step),
        e.StepParked(at=sit.at, no=step.no, reason=reason, fault=fault, out=step.out),
        OpenDeadLetter(no=step.no, phase=Phase.DO, fault=fault),
    ]


def _assigned(sit: Situation, step: ActiveStep, output: Any) -> list[e.VariableSet]:
    return [
        e.VariableSet(
            at=sit.at,
            no=step.no,
            scope=sit.home_of(name, step.scope),
            name=name,
            value=sit.fill(template, step.scope, output),
        )
        for name, template in sit.definition(step).assign.items()
    ]


def step_succeeded(sit: Situation, event: e.StepSucceeded) -> Derived:
    if event.ends_run:
        return [e.EndDecided(at=sit.at, ending=Ending(status=RunStatus.SUCCEEDED, output_of=event.no))]
    return go(sit, event.scope, event.next, last=event.no)


def step_failed(sit: Situation, event: e.StepFailed) -> Derived:
    if event.goes_on:
        return go(sit, event.scope, event.next, last=None)  # whatever it did, it has no output
    if event.fatal:
        ending = Ending(status=RunStatus.FAILED, rollback=event.fault.rollback, fault=event.fault)
        return [e.EndDecided(at=sit.at, ending=ending)]
    return end_scope(sit, event.scope, last=event.no, fault=event.fault)


def step_skipped(sit: Situation, event: e.StepSkipped) -> Derived:
    return go(sit, event.scope, event.next, last=event.no)


def workflow_ended(sit: Situation, event: e.ScopeEnded) -> Derived:
    """The root scope has ended, so the run's end is decided."""
    if event.fault is None:
        ending = Ending(status=RunStatus.SUCCEEDED, output_of=event.last)
    else:
        rollback = event.fault.rollback and sit.graph.on_failure is OnFailure.COMPENSATE
        ending = Ending(status=RunStatus.FAILED, rollback=rollback, fault=event.fault)
    return [e.EndDecided(at=sit.at, ending=ending)]


def cancel_requested(sit: Situation, event: e.CancelRequested) -> Derived:
    fault = Fault(name="Cancelled", message=event.reason, retryable=False)
    ending = Ending(status=RunStatus.CANCELLED, rollback=event.undo, fault=fault)
    return [e.EndDecided(at=sit.at, ending=ending)]


def end_decided(sit: Situation, event: e.EndDecided) -> Derived:
    deadline = [] if sit.state.deadline is None else [ClearTimers(no=NO_STEP)]
    return [*deadline, *cancel_within(sit, [ROOT])]


def cancel_within(sit: Situation, outer: Collection[str]) -> Derived:
    """Everything still active in these scopes is cancelled; an attempt that is out is left to report."""
    every = sit.state.steps.values()
    left = scopes.inside(outer, [step.scope for step in every])
    return [item for step in every if step.scope in left and step.status in LIVE for item in _drop(sit, step)]


def cancel_steps(sit: Situation, by: ActiveStep, keys: Sequence[str]) -> Derived:
    """The steps with these keys that are active beside ``by`` are cancelled; their scopes end, and do not count."""
    if not keys:
        return []
    named = [step for step in sit.state.steps.values() if step.key in keys and step.status in LIVE]
    beside = [
        step
        for step in named
        if not scopes.is_within(by.scope, step.scope)
        and scopes.is_within(step.scope, _shared(sit, by.scope, step.key))
    ]
    left = dict.fromkeys(step.scope for step in beside)
    outermost = [
        scope for scope in left if not any(scopes.is_within(scope, other) for other in left if other != scope)
    ]
    return [item for scope in outermost for item in end_scope(sit, scope, skipped=True)]


def _shared(sit: Situation, scope: str, key: str) -> str:
    """The innermost scope around ``scope`` that the step of the graph lies in too."""
    around = set(sit.graph.enclosing(sit.graph.step(key).scope))
    return next(outer for outer in scopes.chain(scope) if scopes.place(outer) in around)


def _drop(sit: Situation, step: ActiveStep) -> Derived:
    """Its scope goes on without it: an attempt that is out is left to report."""
    if step.out or step.owed:
        return [*release(sit, step), e.StepAbandoned(at=sit.at, no=step.no)]
    return [*release(sit, step), e.StepCancelled(at=sit.at, no=step.no, reason=Reason.OVERTAKEN)]


def release(sit: Situation, step: ActiveStep) -> Derived:
    """Take back what a step that is left still has ordered or open. An attempt that is out stays out."""
    if step.out:
        return [ClearTimers(no=step.no), *_recall(sit, step), *_clear_desk(sit, step)]
    ordered = step.timers or (step.attempt and step.status is not Status.RUNNING)
    return [*([Retract(no=step.no)] if ordered else []), *_clear_desk(sit, step)]


def _recall(sit: Situation, step: ActiveStep) -> Derived:
    """A run that the step has started, and that nobody wants any more, is cancelled; when it has ended it says so."""
    if not step.out or step.fault is not None or not isinstance(sit.definition(step), RunWorkflow):
        return []
    return [CancelChild(no=step.no, attempt=step.attempt, undo=not sit.state.leaves_all_as_it_is)]


def _can_be_undone(sit: Situation, step: ActiveStep, *, by_hand: bool) -> bool:
    definition = sit.definition(step)
    if isinstance(definition, RunWorkflow):
        return definition.awaited and not by_hand  # there is no run that could undo it
    return isinstance(definition, Action) and definition.compensate is not None


def _clear_desk(sit: Situation, step: ActiveStep) -> Derived:
    """Nobody needs to look at it any more."""
    if step.status is not Status.WAITING:
        return []
    if step.fault is not None:
        return [CloseDeadLetter(no=step.no)]
    definition = sit.definition(step)
    asks, listens = question_of(definition) is not None, bool(awaited_signals(definition))
    return [
        *([WithdrawReview(no=step.no)] if asks else []),
        *([Unsubscribe(no=step.no)] if listens else []),
    ]


def _failed(sit: Situation, step: ActiveStep, fault: Fault, reason: Reason, **how: Any) -> Derived:
    failed = e.StepFailed(
        at=sit.at,
        no=step.no,
        scope=step.scope,
        fault=fault,
        reason=reason,
        abandoned=step.out,
        compensable=_is_undone_all_the_same(sit, step),
        **how,
    )
    return [*release(sit, step), failed]


def _is_undone_all_the_same(sit: Situation, step: ActiveStep) -> bool:
    """Whether a step that was tried and has failed is undone with those that succeeded."""
    tried = step.attempt > 0 and not step.out and not step.owed
    return sit.graph.undoing.failed_step and tried and _can_be_undone(sit, step, by_hand=True)
