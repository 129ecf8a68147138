"""Loops: one round after the other, each a scope of its own."""

from designer.graph import Loop
from runs.engine import events as e
from runs.engine import scopes
from runs.engine.situation import Broken, Situation
from runs.engine.state import ActiveStep, Fault
from runs.engine.status import Reason
from runs.engine.values import OutputOf

from .derived import Derived
from .joining import finish, limited, open_scope, stop


def enter(sit: Situation, step: ActiveStep) -> Derived:
    parked = e.StepParked(at=sit.at, no=step.no, reason=Reason.AWAITING_ROUNDS)
    return [parked, *limited(sit, step, _next_round(sit, step, 0, last=None))]


def round_ended(sit: Situation, event: e.ScopeEnded) -> Derived:
    step = sit.state.steps[scopes.opener_of(event.scope)]
    definition, number = _loop(sit, step), scopes.index_of(event.scope)
    assert number is not None
    if event.fault is not None:
        return stop(sit, step, event.fault)
    if event.skipped or (definition.until and sit.holds(definition.until, event.scope)):
        return _finish(sit, step, event.last)
    return _next_round(sit, step, number + 1, last=event.last)


def _next_round(sit: Situation, step: ActiveStep, number: int, *, last: int | None) -> Derived:
    definition = _loop(sit, step)
    if definition.times is not None and number >= _times(sit, step, definition):
        return _finish(sit, step, last)
    if definition.goes_on and not sit.holds(definition.goes_on, step.scope):
        return _finish(sit, step, last)
    if number >= definition.limit:
        message = f"{step.key} went round {definition.limit} times, which is its limit."
        return stop(sit, step, Fault(name="LoopLimit", message=message, step=step.key, retryable=False))
    return [open_scope(sit, step, Loop.BODY, number)]


def _finish(sit: Situation, step: ActiveStep, last: int | None) -> Derived:
    return finish(sit, step, None if last is None else sit.values.get(OutputOf(last)))


def _times(sit: Situation, step: ActiveStep, definition: Loop) -> int:
    times = sit.fill(definition.times, step.scope)
    if isinstance(times, int) and not isinstance(times, bool) and times >= 0:
        return times
    message = f"The number of rounds must be a whole number from 0, not {times!r}."
    raise Broken(Fault(name="BadTimes", message=message, step=step.key, retryable=False))


def _loop(sit: Situation, step: ActiveStep) -> Loop:
    definition = sit.definition(step)
    assert isinstance(definition, Loop)
    return definition
