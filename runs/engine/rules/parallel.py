"""Parallels: branches are scopes, and the join is arithmetic."""

from designer.graph import Branch, Parallel
from runs.engine import carrying, scopes
from runs.engine import events as e
from runs.engine.situation import Situation
from runs.engine.state import ActiveStep, Scope
from runs.engine.status import Reason

from .derived import Derived
from .joining import finish, first_fault, limited, open_scope, stop


def enter(sit: Situation, step: ActiveStep) -> Derived:
    parked = e.StepParked(at=sit.at, no=step.no, reason=Reason.AWAITING_BRANCHES)
    return [parked, *_given(sit, step), *limited(sit, step, go_on(sit, step))]


def _given(sit: Situation, step: ActiveStep) -> Derived:
    """With a flow, what the branches begin with is worked out once, for all of them."""
    if sit.definition(step).flow is None:
        return []
    return [e.StepGiven(at=sit.at, no=step.no, value=carrying.given(sit, step))]


def branch_ended(sit: Situation, event: e.ScopeEnded) -> Derived:
    return go_on(sit, sit.state.steps[scopes.opener_of(event.scope)])


def branch_skipped(sit: Situation, event: e.ScopeSkipped) -> Derived:
    return go_on(sit, sit.state.steps[event.no])


def go_on(sit: Situation, step: ActiveStep) -> Derived:
    """The join's verdict, or the branches that can begin by now."""
    definition = _parallel(sit, step)
    known = sit.state.scopes_of(step.no)
    ended = [scope for scope in known if scope.ended]
    counted = [scope for scope in ended if not scope.skipped]
    failed = [scope for scope in counted if scope.fault is not None]
    total = len(definition.branches) - (len(ended) - len(counted))
    match definition.join.verdict(total, len(counted) - len(failed), len(failed)):
        case True:
            return finish(sit, step, _output(sit, step), definition.join)
        case False:
            return stop(sit, step, first_fault((scope.fault for scope in failed), step))
    return _begin(sit, step, definition, known)


def force(sit: Situation, step: ActiveStep) -> Derived:
    return finish(sit, step, _output(sit, step))


def _begin(sit: Situation, step: ActiveStep, definition: Parallel, begun: tuple[Scope, ...]) -> Derived:
    """Open the branches whose needs have ended well; those that are not to be are skipped, each for a reason."""
    if len(begun) == len(definition.branches):
        return []
    known = {scope.branch: scope for scope in begun}
    derived: Derived = []
    for branch in definition.branches:
        needed = [known.get(name) for name in branch.needs]
        if branch.name in known or not all(scope is not None and scope.ended for scope in needed):
            continue
        opened = open_scope(sit, step, branch.name)
        if why := _against(sit, branch, [scope for scope in needed if scope], opened.scope):
            skipped = {"scope": opened.scope, "branch": branch.name, "why": why}
            derived.append(e.ScopeSkipped(at=sit.at, no=step.no, **skipped))
        else:
            derived.append(opened)
    return derived


def _against(sit: Situation, branch: Branch, needed: list[Scope], scope: str) -> str:
    """Why a branch is not opened; empty where it is."""
    for other in needed:
        if other.skipped or other.fault is not None:
            return f"{other.branch} has {'not run' if other.skipped else 'failed'}"
    return branch.when if branch.when and not sit.holds(branch.when, scope) else ""


def _output(sit: Situation, step: ActiveStep) -> e.Gathered:
    ended = [scope for scope in sit.state.scopes_of(step.no) if scope.ended and not scope.skipped]
    return e.Gathered(
        {scope.branch: scope.last for scope in ended if scope.fault is None},
        {scope.branch: scope.fault for scope in ended if scope.fault is not None},
    )


def _parallel(sit: Situation, step: ActiveStep) -> Parallel:
    definition = sit.definition(step)
    assert isinstance(definition, Parallel)
    return definition
