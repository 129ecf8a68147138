"""Pages by cursor: each goes on after the last row of the one before, whatever was added meanwhile."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet
from rest_framework.request import Request

from .problems import Problem

LARGEST_NUMBER = 2**31 - 1


def cut[Row: Model](
    rows: QuerySet[Row], request: Request, asked: Mapping[str, Any], *, by: str, newest_first: bool = False
) -> tuple[list[Row], str | None]:
    """One page of ``rows`` in the order of the column ``by``, and the address of the next. Raises Problem."""
    if cursor := asked.get("cursor"):
        rows = rows.filter(**{f"{by}__{'lt' if newest_first else 'gt'}": _after(rows.model, by, cursor)})
    limit = asked["limit"]
    found = list(rows.order_by(f"-{by}" if newest_first else by)[: limit + 1])
    if len(found) <= limit:
        return found, None
    return found[:limit], next_address(request, getattr(found[limit - 1], by))


def next_address(request: Request, last: Any) -> str:
    parameters = request.query_params.copy()
    parameters["cursor"] = base64.urlsafe_b64encode(str(last).encode()).decode().rstrip("=")
    return request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")


def _after(model: type[Model], by: str, cursor: str) -> Any:
    """The value that a cursor stands for. Raises Problem."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        column = model._meta.get_field(by)
        value = column.to_python(text) if isinstance(column, Field) else None
    except (binascii.Error, ValueError, ValidationError):
        value = None
    if value is None or "\0" in str(value) or (isinstance(value, int) and not 0 <= value <= LARGEST_NUMBER):
        sentence = "This is no cursor of this list. Take the one in `next`, or leave it out to begin anew."
        raise Problem("bad-parameter", sentence, [{"parameter": "cursor", "detail": sentence}])
    return value
