"""Every refusal as a problem: one table from what was raised to what is answered."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.encoding import escape_uri_path
from rest_framework import exceptions as drf

from choreo_site.roles import sentence_for
from designer.access import MissingPermission
from designer.api.bodies import BodyTooLarge
from designer.api.problems import KINDS, Problem
from designer.forms import BadBinding
from designer.graph import DocumentError
from designer.interop.asl import BadAsl
from designer.reading import Unreadable, pointer
from designer.refusals import DraftMoved, NotPublishable
from designer.refusals import Refused as DesignerRefused
from runs.refusals import (
    CallRefused,
    ClaimLost,
    DataRefused,
    FieldRefused,
    InputRefused,
    KeyReused,
    MocksRefused,
    NotAllowed,
    OutputRefused,
    SignatureRefused,
)
from runs.refusals import Refused as RunsRefused

DOCS = "/api/v1/docs/"
type Answer = tuple[str, str, list[Any]]  # the problem's name, the sentence, the errors


def named(name: str) -> Callable[[Any], Answer]:
    """An exception whose message is the sentence."""
    return lambda error: (name, str(error), [])


def said(name: str, sentence: str) -> Callable[[Any], Answer]:
    return lambda error: (name, sentence, [])


def known(problem: Problem) -> Answer:
    return problem.name, str(problem.detail), problem.errors


def unreadable(error: Unreadable) -> Answer:
    errors = [{"pointer": error.pointer, "detail": str(error)}] if error.pointer else []
    return "malformed", str(error), errors


def document(error: DocumentError) -> Answer:
    """What cannot be read has a line; what can be read and is no definition has a path."""
    errors = [flaw_told(flaw) for flaw in error.problems]
    name = "malformed" if any(flaw.line is not None for flaw in error.problems) else "document-refused"
    return name, str(error.problems[0]), errors


def machine(error: BadAsl) -> Answer:
    stopping = [problem for problem in error.problems if problem.stops]
    errors = [{"pointer": pointer(*places_in(one.place)), "detail": one.message} for one in stopping]
    return "document-refused", str(stopping[0]), errors


def places_in(path: str) -> list[str]:
    """/States/Charge/Retry[0] in parts."""
    return [part.rstrip("]") for name in path.split("/")[1:] for part in name.split("[")]


def flaw_told(flaw: Any) -> dict[str, Any]:
    place = {"line": flaw.line, "column": flaw.column} if flaw.line is not None else {}
    return {"pointer": pointer(*steps_of(flaw.path)), "detail": flaw.message, **place}


def bindings(error: BadBinding) -> Answer:
    places = [(pointer("bindings", *place), sentence) for place, sentence in error.flaws]
    return "invalid", str(error), [{"pointer": place, "detail": sentence} for place, sentence in places]


def value(name: str, field: str) -> Callable[[Any], Answer]:
    """A value that a schema refuses: it stands in this field of the body."""

    def answer(error: InputRefused) -> Answer:
        places = [(pointer(field, *steps_of(path)), message) for path, message in error.problems]
        return name, str(error), [{"pointer": place, "detail": message} for place, message in places]

    return answer


def field_of(error: Any) -> Answer:
    """A refusal that names the field it is about."""
    return "invalid", str(error), [{"pointer": pointer(*steps_of(error.field)), "detail": str(error)}]


def steps_of(path: str) -> Iterable[str]:
    """The parts of a path as people write it: order.items[0].sku."""
    return [part.strip('"') for part in path.replace("[", ".").replace("]", "").split(".") if part]


def media_type(error: drf.UnsupportedMediaType) -> Answer:
    return "unsupported-media-type", "Send application/json; documents may be application/yaml too.", []


def forbidden(error: PermissionDenied) -> Answer:
    missing = isinstance(error, MissingPermission)
    return "forbidden", sentence_for(error.permission) if missing else str(error) or "Not allowed.", []  # type: ignore[attr-defined]


# The first that fits: what is special stands before what is general.
TABLE: Mapping[type[Exception], Callable[[Any], Answer]] = {
    Problem: known,
    Unreadable: unreadable,
    DocumentError: document,
    BadAsl: machine,
    BadBinding: bindings,
    BodyTooLarge: named("too-large"),
    RequestDataTooBig: said("too-large", "The body is larger than what is taken here."),
    DataRefused: value("invalid", "data"),
    OutputRefused: value("invalid", "output"),
    MocksRefused: value("invalid", "mocks"),
    InputRefused: value("input-refused", "input"),
    FieldRefused: field_of,
    SignatureRefused: named("unauthenticated"),
    CallRefused: named("bad-request"),
    KeyReused: named("idempotency-key-reused"),
    ClaimLost: named("claim-lost"),
    NotAllowed: named("forbidden"),
    RunsRefused: named("conflict"),
    DraftMoved: named("draft-moved"),
    NotPublishable: named("not-publishable"),
    DesignerRefused: named("conflict"),
    drf.NotAuthenticated: said(
        "unauthenticated", "Say who you are: send `Authorization: Bearer` and a token, or sign in."
    ),
    drf.AuthenticationFailed: named("unauthenticated"),
    drf.MethodNotAllowed: named("method-not-allowed"),
    drf.NotAcceptable: said("not-acceptable", "This can be had as JSON; documents as application/yaml too."),
    drf.UnsupportedMediaType: media_type,
    drf.Throttled: lambda error: (
        "too-many-requests",
        f"Too many requests. Come back in {seconds(error)} s.",
        [],
    ),
    drf.PermissionDenied: named("forbidden"),
    drf.NotFound: named("not-found"),
    drf.APIException: named("bad-request"),
    Http404: lambda error: ("not-found", str(error) or "There is nothing at this address.", []),
    PermissionDenied: forbidden,
    MultiPartParserError: named("malformed"),
    BadRequest: named("bad-request"),
    SuspiciousOperation: said("bad-request", "The request is not one that is taken here."),
    OperationalError: said("outage", "The database does not answer. Nothing was changed; try again."),
    InterfaceError: said("outage", "The database does not answer. Nothing was changed; try again."),
}


def answer_exception(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """For REST framework. None where it is none of these: a defect, which Django reports."""
    answer = next((answer for kind, answer in TABLE.items() if isinstance(error, kind)), None)
    if answer is None:
        return None
    name, sentence, errors = answer(error)
    response = problem_response(context["request"], name, sentence, errors)
    if isinstance(error, drf.APIException):
        for header, value in headers_of(error).items():
            response[header] = value
    if name == "outage":
        response["Retry-After"] = "5"
    return response


def seconds(error: drf.Throttled) -> int:
    return max(1, math.ceil(getattr(error, "wait", None) or 1))


def headers_of(error: drf.APIException) -> dict[str, str]:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if isinstance(error, drf.Throttled):
        headers["Retry-After"] = str(seconds(error))
    return headers


def problem_response(request: Any, name: str, sentence: str, errors: Iterable[Any] = ()) -> HttpResponse:
    kind = KINDS[name]
    body = {
        "type": f"{DOCS}#problem-{name}",
        "title": kind.title,
        "status": kind.status,
        "detail": sentence,
        "instance": escape_uri_path(request.path),
        **({"errors": list(errors)} if errors else {}),
    }
    return JsonResponse(
        body,
        status=kind.status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )


def is_for_programs(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
