"""Secrets, read by nobody but the step type that is called, and fields that most people may not see."""

from collections.abc import Iterator

from designer.graph.expressions import Expression
from designer.graph.paths import Path, dotted
from designer.graph.sensitivity import is_marked

from .problem import Found, asked, closest
from .view import View

AS_IT_IS = "${ secret.name }"


def secret_not_whole(view: View) -> Iterator[Found]:
    """The engine never has the value, so there is nothing that an expression could work on."""
    for use, expression in view.reads:
        read = [path for path in expression.paths if path[0] == "secret" and "secret" in use.slot.sees]
        if read and not _as_it_is(expression, read[0]):
            message = f"A secret can only be handed on as it is: write {AS_IT_IS}, alone or in a longer text."
            yield Found(message, use.slot.key, use.field)


def business_key_tells(view: View) -> Iterator[Found]:
    """Lists show it, and are searched by it: whoever may guess may find out."""
    for use, path in view.paths:
        told = use.slot.key is None and use.field == "business_key" and path[0] == "input"
        if told and is_marked(view.graph.input, path[1:]):
            sentence = f"“{dotted(path)}” is marked as sensitive, but everybody sees the business key."
            yield Found(f"{sentence} Make it of other fields.", field="business_key")


def unknown_secret(view: View) -> Iterator[Found]:
    if view.secrets is None:
        return
    for use, path in view.paths:
        if path[0] == "secret" and len(path) == 2 and path[1] not in view.secrets:
            meant = asked(closest(str(path[1]), view.secrets))
            message = f"There is no secret “{path[1]}” that this workflow may name. An administrator can add it.{meant}"
            yield Found(message, use.slot.key, use.field)


def _as_it_is(expression: Expression, path: Path) -> bool:
    return expression.plain == path and len(path) == 2
