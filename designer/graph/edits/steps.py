"""What the operations on whole steps do. Each takes a graph and gives the edited one."""

from collections.abc import Mapping
from dataclasses import replace

from designer.graph.limits import MOST_STEPS
from designer.graph.model import (
    KINDS,
    ROOT,
    Action,
    AnyStep,
    Choice,
    Graph,
    Loop,
    Opener,
    Parallel,
    Review,
)
from designer.graph.parts import Branch, Outcome

from .finding import a_step, check_exit, check_key, check_scope, check_target, found_step
from .operations import AddStep, Connect, EditRefused, RemoveStep, RenameStep, ReplaceStep
from .wiring import (
    connected,
    connections,
    free_exit,
    inside,
    leads_on,
    redirected,
    renamed_in_step,
    scope_behind,
)


def add_step(graph: Graph, operation: AddStep) -> Graph:
    before = found_step(graph, operation.after) if operation.after else None
    if before and operation.exit:
        check_exit(before, operation.exit)
    exit = (operation.exit or free_exit(before)) if before else None
    scope = scope_behind(before, exit or "") if before else operation.scope
    check_scope(graph, scope, operation.kind)
    check_key(graph, operation.key)
    if len(graph.steps) >= MOST_STEPS:
        raise EditRefused(f"A definition has at most {MOST_STEPS} steps.")
    onwards = next((one.target for one in connections(before) if one.exit == exit), "") if before else ""
    step = _new(operation, scope, onwards)
    graph = with_steps(graph, inserted(graph.steps, step, operation.after or None))
    if before and exit:
        return with_step(graph, connected(graph.steps[before.key], exit, step.key))
    return graph if graph.start_of(scope) in graph.steps else with_start(graph, scope, step.key)


def remove_step(graph: Graph, operation: RemoveStep) -> Graph:
    step = found_step(graph, operation.key)
    onwards = leads_on(step) if operation.reconnect else ""
    scopes = [step.scope_of(body.name) for body in step.bodies] if isinstance(step, Opener) else []
    gone = {step.key}.union(*(inside(graph, scope) for scope in scopes))
    return without(graph, gone, step.key, "" if onwards == step.key else onwards)


def rename_step(graph: Graph, operation: RenameStep) -> Graph:
    step = found_step(graph, operation.key)
    old, new = operation.key, operation.new_key
    check_key(graph, new)
    steps = {}
    for one in graph.steps.values():
        led = renamed_in_step(redirected(one, old, new), ("steps", old), new)
        opener, _, branch = led.scope.partition("/")
        moved = replace(led, scope=f"{new}/{branch}") if opener == old else led
        if old in moved.cancels:
            moved = replace(moved, cancels=tuple(new if key == old else key for key in moved.cancels))
        again = replace(moved, key=new) if one is step else moved
        steps[again.key] = again
    return replace(graph, steps=steps, start=new if graph.start == old else graph.start)


def replace_step(graph: Graph, operation: ReplaceStep) -> Graph:
    new, old = operation.step, found_step(graph, operation.step.key)
    if (new.kind, new.scope) != (old.kind, old.scope):
        raise EditRefused(
            f"{old.name} stays {a_step(old)} where it is. Add another step and remove this one."
        )
    if isinstance(new, Parallel) and isinstance(old, Parallel):
        names = {branch.name for branch in old.branches}
        if {branch.name for branch in new.branches} != names or len(new.branches) != len(names):
            raise EditRefused(f"The branches of {old.name} are added, renamed and removed one by one.")
    return with_step(graph, new)


def connect(graph: Graph, operation: Connect) -> Graph:
    step = found_step(graph, operation.key)
    check_exit(step, operation.exit)
    check_target(graph, scope_behind(step, operation.exit), operation.target or "")
    return with_step(graph, connected(step, operation.exit, operation.target or ""))


def with_steps(graph: Graph, steps: Mapping[str, AnyStep]) -> Graph:
    return replace(graph, steps=steps)


def with_step(graph: Graph, step: AnyStep) -> Graph:
    """The graph with another value for a step that it has."""
    return replace(graph, steps={**graph.steps, step.key: step})


def with_start(graph: Graph, scope: str, key: str) -> Graph:
    if scope == ROOT:
        return replace(graph, start=key)
    opener, body = graph.opener(scope)
    return with_step(graph, opener.beginning(body, key))


def without(graph: Graph, gone: set[str], key: str, onwards: str) -> Graph:
    """The graph without the steps ``gone``; what led to ``key`` leads to ``onwards``."""
    kept = {
        one.key: _forgetting(redirected(one, key, onwards), gone)
        for one in graph.steps.values()
        if one.key not in gone
    }
    return replace(graph, steps=kept, start=onwards if graph.start == key else graph.start)


def _forgetting(step: AnyStep, gone: set[str]) -> AnyStep:
    """``step`` without what it would cancel of steps that are gone."""
    if gone.isdisjoint(step.cancels):
        return step
    return replace(step, cancels=tuple(key for key in step.cancels if key not in gone))


def inserted(steps: Mapping[str, AnyStep], step: AnyStep, after: str | None) -> dict[str, AnyStep]:
    """``steps`` with ``step`` right after another, or at the end."""
    if after is None:
        return {**steps, step.key: step}
    keys = list(steps)
    place = keys.index(after) + 1
    return {key: steps.get(key, step) for key in [*keys[:place], step.key, *keys[place:]]}


def reordered(steps: Mapping[str, AnyStep], scope: str, keys: list[str]) -> dict[str, AnyStep]:
    """``steps`` with those of one scope in the order of ``keys``, in the places they had."""
    queue = iter(keys)
    return {key: steps[key] for key in (next(queue) if steps[one].scope == scope else one for one in steps)}


def _new(operation: AddStep, scope: str, onwards: str) -> AnyStep:
    """A step as it is when it has just been added: leading on as far as its kind can."""
    step = KINDS[operation.kind](key=operation.key, scope=scope, title=operation.title)
    if isinstance(step, Action):
        step = replace(step, does=operation.does)
    if isinstance(step, Review):
        answers = (Outcome("approve", next=onwards), Outcome("reject", reason_required=True))
        return replace(step, outcomes=answers)
    if isinstance(step, Choice):
        return replace(step, otherwise=onwards or None)
    if isinstance(step, Parallel):
        step = replace(step, branches=(Branch("first"), Branch("second")))
    if isinstance(step, Loop):
        step = replace(step, times=2)
    return connected(step, "next", onwards) if free_exit(step) == "next" else step
