"""What a resource is probably best bound to."""

import re

from designer.graph import suggest_key

from .bindings import AskPeople, AwaitSignal, Binding, CallHttp, PublishSignal, RunAnother, UseStepType
from .resources import Pattern, Resource, read_resource

MESSAGES = frozenset({("sns", "publish"), ("sqs", "sendMessage"), ("events", "putEvents")})
_FUNCTIONS = frozenset({("lambda", "invoke")})


def suggest(resource: str) -> Binding | None:
    """A binding to begin with; None where only whoever imports it can know."""
    found = read_resource(resource)
    what = (found.service, found.action)
    name = _name(found)
    if found.pattern in (Pattern.TOKEN, Pattern.ACTIVITY):
        return AwaitSignal(asks=f"{name}.asked", answer=f"{name}.answered")
    if what == ("http", "invoke"):
        return CallHttp(
            url="${ arguments.ApiEndpoint }",
            method="${ arguments.Method }",
            body="${ has(arguments.RequestBody) ? arguments.RequestBody : null }",
        )
    if what == ("apigateway", "invoke"):
        return CallHttp(
            url="https://${ arguments.ApiEndpoint }/${ has(arguments.Stage) ? arguments.Stage : '' }"
            "${ has(arguments.Path) ? arguments.Path : '' }",
            method="${ arguments.Method }",
            body="${ has(arguments.RequestBody) ? arguments.RequestBody : null }",
        )
    if what == ("states", "startExecution"):
        return RunAnother(runs="", awaited=found.pattern is Pattern.SYNC)
    if what in MESSAGES:
        return PublishSignal(signal=f"{name}.published")
    if what in _FUNCTIONS or found.service == "function":
        return UseStepType(does="")
    return None


def suggest_review(resource: str) -> Binding | None:
    """The other thing that whatever waits for somebody can be: a question put to people."""
    waits = read_resource(resource).pattern in (Pattern.TOKEN, Pattern.ACTIVITY)
    return AskPeople() if waits else None


def advice(resource: Resource) -> str:
    """What to do about a step that nothing is bound to, as a sentence."""
    match suggest(resource.written):
        case AwaitSignal():
            said = "It waits until somebody reports: bind it to a signal or to a review."
        case CallHttp():
            said = "Bind it to an HTTP call; the address is in its arguments."
        case RunAnother():
            said = "Bind it to the workflow that it starts."
        case PublishSignal():
            said = "Bind it to a signal that is published, or to an HTTP call."
        case UseStepType():
            said = "Bind it to a step type that does what the function did, or to an HTTP call."
        case _:
            said = "Bind it to a step type or to an HTTP call that does this, or to a fixed answer."
    return f"Calls {resource.name}, and nothing does that here yet. {said}"


def _name(resource: Resource) -> str:
    """A name for signals: sqs.send_message."""
    service = resource.service.rpartition(":")[2] or "external"
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", resource.action or "work")
    return f"{suggest_key(service)}.{suggest_key(words)}"
