"""Parallels: branches are scopes, and the join is arithmetic."""

from designer.graph import OnBranchFailure, Parallel
from runs.engine import events as e
from runs.engine import scopes
from runs.engine.situation import Situation
from runs.engine.state import ActiveStep, Fault, Scope
from runs.engine.status import Reason

from .leaving import Derived, cancel_within, fail, go, succeed
from .timers import deadline_fault, set_deadline


def verdict(need: int, branches: int, succeeded: int, failed: int) -> bool | None:
    """Whether the join has passed, can no longer pass, or (None) must wait."""
    if succeeded >= need:
        return True
    if branches - failed < need:
        return False
    return None


def enter(sit: Situation, step: ActiveStep) -> Derived:
    opened = [
        e.ScopeOpened(
            at=sit.at,
            no=step.no,
            scope=scopes.child(step.scope, opener=step.key, no=step.no, branch=branch.name),
            branch=branch.name,
        )
        for branch in _parallel(sit, step).branches
    ]
    parked = e.StepParked(at=sit.at, no=step.no, reason=Reason.AWAITING_BRANCHES)
    return [parked, *set_deadline(sit, step), *opened]


def scope_opened(sit: Situation, event: e.ScopeOpened) -> Derived:
    return go(sit, event.scope, sit.graph.start_of(scopes.place(event.scope)) or None, last=None)


def branch_ended(sit: Situation, event: e.ScopeEnded) -> Derived:
    step = sit.state.steps[sit.state.scopes[event.scope].opener]
    definition = _parallel(sit, step)
    ended = [scope for scope in sit.state.scopes_of(step.no) if scope.ended]
    failed = [scope for scope in ended if scope.fault is not None]
    total = len(definition.branches)
    passed = verdict(definition.join.need(total), total, len(ended) - len(failed), len(failed))
    if passed:
        return _pass(sit, step, ended)
    patient = definition.join.on_failure is OnBranchFailure.WAIT and len(ended) < total
    if passed is None or patient:
        return []
    return stop(sit, step, next(scope.fault for scope in failed if scope.fault is not None))


def stop(sit: Situation, step: ActiveStep, fault: Fault, reason: Reason = Reason.GAVE_UP) -> Derived:
    """The parallel fails: its other branches are cancelled, and the error becomes its own."""
    return [*_close(sit, step, passed=False), *fail(sit, step, fault, reason)]


def deadline_passed(sit: Situation, step: ActiveStep) -> Derived:
    return stop(sit, step, deadline_fault(step), Reason.DEADLINE_PASSED)


def _pass(sit: Situation, step: ActiveStep, ended: list[Scope]) -> Derived:
    output = e.Gathered({scope.branch: scope.last for scope in ended if scope.fault is None})
    return [
        *_close(sit, step, passed=True),
        *succeed(sit, step, next=_parallel(sit, step).next, output=output),
    ]


def _close(sit: Situation, step: ActiveStep, *, passed: bool) -> Derived:
    inner = [scope.id for scope in sit.state.scopes_of(step.no)]
    return [*cancel_within(sit, inner), e.ScopeJoined(at=sit.at, no=step.no, passed=passed)]


def _parallel(sit: Situation, step: ActiveStep) -> Parallel:
    definition = sit.definition(step)
    assert isinstance(definition, Parallel)
    return definition
