"""Steps that start runs of other workflows, and locks: whether what they name is there, and comes to an end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from designer.graph.contracts import Schema
from designer.graph.edits.operations import ReplaceStep
from designer.graph.flow import Walk
from designer.graph.limits import MOST_RUNS_DEEP
from designer.graph.model import (
    ROOT,
    AnyStep,
    Choice,
    Graph,
    Parallel,
    Review,
    RunWorkflow,
    Succeed,
    Wait,
)

from .problem import Fix, Found, asked, closest
from .sources import output_of
from .view import View

AN_HOUR = timedelta(hours=1)


def unknown_workflow(view: View) -> Iterator[Found]:
    for step in view.of(RunWorkflow):
        if not step.runs:
            yield Found(f"“{step.name}” starts nothing yet. Choose a workflow for it.", step.key, "runs")
        elif view.contract(step.runs) is None:
            key, _, wanted = step.runs.partition("@")
            known = {c.key for c in view.available.values() if c.is_workflow}
            meant = key if key in known else closest(key, sorted(known))
            that = f"has no version {wanted}" if key in known and wanted else "is not published"
            message = f"“{step.name}” starts {step.runs}: the workflow {key} {that}.{asked(meant)}"
            fix = Fix(f"Start {meant}", ReplaceStep(replace(step, runs=meant))) if meant else None
            yield Found(message, step.key, "runs", fix)


def starts_itself_for_ever(view: View) -> Iterator[Found]:
    """A run that starts another of its own workflow, with nothing on the way that could decide otherwise."""
    always = _always_made(view)
    for step in view.of(RunWorkflow):
        if step.runs.partition("@")[0] == view.graph.key and step.key in always:
            message = (
                f"“{step.name}” starts this very workflow again, and nothing before it decides whether to. It goes on"
                f" until runs are nested {MOST_RUNS_DEEP} deep, and then fails. Put a choice before it."
            )
            yield Found(message, step.key, "runs")


def lock_in_a_lock(view: View) -> Iterator[Found]:
    """Two sections that want the same two locks, each in its own order, wait for each other."""
    for step in view.graph.steps.values():
        outer = next((one for one in _around(view, step) if one.lock and one.lock != step.lock), None)
        if step.lock and outer is not None and step.deadline is None:
            message = (
                f"“{step.name}” waits for its lock while “{outer.name}” holds another. Two runs that take them in"
                " turn could wait for each other for ever. Give it a deadline."
            )
            fix = Fix("Give it an hour", ReplaceStep(replace(step, deadline=AN_HOUR)))
            yield Found(message, step.key, "deadline", fix)


def output_schema(graph: Graph) -> Schema:
    """What is known of the output of a run that succeeds."""
    view = View(graph, graph.contracts)
    of = view.walks[ROOT]
    ends = [graph.steps[key] for key in of.exits if key in of.ends & of.reachable]
    ends += [
        step
        for step in graph.steps.values()
        if isinstance(step, Succeed) and step.ends_run and step not in ends
    ]
    different: list[Schema] = []
    for end in ends:
        if end.kind != "fail" and (said := output_of(view, end)) not in different:
            different.append(said)
    if not different or {} in different:
        return {}
    return different[0] if len(different) == 1 else {"anyOf": different}


def _always_made(view: View) -> set[str]:
    """The steps that are reached from the beginning past nothing that decides."""
    found: set[str] = set()
    scopes = [view.walks[ROOT]]
    for of in scopes:
        made = _made(view, of)
        found |= made
        for key in made:
            step = view.graph.steps[key]
            if isinstance(step, Parallel):  # a map or a loop may have nothing to go through
                bodies = [body for body in step.bodies if not body.when and not body.needs]
                scopes += [
                    view.walks[scope] for b in bodies if (scope := step.scope_of(b.name)) in view.walks
                ]
    return found


def _made(view: View, of: Walk) -> set[str]:
    waiting, seen = ([of.start] if of.start else []), set[str]()
    while waiting:
        key = waiting.pop()
        step = view.graph.steps[key]
        if key in seen:
            continue
        seen.add(key)
        decides = isinstance(step, Choice | Review) or (isinstance(step, Wait) and step.first)
        if not decides and step.next in of.exits:
            waiting.append(str(step.next))
    return seen


def _around(view: View, step: AnyStep) -> Iterator[AnyStep]:
    for scope in view.around(step.scope):
        if (opener := view.walks[scope].opener) is not None:
            yield opener
