"""How an operation is described: what `/api/v1/schema/` and the docs page are made from."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description='The `ETag` of the draft you read, such as "7". If the draft has changed since, nothing is done.',
)


def operation(
    name: str,
    summary: str,
    *,
    tag: str,
    answer: Any = None,
    status: int = 200,
    said: str = "",
    also: Mapping[int, str] | None = None,
    asks: Sequence[Any] = (),
    takes: Any = None,
    example: Any = None,
) -> Callable[[Any], Any]:
    """An operation: its id and what it does, what it answers, and which problems are its own.

    ``also`` holds further statuses by the names of their problems, in words; a 2xx is the same answer again.
    ``example`` is a body to send.
    """
    answers: dict[Any, Any] = {status: OpenApiResponse(answer, description=said or summary)}
    for code, sentence in (also or {}).items():
        answers[code] = OpenApiResponse(answer if code < 300 else None, description=sentence)
    examples = [OpenApiExample("example", value=example, request_only=True)] if example is not None else []
    return extend_schema(
        operation_id=name,
        summary=summary,
        tags=[tag],
        parameters=list(asks),
        request=takes,
        responses=answers,
        examples=examples,
    )
