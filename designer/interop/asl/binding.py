"""Bind steps that came without anything to do them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from designer.dataflow import DataFlow
from designer.graph import (
    Action,
    AnyStep,
    Emit,
    Graph,
    Outcome,
    Retry,
    Review,
    Reviewers,
    RunWorkflow,
    Shown,
    Succeed,
    Template,
    spoken,
    suggest_key,
)

from .awaiting import awaited, kept_of
from .bindings import (
    ARGUMENTS,
    AnswerAlways,
    AskPeople,
    AwaitSignal,
    Binding,
    CallHttp,
    PublishSignal,
    RunAnother,
    UseStepType,
)
from .report import Line, Treatment
from .resources import Resource, read_resource
from .results import result_of

HTTP, TRANSFORM = "http.request@^1", "data.transform@^1"


class CannotBind(ValueError):
    """A step that there is not, or one that is no call of anything; the sentence says which."""


def bind(graph: Graph, bindings: Mapping[str, Binding]) -> Graph:
    """``graph`` with each named step bound. What a state's resource gave is kept: the steps after it see the same.

    Raises CannotBind.
    """
    steps = dict(graph.steps)
    for key, binding in bindings.items():
        if not isinstance(step := steps.get(key), Action):
            raise CannotBind(f"“{key}” is no step that can be bound to something.")
        steps = {
            name: one
            for old, other in steps.items()
            for name, one in (_bound(step, binding, steps) if old == key else {old: other}).items()
        }
    return replace(graph, steps=steps)


def unbound(graph: Graph) -> tuple[Action, ...]:
    """The steps that call something which nothing does yet, in definition order."""
    return tuple(step for step in graph.steps.values() if isinstance(step, Action) and not step.does)


def bound_line(graph: Graph, key: str, binding: Binding) -> Line:
    """What a report says of a binding."""
    return Line(Treatment.BOUND, graph.name_of(key), "Resource", _BOUND_TO[type(binding)])


_BOUND_TO: Mapping[type, str] = {
    CallHttp: "Bound to an HTTP call.",
    UseStepType: "Bound to a step type.",
    AwaitSignal: "Bound to a signal that it waits for.",
    AskPeople: "Bound to a review.",
    RunAnother: "Bound to another workflow.",
    PublishSignal: "Bound to a signal that it publishes.",
    AnswerAlways: "Bound to a fixed answer: nothing is done.",
}


def _bound(step: Action, binding: Binding, taken: Mapping[str, AnyStep]) -> dict[str, AnyStep]:
    resource = read_resource(step.resource)
    match binding:
        case CallHttp():
            made: tuple[AnyStep, ...] = (_http(step, binding, resource),)
        case UseStepType():
            given = result_of(resource, "output", called=True)
            made = (replace(step, does=binding.does, inputs=binding.inputs, returns=given),)
        case AnswerAlways():
            values = {"value": escaped(binding.result)}
            made = (replace(step, does=TRANSFORM, inputs={"values": values}, returns="${ output.value }"),)
        case RunAnother():
            made = (_child(step, binding, resource),)
        case PublishSignal():
            made = (_published(step, binding, resource),)
        case AwaitSignal():
            made = awaited(step, binding, taken)
        case AskPeople():
            made = _asked(step, binding, taken)
    return {one.key: one for one in made}


def escaped(value: Any) -> Template:
    """A value as a template that says just this value."""
    match value:
        case str():
            return value.replace("${", "$${")
        case dict():
            return {name: escaped(inner) for name, inner in value.items()}
        case list():
            return [escaped(inner) for inner in value]
    return value


def _http(step: Action, binding: CallHttp, resource: Resource) -> Action:
    inputs: dict[str, Template] = {"url": binding.url, "method": binding.method}
    if binding.headers:
        inputs["headers"] = dict(binding.headers)
    if binding.method not in ("GET", "HEAD"):
        inputs["json"] = _payload(step, resource) if binding.body == ARGUMENTS else binding.body
    return replace(step, does=HTTP, inputs=inputs, returns=result_of(resource, "output.body", called=True))


def _payload(step: Action, resource: Resource) -> Template:
    """What a function is given: of the arguments of its call, the payload."""
    fields = step.flow.fields if step.flow else {}
    written = fields.get("Parameters", fields.get("Arguments"))
    named = isinstance(written, dict) and bool({"Payload", "Payload.$"} & written.keys())
    return "${ arguments.Payload }" if resource.service == "lambda" and named else ARGUMENTS


def _child(step: Action, binding: RunAnother, resource: Resource) -> RunWorkflow:
    shared = kept_of(step)
    inputs = binding.inputs
    if not inputs and step.flow is not None:
        shared["flow"] = _with_input_alone(step.flow)
    given = result_of(resource, "output", called=True)
    return RunWorkflow(**shared, runs=binding.runs, inputs=inputs, awaited=binding.awaited, returns=given)


def _with_input_alone(flow: DataFlow) -> DataFlow:
    """A flow whose arguments are what a call of startExecution names as the input of the execution."""
    fields = dict(flow.fields)
    for name in ("Parameters", "Arguments"):
        written = fields.get(name)
        if not isinstance(written, dict):
            continue
        if "Input" in written:
            fields[name] = written["Input"]
        elif (
            isinstance(path := written.get("Input.$"), str)
            and path.startswith("$")
            and "InputPath" not in fields
        ):
            del fields[name]
            fields["InputPath"] = path
    return replace(flow, fields=fields)


def _published(step: Action, binding: PublishSignal, resource: Resource) -> Emit:
    shared = kept_of(step) | {"flow": step.flow, "retry": Retry()}  # publishing cannot fail
    given = result_of(resource, "output", called=True)
    return Emit(**shared, signal=binding.signal, correlation=binding.key, data=binding.data, returns=given)


def _asked(step: Action, binding: AskPeople, taken: Mapping[str, AnyStep]) -> tuple[AnyStep, ...]:
    after = step.next or suggest_key(f"{step.key}_end", taken)
    shared = {name: value for name, value in kept_of(step).items() if name != "next"}
    outcomes = tuple(Outcome(name, after, spoken(name)) for name in binding.outcomes)
    review = Review(
        **shared,
        reviewers=Reviewers(groups=binding.groups, approvals=binding.approvals),
        show=(Shown("What is asked", ARGUMENTS),),
        outcomes=outcomes,
    )
    if step.next:
        return (review,)
    return review, Succeed(
        key=after, scope=step.scope, flow=DataFlow(language=(step.flow or DataFlow()).language)
    )
