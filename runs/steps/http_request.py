"""`http.request`: one call to a service, by the client of `egress`."""

import base64
import json
import threading
import time
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.conf import settings
from django.utils import timezone

from designer.catalog import Context, Description, MaxLen, NotRetryable, Pattern, Retryable, StepError, step
from designer.models import Destination as DestinationRow
from runs.redaction import CUT, MASK

from .egress import Answer, Call, CallFailed, Destination, Limits, Policy, fetch

type Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
type HeaderName = Annotated[str, Pattern(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]*$"), MaxLen(100)]
type Scalar = str | int | float | bool
KEPT_BACK = {"authorization", "cookie", "set-cookie", "www-authenticate", "x-api-key", "proxy-authenticate"}
# What another try may mend.
PASSING = {408, 421, 425, 429, 500, 502, 503, 504}
OWN = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
EXCERPT = 300  # characters of a refusal's body that its message repeats
MOMENT = 1.0  # seconds for which what administrators allow is remembered
MARGIN = 0.5  # seconds before the attempt's own end, so that the error can be told

_reading = threading.Lock()

ERRORS: list[NotRetryable | Retryable] = [
    NotRetryable("RequestInvalid", "The request cannot be sent as it is written."),
    NotRetryable("AddressRefused", "The URL leads where steps may not call."),
    NotRetryable("RedirectRefused", "The answer leads on too often, or with more than may be handed on."),
    NotRetryable("ResponseTooLarge", "The answer is larger than the limit."),
    NotRetryable("HttpError", "The status is not one that was expected, and another try would not mend it."),
    Retryable("HttpUnavailable", "The service is busy or in trouble: 408, 421, 425, 429 or a 5xx."),
    Retryable("ConnectionFailed", "The service could not be reached, or broke off."),
    Retryable("Timeout", "The service did not answer in time."),
]
OUTPUT = {
    "type": "object",
    "properties": {
        "status": {"type": "integer"},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "body": {},
    },
    "required": ["status", "headers", "body"],
    "additionalProperties": False,
}


@step(
    "http.request",
    version="1.0.0",
    icon="globe",
    title="Call a service",
    owner="choreo",
    effect="permanent",
    idempotent=True,
    errors=ERRORS,
    output=OUTPUT,
    waits=True,
)
def request(
    url: Annotated[str, MaxLen(8_192)],
    method: Method = "GET",
    query: dict[str, Scalar | list[Scalar]] = {},  # noqa: B006
    headers: dict[str, str] = {},  # noqa: B006
    json: Any = None,
    text: str | None = None,
    expect: Annotated[list[int], Description("statuses that count as success; none named: all 2xx")] = [],  # noqa: B006
    idempotency_header: Annotated[HeaderName, Description("empty: not sent")] = "Idempotency-Key",
    *,
    context: Context,
) -> dict[str, Any]:
    """Call a service over HTTP.

    Every attempt of one step of one run sends the same Idempotency-Key: a service that honours it makes a repeated
    call harmless.
    """
    content, content_type = _content(json, text, context)
    sent = {**({"Content-Type": content_type} if content_type else {}), **headers}
    if idempotency_header:
        sent.setdefault(idempotency_header, context.idempotency_key)
    check_headers(sent, context)
    call = Call(method=method, url=url, query=query, headers=sent, content=content)
    try:
        answer = fetch(call, policy(), limits(context))
    except CallFailed as failed:
        raise context.error(failed.name, failed.message) from failed
    if not _is_expected(answer.status, expect):
        raise _refusal(answer, context)
    return {"status": answer.status, "headers": _shown_headers(answer.headers), "body": _body(answer)}


def policy() -> Policy:
    """What administrators allow, as it was a moment ago: many calls are under way at once, and one of them reads it."""
    with _reading:
        return _policy(int(time.monotonic() / MOMENT))


@lru_cache(maxsize=1)
def _policy(moment: int) -> Policy:
    rows = DestinationRow.objects.values_list("host", "port", "private")
    return Policy(tuple(Destination(*row) for row in rows), listed_only=settings.CHOREO_HTTP_LISTED_ONLY)


def limits(context: Context) -> Limits:
    seconds = float(settings.CHOREO_HTTP_SECONDS)
    if context.deadline is not None:
        left = (context.deadline - timezone.now()).total_seconds() - MARGIN
        seconds = max(MARGIN, min(seconds, left))
    return Limits(total=seconds, body=settings.CHOREO_HTTP_BODY_LIMIT)


def check_headers(headers: Mapping[str, str], context: Context) -> None:
    """Raises StepError."""
    for name, value in headers.items():
        if (
            not name
            or not name.isascii()
            or any(not sign.isprintable() or sign in ' ":;,()<>@[]{}' for sign in name)
        ):
            raise context.error("RequestInvalid", f"“{name}” cannot name a header.")
        if name.lower() in OWN:
            raise context.error("RequestInvalid", f"The header {name} is set by the client itself.")
        if not value.isascii() or any(not sign.isprintable() and sign != "\t" for sign in value):
            message = f"The header {name} holds a line break, or a sign that is not ASCII."
            raise context.error("RequestInvalid", message)


def _content(value: Any, text: str | None, context: Context) -> tuple[bytes, str]:
    if value is not None and text is not None:
        raise context.error("RequestInvalid", "Give the body as json or as text, not as both.")
    if value is not None:
        return json.dumps(value, ensure_ascii=False).encode(), "application/json"
    return (text.encode(), "text/plain; charset=utf-8") if text is not None else (b"", "")


def _is_expected(status: int, expected: list[int]) -> bool:
    return status in expected if expected else HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _refusal(answer: Answer, context: Context) -> StepError:
    said = f"The service answered {answer.status} {_phrase(answer.status)}."
    if later := answer.headers.get("retry-after"):
        said += f" It asks to wait {later[:40]}{' s' if later.isdigit() else ''}."
    if text := (_text(answer) or "").strip():
        said += f" It said: {text if len(text) <= EXCERPT else text[:EXCERPT] + CUT}"
    passing = answer.status in PASSING or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return context.error("HttpUnavailable" if passing else "HttpError", said)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "(an unknown status)"


def _shown_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: MASK if name in KEPT_BACK else value for name, value in headers.items()}


def _body(answer: Answer) -> Any:
    """JSON as its value, text as text, nothing as null, and all else in base64."""
    if not answer.content:
        return None
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return json.loads(answer.content, parse_constant=_no_number)
        except ValueError:
            pass
    text = _text(answer)
    return text if text is not None else {"base64": base64.b64encode(answer.content).decode()}


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _text(answer: Answer) -> str | None:
    """The body as text; None where it is none, or not in the charset that it says."""
    charset = (
        answer.headers.get("content-type", "").partition("charset=")[2].partition(";")[0].strip(' "')
        or "utf-8"
    )
    try:
        text = answer.content.decode(charset)
    except (LookupError, ValueError):
        return None
    return None if "\0" in text else text
