"""What parallels, maps and loops share: scopes begin, and the step that opened them ends well or badly."""

from collections.abc import Iterable
from typing import Any

from designer.graph import Join, Rest
from runs.engine import events as e
from runs.engine import scopes
from runs.engine.situation import Situation
from runs.engine.state import ActiveStep, Fault
from runs.engine.status import Reason, Status

from .derived import Derived
from .leaving import cancel_within, fail, go, succeed
from .timers import deadline_fault, set_deadline


def scope_opened(sit: Situation, event: e.ScopeOpened) -> Derived:
    return go(sit, event.scope, sit.graph.start_of(scopes.place(event.scope)) or None, last=None)


def open_scope(sit: Situation, step: ActiveStep, branch: str, index: int | None = None) -> e.ScopeOpened:
    scope = scopes.child(step.scope, opener=step.key, no=step.no, branch=branch, index=index)
    return e.ScopeOpened(at=sit.at, no=step.no, scope=scope, branch=branch)


def limited(sit: Situation, step: ActiveStep, begun: Derived) -> Derived:
    """With the deadline of an opener whose scopes have begun; one that is over at once needs none."""
    opened = any(isinstance(item, e.ScopeOpened) for item in begun)
    return [*set_deadline(sit, step), *begun] if opened else begun


def finish(sit: Situation, step: ActiveStep, output: Any, join: Join | None = None) -> Derived:
    """The opener has enough. What is still open is cancelled, or left to end by itself."""
    absorbs = join is not None and join.rest is Rest.ABSORB
    return [
        *_close(sit, step, passed=True, absorbs=absorbs),
        *succeed(sit, step, next=sit.definition(step).next, output=output),
    ]


def stop(sit: Situation, step: ActiveStep, fault: Fault, reason: Reason = Reason.GAVE_UP) -> Derived:
    """The opener fails: what is still open is cancelled, and the error becomes its own."""
    return [*_close(sit, step, passed=False), *fail(sit, step, fault, reason)]


def deadline_passed(sit: Situation, step: ActiveStep) -> Derived:
    fault, reason = deadline_fault(step), Reason.DEADLINE_PASSED
    pauses = step.status is Status.READY  # before a further try: nothing is open in it
    return fail(sit, step, fault, reason) if pauses else stop(sit, step, fault, reason)


def first_fault(faults: Iterable[Fault | None], step: ActiveStep) -> Fault:
    """Why a join cannot pass any more. Without a failure too few of its scopes were left to count."""
    message = "Too few of its branches ended well."
    short = Fault(name="JoinFailed", message=message, step=step.key, retryable=False)
    return next((fault for fault in faults if fault is not None), short)


def _close(sit: Situation, step: ActiveStep, *, passed: bool, absorbs: bool = False) -> Derived:
    inner = [scope.id for scope in sit.state.scopes_of(step.no)]
    cancelled = [] if absorbs else cancel_within(sit, inner)
    return [*cancelled, e.ScopeJoined(at=sit.at, no=step.no, passed=passed, absorbed=absorbs)]
