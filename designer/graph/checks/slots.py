"""Where templates stand in a workflow, and how to put another in their place."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from designer.graph.complaints import ExpressionError
from designer.graph.edits.operations import Operation, ReplaceStep, SetHeader
from designer.graph.expressions import Expression
from designer.graph.model import (
    Action,
    AnyStep,
    Choice,
    Emit,
    Fail,
    Graph,
    Loop,
    Map,
    Parallel,
    Review,
    RunWorkflow,
    Succeed,
    Wait,
)
from designer.graph.parts import Awaited
from designer.graph.paths import Path, dotted
from designer.graph.policies import Template
from designer.graph.templates import condition, expressions_in, only_expression

EVERYWHERE = frozenset({"input", "vars", "steps", "run", "now", "error"})
WITH_OUTPUT = EVERYWHERE | {"output"}
SECRETS = frozenset({"secret"})  # seen by what is handed to a step type, and by nothing else
ARGUMENTS = frozenset({"arguments"})  # seen where a step with a flow says what it does with them
WITH_ARGUMENTS = ("inputs.", "show.", "edit.", "signal.", "correlation", "data")
BY_THE_FLOW = ("options.", "items", "output", "message", "assign.")  # what its flow says, or says instead
AT_THE_START = frozenset({"input", "run", "now"})


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that holds a template."""

    step: AnyStep | None  # None: the workflow itself
    field: str
    template: Template
    put: Callable[[Template], Operation]
    sees: frozenset[str] = EVERYWHERE  # the roots that have a value here
    condition: bool = False
    asks: tuple[str, str] | None = None  # the reference whose contract asks for it, and the name of the input
    after: str = ""  # the scope at whose end it is worked out, where that is not the step's own

    @property
    def key(self) -> str | None:
        return self.step.key if self.step else None

    @property
    def within(self) -> str:
        """The scope from which it is seen."""
        return self.after or (self.step.scope if self.step else "")


@dataclass(frozen=True, slots=True)
class Use:
    """One expression in a slot."""

    slot: Slot
    path: Path  # within the template
    expression: Expression | ExpressionError
    alone: bool  # whether it is all of its string, so that its value keeps its type

    @property
    def field(self) -> str:
        return within(self.slot.field, dotted(self.path))

    def guards(self, path: Path) -> bool:
        """Whether has() asks for the path, or for something on the way to it, before it is read."""
        tested = self.expression.tested if isinstance(self.expression, Expression) else ()
        return any(path[: len(asked)] == asked for asked in tested)


def slots(graph: Graph) -> Iterator[Slot]:
    if graph.business_key:
        yield Slot(None, "business_key", graph.business_key, _business_key, AT_THE_START)
    for step in graph.steps.values():
        yield from _slots_of(step) if step.flow is None else _beside_a_flow(step)


def _slots_of(step: AnyStep) -> Iterator[Slot]:
    yield from _SLOTS.get(type(step), _none)(step)
    if step.only_while:
        yield Slot(step, "only_while", step.only_while, _put(step, "only_while"), condition=True)
    if step.lock:
        yield Slot(step, "lock", step.lock, _put(step, "lock"))
    yield from _mapping(step, "assign", WITH_OUTPUT)


def _beside_a_flow(step: AnyStep) -> Iterator[Slot]:
    """What is still said in templates where a flow says how data goes through the step."""
    for slot in _slots_of(step):
        if slot.field.startswith(WITH_ARGUMENTS):
            yield replace(slot, sees=slot.sees | ARGUMENTS)
        elif not slot.field.startswith(BY_THE_FLOW):
            yield slot
    if step.returns is not None:
        yield Slot(step, "returns", step.returns, _put(step, "returns"), WITH_OUTPUT | ARGUMENTS)


def uses(slot: Slot) -> Iterator[Use]:
    if slot.condition:
        yield Use(slot, (), _condition(slot.template), True)
        return
    for path, expression in expressions_in(slot.template):
        yield Use(slot, path, expression, _at(slot.template, path) is expression)


def within(field: str, inner: str) -> str:
    """The field of a part: ``inputs.amount`` and ``items[0]`` give ``inputs.amount.items[0]``."""
    return f"{field}{'.' if inner and not inner.startswith('[') else ''}{inner}"


def at(template: Template, path: Path) -> Any:
    """The part of a template at one of its own paths."""
    for part in path:
        template = template[part]
    return template


def changed(template: Template, path: Path, new: Any) -> Template:
    """``template`` with another part at ``path``."""
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(template, Mapping):
        return {**template, first: changed(template[first], rest, new)}
    return [changed(item, rest, new) if index == first else item for index, item in enumerate(template)]


def _at(template: Template, path: Path) -> Expression | None:
    return only_expression(at(template, path))


def _condition(text: str) -> Expression | ExpressionError:
    try:
        return condition(text)
    except ExpressionError as error:
        return error


def _business_key(template: Template) -> Operation:
    return SetHeader({"business_key": template})


def _mapping(step: AnyStep, field: str, sees: frozenset[str] = EVERYWHERE) -> Iterator[Slot]:
    held: Mapping[str, Template] = getattr(step, field)
    for name, template in held.items():
        asks = (calls, name) if (calls := _called(step)) and field == "inputs" else None
        put = _put_named(step, field, name)
        yield Slot(step, f"{field}.{name}", template, put, sees, asks=asks)


