"""What is known of the values that expressions read: the schema behind every path."""

from collections.abc import Mapping
from typing import Any

from designer.graph.contracts import Schema
from designer.graph.expressions import Expression
from designer.graph.model import (
    Action,
    AnyStep,
    Emit,
    Loop,
    Map,
    Opener,
    Parallel,
    Review,
    RunWorkflow,
    Succeed,
    Wait,
)
from designer.graph.paths import Path
from designer.graph.policies import Join, OnBranchFailure, OnExhausted, Template
from designer.graph.schema_paths import MISSING, Answer
from designer.graph.schemas import type_of
from designer.graph.templates import only_expression

from .slots import Use
from .view import View

DEEPEST = 12  # outputs made of outputs made of outputs
_TEXT: Schema = {"type": "string"}
_RUN: Schema = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("id", "key", "workflow", "version", "started_at"), _TEXT),
        "active": {"type": "array", "items": _TEXT},  # the keys of the steps that are under way
    },
}
_STARTED: Schema = {
    "type": "object",
    "properties": {"run": _TEXT},
    "required": ["run"],
    "additionalProperties": False,
}
_ERROR: Schema = {"type": "object", "properties": dict.fromkeys(("name", "message", "step"), _TEXT)}
_NOTHING: Schema = {"type": "null"}
_EMITTED: Schema = {
    "type": "object",
    "properties": dict.fromkeys(("id", "name", "key"), _TEXT),
    "required": ["id", "name", "key"],
    "additionalProperties": False,
}
_SIGNAL: Schema = {
    "type": "object",
    "properties": {**dict.fromkeys(("name", "key", "id", "source", "time"), _TEXT), "data": {}},
    "required": ["name", "key", "data", "id", "source", "time"],
    "additionalProperties": False,
}
_NUMBER: Schema = {"type": "integer", "minimum": 0}
_FAULT: Schema = {
    "type": "object",
    "properties": dict.fromkeys(("name", "message", "step"), _TEXT),
    "required": ["name", "message", "step"],
    "additionalProperties": False,
}
_FAULTS: Schema = {
    "type": "array",
    "items": {
        **_FAULT,
        "properties": {"index": _NUMBER, **_FAULT["properties"]},
        "required": ["index", *_FAULT["required"]],
    },
}


def said_of(view: View, step: AnyStep | None, path: Path, depth: int = DEEPEST) -> tuple[Answer, Path]:
    """What is known of the value at ``path``, and the part of it that is ruled out, if so."""
    held, schema = _source(view, step, path, depth)
    if schema is None:
        return None, ()
    answer = view.schemas.at(schema, path[held:])
    if answer is MISSING:
        return MISSING, path[: held + view.schemas.missing(schema, path[held:])]
    return answer, ()


def result_of(view: View, use: Use) -> Schema:
    """What is known of the value that an expression gives to its template."""
    if not use.alone:
        return _TEXT
    return (
        _value_of(view, use.slot.step, use.expression, DEEPEST)
        if isinstance(use.expression, Expression)
        else {}
    )


def output_of(view: View, step: AnyStep, depth: int = DEEPEST) -> Schema:
    """What is known of a step's output."""
    if (step.key, depth) not in view.outputs:
        view.outputs[step.key, depth] = _output(view, step, depth)
    return view.outputs[step.key, depth]


def _output(view: View, step: AnyStep, depth: int) -> Schema:
    if step.flow is not None:
        return {}
    if isinstance(step, Action):
        contract = view.contract(step.does)
        return contract.output if contract else {}
    if isinstance(step, RunWorkflow):
        started = view.contract(step.runs)
        return _STARTED if not step.awaited else started.output if started else {}
    if isinstance(step, Parallel):
        return _gathered(view, step, depth)
    if isinstance(step, Map):
        return _collected(view, step, depth)
    if isinstance(step, Loop):
        return _of_the_last_round(view, step, depth)
    if isinstance(step, Review):
        return _decision(step)
    if isinstance(step, Wait):
        return _arrived(step)
    if isinstance(step, Emit):
        return _EMITTED
    if isinstance(step, Succeed):
        return _shape(view, step, step.output, depth)
    return _NOTHING


def _arrived(step: Wait) -> Schema:
    if step.signal is not None:
        return _SIGNAL
    if not step.first:
        return _NOTHING
    heard = [_SIGNAL] if any(one.signal for one in step.first) else []
    still = [] if all(one.signal for one in step.first) else [_NOTHING]
    parts = {
        "first": {"enum": [one.name for one in step.first], "type": "string"},
        "signal": _one_of([*heard, *still]),
        "by": _TEXT,
        "reason": _TEXT,
    }
    return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}


def _source(view: View, step: AnyStep | None, path: Path, depth: int) -> tuple[int, Schema | None]:
    """How many parts of the path name a source of values, and the source's schema; None where it is unknown."""
    match path:
        case ("input", *_):
            return 1, view.graph.input or None
        case ("run", *_):
            return 1, _RUN
        case ("error", *_):
            return 1, _ERROR
        case ("now", *_):
            return 1, _TEXT
        case ("index", *_):
            return 1, _NUMBER
        case ("item", *_) if step is not None:
            return 1, _item(view, step, depth - 1) if depth else None
        case ("steps", str(key), "errors", *_) if key in view.graph.steps:
            return 3, _faults(view.graph.steps[key])
        case ("secret", str(), *_):
            return 2, _TEXT
        case ("output", *_) if step is not None:
            return 1, output_of(view, step, depth - 1)
        case ("steps", str(key), "output", *_) if key in view.graph.steps:
            return 3, output_of(view, view.graph.steps[key], depth - 1) if depth else None
        case ("vars", str(name), *_):
            return 2, _variable(view, name, depth - 1) if depth else None
    return len(path), None


