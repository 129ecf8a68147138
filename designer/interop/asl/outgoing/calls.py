"""What steps of ours call, as tasks of AWS: which resource, with what, and which part of the answer is the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from designer.graph import Action, AnyStep, Arrival, Emit, Review, RunWorkflow, Template, Wait

TOKEN = "{% $states.context.Task.Token %}"
CALLBACK = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
FUNCTION = "arn:aws:states:::lambda:invoke"
HTTP = "arn:aws:states:::http:invoke"
EVENTS = "arn:aws:states:::events:putEvents"
CHILD, CHILD_ALONE = "arn:aws:states:::states:startExecution.sync:2", "arn:aws:states:::states:startExecution"


@dataclass(frozen=True, slots=True)
class Call:
    """A task: ``given`` are templates of ours, ``fixed`` is JSONata already."""

    resource: str
    fixed: Mapping[str, Any]
    given: Mapping[str, Template]
    result: str = "$states.result"
    within: str = ""  # the argument that has ``given``, and ``fixed`` beside it


def call_of(step: AnyStep) -> Call | None:
    """What a step calls; None for kinds that call nothing."""
    match step:
        case Action():
            return call_of_type(step.does, step.inputs)
        case RunWorkflow():
            arn = {"StateMachineArn": substitute(step.runs)}
            if step.awaited:
                return Call(CHILD, arn, step.inputs, "$states.result.Output", within="Input")
            return Call(CHILD_ALONE, arn, step.inputs, "{'run': $states.result.ExecutionArn}", within="Input")
        case Emit():
            return _event(step)
        case Review():
            return _callback(
                {"Review": step.name, **_asked(step)}, {"Show": _shown(step), "Edit": dict(step.edit)}
            )
        case Wait(signal=awaited) if awaited is not None:
            return _callback({"Signal": awaited.name}, {"Key": awaited.key})
        case Wait(first=arrivals) if arrivals:
            return _callback(
                {"First": [arrival.name for arrival in arrivals]}, {"Arrivals": _arrivals(arrivals)}
            )
    return None


def call_of_type(does: str, inputs: Mapping[str, Template]) -> Call:
    """A step type's work: an HTTP call as such, all else as a function of its name."""
    if does.partition("@")[0] == "http.request":
        names = {"url": "ApiEndpoint", "method": "Method", "headers": "Headers", "query": "QueryParameters"}
        given = {names[name]: value for name, value in inputs.items() if name in names}
        body = inputs.get("json", inputs.get("text"))
        fixed = {"Authentication": {"ConnectionArn": "${connection}"}}
        answer = (
            "{'status': $states.result.StatusCode, 'headers': $states.result.Headers,"
            " 'body': $states.result.ResponseBody}"
        )
        return Call(
            HTTP, fixed, {"Method": "GET", **given, **({} if body is None else {"RequestBody": body})}, answer
        )
    return Call(
        FUNCTION, {"FunctionName": substitute(does)}, inputs, "$states.result.Payload", within="Payload"
    )


def substitute(name: str) -> str:
    """A placeholder for an address that is filled in where the machine is put to work."""
    bare = name.partition("@")[0].replace(".", "_").replace("-", "_")
    return f"${{{bare or 'resource'}}}"


def _event(step: Emit) -> Call:
    detail = {"Key": step.correlation, "Data": step.data}
    entry = {"Source": "choreo", "DetailType": step.signal}
    return Call(EVENTS, entry, detail, "$states.result.Entries[0]", within="Entries")


def _callback(fixed: Mapping[str, Any], given: Mapping[str, Template]) -> Call:
    return Call(CALLBACK, {"QueueUrl": "${queue}", "TaskToken": TOKEN, **fixed}, given, within="MessageBody")


def _asked(step: Review) -> dict[str, Any]:
    people: dict[str, Any] = {"Groups": list(step.reviewers.groups)} if step.reviewers.groups else {}
    return {"Outcomes": [outcome.name for outcome in step.outcomes], **people}


def _shown(step: Review) -> list[Template]:
    return [{"Label": line.label, "Value": line.value} for line in step.show]


def _arrivals(arrivals: tuple[Arrival, ...]) -> dict[str, Template]:
    found: dict[str, Template] = {}
    for arrival in arrivals:
        signal = {"Signal": arrival.signal.name, "Key": arrival.signal.key} if arrival.signal else {}
        times = (
            {"For": arrival.duration}
            if arrival.duration
            else {"Until": arrival.until}
            if arrival.until
            else {}
        )
        person = {"Groups": list(arrival.person.groups)} if arrival.person else {}
        found[arrival.name] = {**signal, **times, **person}
    return found