def _called(step: AnyStep) -> str:
    """The reference whose contract says what the step may be given."""
    if isinstance(step, RunWorkflow):
        return step.runs
    return step.does if isinstance(step, Action) else ""


def _run_workflow(step: RunWorkflow) -> Iterator[Slot]:
    yield from _mapping(step, "inputs")


def _put_named(step: Any, field: str, name: str) -> Callable[[Template], Operation]:
    return lambda new: ReplaceStep(replace(step, **{field: {**getattr(step, field), name: new}}))


def _put(step: Any, field: str) -> Callable[[Template], Operation]:
    return lambda new: ReplaceStep(replace(step, **{field: new}))


def _put_in(step: Any, field: str, index: int, part: str) -> Callable[[Template], Operation]:
    """Into one of the parts that a field lists: an option, a line, an arrival, a branch."""
    *before, one = getattr(step, field)[: index + 1]
    after = getattr(step, field)[index + 1 :]
    return lambda new: ReplaceStep(replace(step, **{field: (*before, replace(one, **{part: new}), *after)}))


def _action(step: Action) -> Iterator[Slot]:
    yield from _mapping(step, "inputs", EVERYWHERE | SECRETS)
    undo = step.compensate
    for name, template in undo.inputs.items() if undo else ():
        yield Slot(
            step,
            f"compensate.inputs.{name}",
            template,
            _put_in_undo(step, name),
            WITH_OUTPUT | SECRETS,
            asks=(undo.does if undo else "", name),
        )


def _put_in_undo(step: Action, name: str) -> Callable[[Template], Operation]:
    def put(new: Template) -> Operation:
        assert step.compensate is not None
        undo = replace(step.compensate, inputs={**step.compensate.inputs, name: new})
        return ReplaceStep(replace(step, compensate=undo))

    return put


def _choice(step: Choice) -> Iterator[Slot]:
    for index, option in enumerate(step.options):
        if option.when:
            put = _put_in(step, "options", index, "when")
            yield Slot(step, f"options.{index}.when", option.when, put, condition=True)


def _review(step: Review) -> Iterator[Slot]:
    for index, shown in enumerate(step.show):
        yield Slot(step, f"show.{index}.value", shown.value, _put_in(step, "show", index, "value"))
    yield from _mapping(step, "edit")


def _wait(step: Wait) -> Iterator[Slot]:
    for field in ("duration", "until"):
        if getattr(step, field):
            yield Slot(step, field, getattr(step, field), _put(step, field))
    if step.signal is not None and step.signal.key:
        yield Slot(step, "signal.key", step.signal.key, _put_key(_put(step, "signal"), step.signal))
    for index, one in enumerate(step.first):
        for field in ("duration", "until"):
            if getattr(one, field):
                put = _put_in(step, "first", index, field)
                yield Slot(step, f"first.{one.name}.{field}", getattr(one, field), put)
        if one.signal is not None and one.signal.key:
            put = _put_key(_put_in(step, "first", index, "signal"), one.signal)
            yield Slot(step, f"first.{one.name}.signal.key", one.signal.key, put)


def _put_key(put: Callable[[Any], Operation], signal: Awaited) -> Callable[[Template], Operation]:
    return lambda new: put(replace(signal, key=new))


def _emit(step: Emit) -> Iterator[Slot]:
    if step.correlation:
        yield Slot(step, "correlation", step.correlation, _put(step, "correlation"))
    if step.data is not None:
        yield Slot(step, "data", step.data, _put(step, "data"))


def _succeed(step: Succeed) -> Iterator[Slot]:
    yield Slot(step, "output", step.output, _put(step, "output"))


def _fail(step: Fail) -> Iterator[Slot]:
    yield Slot(step, "message", step.message, _put(step, "message"))


def _parallel(step: Parallel) -> Iterator[Slot]:
    for index, branch in enumerate(step.branches):
        if branch.when:
            put = _put_in(step, "branches", index, "when")
            yield Slot(step, f"branches.{branch.name}.when", branch.when, put, condition=True)


def _map(step: Map) -> Iterator[Slot]:
    yield Slot(step, "items", step.items, _put(step, "items"))


def _loop(step: Loop) -> Iterator[Slot]:
    if step.goes_on:
        yield Slot(step, "goes_on", step.goes_on, _put(step, "goes_on"), condition=True)
    if step.until:
        after = step.scope_of(step.BODY)
        yield Slot(step, "until", step.until, _put(step, "until"), condition=True, after=after)
    yield Slot(step, "times", step.times, _put(step, "times"))


def _none(step: AnyStep) -> Iterator[Slot]:
    yield from ()


_SLOTS: Mapping[type[AnyStep], Callable[[Any], Iterator[Slot]]] = {
    Action: _action,
    Choice: _choice,
    Parallel: _parallel,
    Map: _map,
    Loop: _loop,
    Review: _review,
    Wait: _wait,
    Emit: _emit,
    RunWorkflow: _run_workflow,
    Succeed: _succeed,
    Fail: _fail,
}
