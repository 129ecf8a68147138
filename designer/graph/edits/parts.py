"""What the operations on the parts of a step, and on the document's header, do."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from designer.graph.codec import decode_header, encode_header
from designer.graph.model import Choice, Graph, Parallel, Review
from designer.graph.parts import Branch, Option, Outcome
from designer.graph.policies import Catch

from .finding import a_step, check_exit, check_name, check_target, found_branch, found_part, found_step
from .operations import (
    AddBranch,
    AddCatch,
    AddOption,
    AddOutcome,
    EditRefused,
    MovePart,
    RemoveBranch,
    RemovePart,
    RenameBranch,
    SetHeader,
)
from .steps import with_step, without
from .wiring import EXITS, inside, renamed_in_step


def add_branch(graph: Graph, operation: AddBranch) -> Graph:
    step = found_part(graph, operation.parallel, Parallel, "branches")
    check_name(operation.name, [branch.name for branch in step.branches], "a branch")
    branch = Branch(operation.name, title=operation.title)
    return with_step(graph, replace(step, branches=(*step.branches, branch)))


def remove_branch(graph: Graph, operation: RemoveBranch) -> Graph:
    step, branch = found_branch(graph, operation.parallel, operation.name)
    gone = inside(graph, step.scope_of(branch.name))
    left = tuple(_needing(one, branch.name, None) for one in step.branches if one is not branch)
    return without(with_step(graph, replace(step, branches=left)), gone, "", "")


def rename_branch(graph: Graph, operation: RenameBranch) -> Graph:
    step, branch = found_branch(graph, operation.parallel, operation.name)
    check_name(operation.new_name, [one.name for one in step.branches], "a branch")
    old, new = step.scope_of(branch.name), step.scope_of(operation.new_name)
    renamed = tuple(replace(one, name=operation.new_name) if one is branch else one for one in step.branches)
    names = tuple(_needing(one, branch.name, operation.new_name) for one in renamed)
    steps = {**graph.steps, step.key: replace(step, branches=names)}
    for key, one in steps.items():
        moved = replace(one, scope=new) if one.scope == old else one
        for part in ("output", "errors"):
            moved = renamed_in_step(moved, ("steps", step.key, part, branch.name), operation.new_name)
        steps[key] = moved
    return replace(graph, steps=steps)


def _needing(branch: Branch, old: str, new: str | None) -> Branch:
    """``branch`` with what it needs under another name, or without it."""
    if old not in branch.needs:
        return branch
    needs = (new if need == old else need for need in branch.needs)
    return replace(branch, needs=tuple(need for need in needs if need is not None))


def add_option(graph: Graph, operation: AddOption) -> Graph:
    step = found_part(graph, operation.key, Choice, "options")
    check_target(graph, step.scope, operation.next)
    option = Option(operation.when, operation.next, operation.label)
    return with_step(graph, replace(step, options=(*step.options, option)))


def add_outcome(graph: Graph, operation: AddOutcome) -> Graph:
    step = found_part(graph, operation.key, Review, "outcomes")
    check_name(operation.name, [outcome.name for outcome in step.outcomes], "an outcome")
    check_target(graph, step.scope, operation.next)
    outcome = Outcome(operation.name, operation.next, operation.title, operation.reason_required)
    return with_step(graph, replace(step, outcomes=(*step.outcomes, outcome)))


def add_catch(graph: Graph, operation: AddCatch) -> Graph:
    step = found_step(graph, operation.key)
    if "catch" not in EXITS[type(step)]:
        raise EditRefused(f"{step.name} is {a_step(step)}, which ends its scope: it has nothing to catch.")
    check_target(graph, step.scope, operation.next)
    return with_step(graph, replace(step, catch=(*step.catch, Catch(on=operation.on, next=operation.next))))


def remove_part(graph: Graph, operation: RemovePart) -> Graph:
    step, part, place = _part(graph, operation.key, operation.exit)
    if part == "branches":
        raise EditRefused("A branch is removed with its steps, by RemoveBranch.")
    held = getattr(step, part)
    return with_step(graph, replace(step, **{part: (*held[:place], *held[place + 1 :])}))


def move_part(graph: Graph, operation: MovePart) -> Graph:
    step, part, place = _part(graph, operation.key, operation.exit)
    held = list(getattr(step, part))
    if not 0 <= place + operation.offset < len(held) or not operation.offset:
        raise EditRefused(f"It cannot move there: it is number {place + 1} of {len(held)}.")
    held.insert(place + operation.offset, held.pop(place))
    return with_step(graph, replace(step, **{part: tuple(held)}))


def set_header(graph: Graph, operation: SetHeader) -> Graph:
    if operation.fields.get("key", graph.key) != graph.key:
        raise EditRefused("The key of a workflow stays: runs, links and other workflows use it.")
    header = decode_header({**encode_header(graph), **operation.fields})
    check_target(graph, "", header.start)
    return replace(header, steps=graph.steps, contracts=graph.contracts)


def _part(graph: Graph, key: str, exit: str) -> tuple[Any, str, int]:
    """The step, the name of its list and the place in it that an exit stands for. Raises EditRefused."""
    step = found_step(graph, key)
    check_exit(step, exit)
    part, dot, which = exit.partition(".")
    if not dot:
        raise EditRefused(f"“{exit}” is the one exit of its kind: connect it elsewhere or nowhere.")
    held: Sequence[Any] = getattr(step, part)
    return step, part, [getattr(item, "name", str(index)) for index, item in enumerate(held)].index(which)
