"""Problems (RFC 9457): what is answered where something cannot be done. One table names them all."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.exceptions import APIException

from designer.reading import pointer


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status, what it is called, and when it happens."""

    status: int
    title: str
    said: str


KINDS: Mapping[str, Kind] = {
    "malformed": Kind(400, "The request cannot be read", "The body is not the JSON or YAML that it says it is."),
    "bad-parameter": Kind(400, "A parameter is not right", "`errors` names each parameter in the address."),
    "bad-request": Kind(400, "The request is not right", "A header or the address makes no sense."),
    "unauthenticated": Kind(401, "Who are you?", "The token is missing, unknown, past its time or revoked."),
    "forbidden": Kind(403, "Not allowed", "You are known, and your roles do not allow this."),
    "not-found": Kind(404, "Not found", "It is not there, or not yours to see."),
    "method-not-allowed": Kind(405, "Method not allowed", "`Allow` names the methods of this address."),
    "not-acceptable": Kind(406, "Not acceptable", "What `Accept` asks for cannot be made here."),
    "conflict": Kind(409, "Not possible now", "It makes no sense in the state that things are in."),
    "claim-lost": Kind(409, "You do not hold this review", "The claim has ended, or is somebody else's."),
    "draft-moved": Kind(409, "The draft has changed", "Somebody edited it. Read it again, then decide."),
    "precondition-failed": Kind(412, "The draft has changed", "`If-Match` names a revision that has passed."),
    "too-large": Kind(413, "Too large", "The body is larger than what is taken here."),
    "unsupported-media-type": Kind(415, "Unsupported media type", "`Content-Type` is not one that is read here."),
    "invalid": Kind(422, "The body is not right", "`errors` points at each place in the body."),
    "document-refused": Kind(422, "This is no definition", "`errors` names each place in the document."),
    "input-refused": Kind(422, "The input does not fit", "The workflow's input schema refuses it."),
    "not-publishable": Kind(422, "The draft cannot be published", "It has errors, or nothing has changed."),
    "idempotency-key-reused": Kind(422, "The key was used before", "The same `Idempotency-Key`, another body."),
    "too-many-requests": Kind(429, "Too many requests", "Wait as long as `Retry-After` says."),
    "internal": Kind(500, "Something is broken here", "A defect of Choreo. It has been written down."),
    "outage": Kind(503, "The database does not answer", "Nothing was changed. Try again."),
}  # fmt: skip


class Problem(APIException):
    """Raised by a view that knows what is wrong."""

    def __init__(self, name: str, detail: str, errors: Iterable[Mapping[str, Any]] = ()) -> None:
        super().__init__(detail)
        self.name = name
        self.status_code = KINDS[name].status
        self.errors = list(errors)


def body_flaws(errors: Any, *path: str | int) -> Iterator[dict[str, str]]:
    """The errors of a serializer as sentences with JSON pointers."""
    if isinstance(errors, dict):
        for name, inner in errors.items():
            yield from body_flaws(inner, *path, *(() if name == "non_field_errors" else (name,)))
    elif isinstance(errors, list) and any(isinstance(each, dict | list) for each in errors):
        for index, inner in enumerate(errors):
            yield from body_flaws(inner, *path, index)
    else:
        for sentence in errors if isinstance(errors, list) else [errors]:
            yield {"pointer": pointer(*path), "detail": str(sentence)}


def parameter_flaws(errors: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, sentences in errors.items():
        yield from ({"parameter": str(name), "detail": str(sentence)} for sentence in sentences)
