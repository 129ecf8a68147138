"""The workflow's own fields, and the names of things."""

import re
from collections.abc import Iterator
from dataclasses import replace

from designer.graph.edits.operations import RenameBranch, RenameStep, ReplaceStep, SetHeader
from designer.graph.keys import key_flaw, suggest_key
from designer.graph.limits import MOST_STEPS
from designer.graph.model import Parallel
from designer.graph.schema_paths import types_of
from designer.graph.schemas import check_schema
from designer.graph.templates import expressions_in

from .problem import Fix, Found
from .view import View

_TWO_THINGS = re.compile(r"\s(?:and|then)\s", re.IGNORECASE)


def too_coarse(view: View) -> Iterator[Found]:
    """A step does one thing: what fails alone, is tried again alone and is undone alone."""
    for step in view.graph.steps.values():
        word = _TWO_THINGS.search(step.title)
        if word and step.kind == "action":
            message = f"“{step.title}” sounds like two things. As two steps, each can fail, retry and be undone alone."
            yield Found(message, step.key, "title")


def missing_owner(view: View) -> Iterator[Found]:
    if not view.graph.owner.strip():
        owners = [step.owner for step in view.graph.steps.values() if step.owner]
        message = "The workflow has no owner. Say which team answers for it."
        fix = Fix(f"Let {owners[0]} own it", SetHeader({"owner": owners[0]})) if owners else None
        yield Found(message, field="owner", fix=fix)


def bad_key(view: View) -> Iterator[Found]:
    graph = view.graph
    if flaw := key_flaw(graph.key):
        yield Found(flaw, field="key")
    for step in graph.steps.values():
        if flaw := key_flaw(step.key):
            good = suggest_key(step.key, graph.steps)
            yield Found(flaw, step.key, "key", Fix(f"Call it {good}", RenameStep(step.key, good)))


def bad_branch_name(view: View) -> Iterator[Found]:
    for step in view.graph.steps.values():
        names = [branch.name for branch in step.branches] if isinstance(step, Parallel) else []
        for name in names:
            if flaw := key_flaw(name):
                good = suggest_key(name, names)
                fix = Fix(f"Call it {good}", RenameBranch(step.key, name, good))
                yield Found(flaw, step.key, f"branches.{name}", fix)


def bad_variable_name(view: View) -> Iterator[Found]:
    for step in view.graph.steps.values():
        for name in step.assign:
            if flaw := key_flaw(name):
                good = suggest_key(name, step.assign)
                assign = {good if each == name else each: value for each, value in step.assign.items()}
                fix = Fix(f"Call it {good}", ReplaceStep(replace(step, assign=assign)))
                yield Found(flaw, step.key, f"assign.{name}", fix)


def too_many_steps(view: View) -> Iterator[Found]:
    there = len(view.graph.steps)
    if there > MOST_STEPS:
        message = f"The workflow has {there} steps; {MOST_STEPS} is the most. Move a part into a workflow of its own."
        yield Found(message, field="steps")


def unusable_input_schema(view: View) -> Iterator[Found]:
    flaws = check_schema(view.graph.input)
    for flaw in flaws:
        place = f" at “{flaw.path}”" if flaw.path else ""
        yield Found(f"The input's schema cannot be used{place}: {flaw.message}", field="input")
    types = types_of(view.graph.input)
    if not flaws and types is not None and "object" not in types:
        fixed = {**view.graph.input, "type": "object"}
        message = "A run's input is an object, but the input's schema does not allow one. Write type: object."
        yield Found(message, field="input", fix=Fix("Write type: object", SetHeader({"input": fixed})))


def constant_business_key(view: View) -> Iterator[Found]:
    key = view.graph.business_key
    if key and not expressions_in(key):
        message = f"Every run would have the same business key “{key}”. Make it from the input: ${{ input.order_id }}."
        yield Found(message, field="business_key", fix=Fix("Leave it empty", SetHeader({"business_key": ""})))
