"""CloudEvents 1.0 over HTTP: one in the body (structured), or its attributes in headers and its data in the body."""

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from designer.api.bodies import JsonBody
from designer.api.problems import Problem
from runs.models.signal import LONGEST_SOURCE

STRUCTURED = "application/cloudevents+json"
PREFIX = "HTTP_CE_"
# What Choreo calls the attributes. Which key a signal has is said by the first of these that is there.
NAMES = {"type": "name", "id": "id", "source": "source", "subject": "subject", "time": "time", "keep": "keep"}
KEYS = ("key", "partitionkey", "subject")
NO_KEY = "Say which one is meant: an attribute key, partitionkey or subject, such as ORD-1."


class CloudEvent(JsonBody):
    media_type = STRUCTURED


def signal_in(request: Request) -> Any:
    """The body in the names of a signal, whichever way it was sent. Raises Problem."""
    if (request.content_type or "").partition(";")[0].strip().lower() == STRUCTURED:
        return _signal_of(request.data)
    attributes = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in request.META.items()
        if name.startswith(PREFIX)
    }
    return _signal_of(attributes | {"data": request.data}) if attributes else request.data


def _signal_of(event: Any) -> dict[str, Any]:
    if not isinstance(event, Mapping):
        raise _refused("", "Send one event: an object with specversion, id, source and type.")
    if event.get("specversion") != "1.0":
        raise _refused("specversion", "Only CloudEvents of specversion 1.0 are read here.")
    for name in ("id", "source", "type"):
        if not isinstance(event.get(name), str) or not event[name]:
            raise _refused(name, f"A CloudEvent needs {name}: a text that is not empty.")
    if "data_base64" in event:
        raise _refused("data_base64", "Bytes are not read here. Send JSON in data.")
    key = next((event[name] for name in KEYS if event.get(name)), None)
    if key is None:
        raise _refused("key", NO_KEY)
    said = {known: event[name] for name, known in NAMES.items() if name in event}
    return {**said, "key": key, "data": event.get("data")}


def _refused(name: str, sentence: str) -> Problem:
    return Problem("invalid", sentence, [{"pointer": f"#/{name}" if name else "#", "detail": sentence}])


def source_for(request: Request) -> str:
    """Who sends what does not say so: whoever the token acts for."""
    return f"/people/{request.user.get_username()}"[:LONGEST_SOURCE]
