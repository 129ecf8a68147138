"""What steps are given, held against what their contracts ask for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from designer.graph.complaints import EvaluationError
from designer.graph.contracts import Contract, Schema
from designer.graph.edits.operations import ReplaceStep
from designer.graph.expressions import Expression
from designer.graph.matching import accepts
from designer.graph.model import Action, RunWorkflow
from designer.graph.paths import Path, dotted
from designer.graph.policies import Template
from designer.graph.schema_paths import MISSING, layers, property_names, required_names, schema_at, types_of
from designer.graph.schemas import violations
from designer.graph.templates import expressions_in, fill, only_expression

from .problem import Fix, Found, asked, closest, listed
from .slots import Slot, Use, at, changed, within
from .sources import output_of, result_of
from .view import View


@dataclass(frozen=True, slots=True)
class _Call:
    """A step type's work with what it is given: a step's own, or its undo."""

    step: Action | RunWorkflow
    contract: Contract
    inputs: Mapping[str, Template]
    field: str

    @property
    def undoes(self) -> bool:
        return self.field != "inputs"

    def given(self, inputs: Mapping[str, Template]) -> ReplaceStep:
        if isinstance(self.step, RunWorkflow) or not self.undoes or self.step.compensate is None:
            return ReplaceStep(replace(self.step, inputs=inputs))
        return ReplaceStep(replace(self.step, compensate=replace(self.step.compensate, inputs=inputs)))


def missing_input(view: View) -> Iterator[Found]:
    for call in _calls(view):
        if not call.inputs and not call.undoes and call.step.flow is not None:
            continue  # it is given what its flow gives
        for name in sorted(required_names(call.contract.input) - call.inputs.keys()):
            found = _suggestion(view, call, name)
            message = f"{call.contract.key} needs “{name}”, and “{call.step.name}” does not give it."
            fix = (
                Fix(f"Map it to {found}", call.given({**call.inputs, name: f"${{ {found} }}"}))
                if found
                else None
            )
            yield Found(message, call.step.key, f"{call.field}.{name}", fix)


def unknown_input(view: View) -> Iterator[Found]:
    for call in _calls(view):
        known = property_names(call.contract.input)
        for name in call.inputs:
            if view.schemas.at(call.contract.input, (name,)) is not MISSING:
                continue
            meant = closest(name, [each for each in known if each not in call.inputs])
            takes = f" It takes {listed(known)}." if known and not meant else ""
            message = f"{call.contract.key} has no input “{name}”.{asked(meant)}{takes}"
            kept = {
                meant or each if each == name else each: v
                for each, v in call.inputs.items()
                if meant or each != name
            }
            fix = Fix(f"Call it {meant}" if meant else "Take it out", call.given(kept))
            yield Found(message, call.step.key, f"{call.field}.{name}", fix)


def bad_constant(view: View) -> Iterator[Found]:
    for slot, schema in _asked_for(view):
        for path, part in _constants(slot.template):
            wanted = schema_at(schema, path)
            if isinstance(wanted, Mapping):
                yield from _wrong(slot, path, part, wanted)


def type_mismatch(view: View) -> Iterator[Found]:
    asking = {id(slot): schema for slot, schema in _asked_for(view)}
    for use, expression in view.reads:
        wanted = view.schemas.at(asking[id(use.slot)], use.path) if id(use.slot) in asking else None
        if not isinstance(wanted, Mapping):
            continue
        given = result_of(view, use)
        said = view.schemas.accepts(given, wanted)
        if said:
            what = f"“{expression.text}”" if use.alone else "A text with expressions in it"
            message = f"{what} does not fit {(use.slot.asks or ('', ''))[1]}: {said[0].lower()}{said[1:]}"
            yield Found(message, use.slot.key, use.field, _converted(use, given, wanted))


def _wrong(slot: Slot, path: Path, part: Template, wanted: Schema) -> Iterator[Found]:
    try:
        value = fill(part, {})
    except EvaluationError as error:
        yield Found(str(error), slot.key, slot.field)
        return
    for violation in violations(wanted, value):
        inner = within(dotted(path), violation.path).removeprefix(".")
        better = _better(value, wanted) if not violation.path else None
        mended = slot.put(changed(slot.template, path, better))
        fix = Fix(f"Write {better}", mended) if better is not None else None
        name = within(slot.field.partition("inputs.")[2], inner)
        yield Found(f"“{name}” {violation.message}.", slot.key, within(slot.field, inner), fix)


def _better(value: Any, wanted: Schema) -> Any:
    """What was probably meant by a constant of the wrong kind."""
    enums = [layer["enum"] for layer in layers(wanted) if isinstance(layer.get("enum"), list)]
    written = [option for options in enums for option in options if isinstance(option, str)]
    candidates: list[Any] = []
    if isinstance(value, str):
        candidates = [
            closest(value, written),
            _number(value),
            {"true": True, "false": False}.get(value.lower()),
        ]
    elif isinstance(value, bool | int | float):
        candidates = [str(value).lower() if isinstance(value, bool) else str(value)]
    return next((each for each in candidates if each is not None and not violations(wanted, each)), None)


def _number(text: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def _converted(use: Use, given: Schema, wanted: Schema) -> Fix | None:
    text = at(use.slot.template, use.path)
    if not use.alone:
        inner = only_expression(text.strip())
        return (
            Fix("Take the spaces out", use.slot.put(changed(use.slot.template, use.path, text.strip())))
            if inner
            else None
        )
    have, need = types_of(given) or frozenset(), types_of(wanted) or frozenset()
    if need == {"string"} and have <= {"integer", "number", "boolean"}:
        by = "string"
    elif need & {"integer", "number"} and have == {"string"}:
        by = "double" if "number" in need else "int"
    else:
        return None
    assert isinstance(use.expression, Expression)
    new = f"${{ {by}({use.expression.text}) }}"
    return Fix(f"Convert it with {by}()", use.slot.put(changed(use.slot.template, use.path, new)))


def _suggestion(view: View, call: _Call, name: str) -> str | None:
    """A value of the same name that fits: of the step itself for its undo, of the input, or of the nearest step."""
    if not name.isidentifier():
        return None
    wanted = schema_at(call.contract.input, (name,))
    wanted = wanted if isinstance(wanted, Mapping) else {}
    sources: list[tuple[str, Schema]] = []
    if call.undoes:
        sources.append(("output", output_of(view, call.step)))
    sources.append(("input", view.graph.input))
    seen = view.seen(call.step.scope)
    for step in reversed(list(view.graph.steps.values())):
        if step.scope in seen and step is not call.step and view.knows(call.step, ("steps", step.key)):
            sources.append((f"steps.{step.key}.output", output_of(view, step)))
    for source, schema in sources:
        offered = schema_at(schema, (name,))
        if isinstance(offered, Mapping) and accepts(offered, wanted) is None:
            return f"{source}.{name}"
    return None


def _calls(view: View) -> Iterator[_Call]:
    for step in view.graph.steps.values():
        if isinstance(step, RunWorkflow) and (started := view.contract(step.runs)):
            yield _Call(step, started, step.inputs, "inputs")
        if not isinstance(step, Action):
            continue
        if contract := view.contract(step.does):
            yield _Call(step, contract, step.inputs, "inputs")
        if step.compensate and (contract := view.contract(step.compensate.does)):
            yield _Call(step, contract, step.compensate.inputs, "compensate.inputs")


def _asked_for(view: View) -> Iterator[tuple[Slot, Schema]]:
    for slot in view.slots:
        contract = view.contract(slot.asks[0]) if slot.asks else None
        wanted = view.schemas.at(contract.input, (slot.asks[1],)) if contract and slot.asks else None
        if isinstance(wanted, Mapping):
            yield slot, wanted


def _constants(template: Template) -> Iterator[tuple[Path, Template]]:
    """The largest parts of a template that hold no expression."""
    waiting: list[tuple[Path, Template]] = [((), template)]
    while waiting:
        path, part = waiting.pop()
        if not expressions_in(part):
            yield path, part
        elif isinstance(part, Mapping):
            waiting += [((*path, name), inner) for name, inner in part.items()]
        elif isinstance(part, list | tuple):
            waiting += [((*path, index), inner) for index, inner in enumerate(part)]