def _variable(view: View, name: str, depth: int) -> Schema | None:
    if (name, depth) not in view.variables:
        setting = view.assigning.get(name, [])
        view.variables[name, depth] = _one_of(
            [_shape(view, step, step.assign[name], depth) if name in step.assign else {} for step in setting]
        )
    return view.variables[name, depth] or None


def _gathered(view: View, step: Parallel, depth: int) -> Schema:
    """An object by branch name; a branch that the join need not wait for may be null."""
    certain = _waits_for_all(step.join) and step.on_exhausted is not OnExhausted.CONTINUE
    parts = {}
    for branch in step.branches:
        found = _left_by(view, step, branch.name, depth)
        parts[branch.name] = _one_of(found if certain and not branch.when else [*found, _NOTHING])
    return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}


def _collected(view: View, step: Map, depth: int) -> Schema:
    """A list in the order of the items; null for those that failed, or that the join need not wait for."""
    found = _left_by(view, step, step.BODY, depth)
    certain = _waits_for_all(step.join) and not step.open_ended
    items = _one_of(found if certain else [*found, _NOTHING])
    listed: Schema = {"type": "array", "items": items} if items else {"type": "array"}
    return _one_of([listed, _NOTHING]) if step.on_exhausted is OnExhausted.CONTINUE else listed


def _of_the_last_round(view: View, step: Loop, depth: int) -> Schema:
    """Null where there may be no round at all."""
    found = _left_by(view, step, step.BODY, depth)
    certain = step.until and step.on_exhausted is not OnExhausted.CONTINUE
    return _one_of(found if certain else [*found, _NOTHING])


def _left_by(view: View, step: Opener, body: str, depth: int) -> list[Schema]:
    """What the ends of a body leave."""
    of = view.walks.get(step.scope_of(body))
    if depth <= 0 or of is None:
        return [{}]
    ends = [view.graph.steps[key] for key in of.exits if key in of.ends & of.reachable]
    return [output_of(view, end, depth - 1) for end in ends if end.kind != "fail"]


def _waits_for_all(join: Join) -> bool:
    lets_none_fail = str(join.tolerate).rstrip("%") == "0" and join.on_failure is not OnBranchFailure.CONTINUE
    return join.wait_for == "all" and lets_none_fail


def _item(view: View, step: AnyStep, depth: int) -> Schema | None:
    """One of the items of the nearest map, or several of them."""
    opener = view.inside(step.scope, Map)
    if not isinstance(opener, Map):
        return None
    listed = items_of(view, opener, depth)
    found = view.schemas.at(listed, (0,)) if listed else None
    one = found if isinstance(found, Mapping) else {}
    return one if opener.batch == 1 else {"type": "array", "items": one}


def items_of(view: View, step: Map, depth: int = DEEPEST) -> Schema:
    """What is known of the list that a map walks."""
    return _shape(view, step, step.items, depth)


def _faults(step: AnyStep) -> Schema | None:
    if isinstance(step, Map):
        return _FAULTS
    if not isinstance(step, Parallel):
        return None
    fields = {branch.name: _FAULT for branch in step.branches}
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _decision(step: Review) -> Schema:
    fields: dict[str, Schema] = dict.fromkeys(("outcome", "reason", "by"), _TEXT)
    if step.outcomes:
        fields["outcome"] = {"enum": [outcome.name for outcome in step.outcomes]}
    fields["data"] = {"type": "object", "properties": {name: {} for name in step.edit}}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _shape(view: View, step: AnyStep, template: Template, depth: int) -> Schema:
    """What is known of a filled template."""
    if depth <= 0:
        return {}
    if isinstance(template, Mapping):
        fields = {name: _shape(view, step, part, depth - 1) for name, part in template.items()}
        return {
            "type": "object",
            "properties": fields,
            "required": list(fields),
            "additionalProperties": False,
        }
    if isinstance(template, list | tuple):
        items = _one_of([_shape(view, step, part, depth - 1) for part in template])
        return {"type": "array", "items": items} if items else {"type": "array"}
    if isinstance(template, str) and "${" in template:
        expression = only_expression(template)
        return _value_of(view, step, expression, depth) if expression else _TEXT
    return {"type": type_of(template)}


def _value_of(view: View, step: AnyStep | None, expression: Expression, depth: int) -> Schema:
    if expression.plain is None:
        return expression.schema
    found, _ = said_of(view, step, expression.plain, depth)
    return found if isinstance(found, Mapping) else {}


def _one_of(found: list[Schema]) -> Schema:
    different: list[Any] = []
    for schema in found:
        if schema not in different:
            different.append(schema)
    if not different or {} in different:
        return {}
    return different[0] if len(different) == 1 else {"anyOf": different}
