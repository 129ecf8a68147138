"""What the service behind a resource answers, around what the binding gives: the steps after it read the same."""

from designer.graph import Template

from .resources import Pattern, Resource


def result_of(resource: Resource, gives: str, *, called: bool) -> Template:
    """A template of the result, or None where it is the output as it is.

    ``gives``: where the binding's output has what was asked for. ``called``: whether that is the answer of a call.
    """
    value = f"${{ {gives} }}"
    match (resource.service, resource.action, resource.pattern):
        case (_, _, Pattern.TOKEN | Pattern.ACTIVITY):
            pass
        case ("lambda", "invoke", _):
            return {"ExecutedVersion": "$LATEST", "Payload": value, "StatusCode": 200}
        case ("http" | "apigateway", "invoke", _) if gives == "output.body":
            return {
                "ResponseBody": value,
                "StatusCode": "${ output.status }",
                "Headers": "${ output.headers }",
            }
        case ("http" | "apigateway", "invoke", _):
            return {"ResponseBody": value, "StatusCode": 200, "Headers": {}}
        case ("states", "startExecution", Pattern.SYNC) if resource.version == "2":
            return {"Output": value, "Status": "SUCCEEDED"}
        case ("states", "startExecution", Pattern.SYNC):
            # In a longer text a value is written as JSON, which is what this variant of the call gives.
            return {"Output": f"{value} ", "Status": "SUCCEEDED"}
        case ("states", "startExecution", _):
            return {"ExecutionArn": "${ string(output.run) }"}
        case ("sns", "publish", _) | ("sqs", "sendMessage", _):
            return {"MessageId": "${ has(output.id) ? output.id : run.id }"}
        case ("events", "putEvents", _):
            return {
                "Entries": [{"EventId": "${ has(output.id) ? output.id : run.id }"}],
                "FailedEntryCount": 0,
            }
    return None if gives == "output" else value
