"""Values as people write them in a field, and as templates hold them.

In a field stands an expression (``input.order_id``), a constant as JSON (``"EUR"``, ``5``), or a text with
expressions in it (``ends in ${ input.card.last4 }``). A template holds the first as ``${ input.order_id }``.
"""

import json
from typing import Any

from django.core.exceptions import ValidationError

from designer.graph import ExpressionError, Template, condition, expressions_in, only_expression


class Absent:
    """Nothing was written: not even null."""


ABSENT = Absent()


def read_value(text: str) -> Template | Absent:
    """The template that ``text`` stands for. Raises ValidationError where an expression does not compile."""
    written = text.strip()
    if not written:
        return ABSENT
    template = _constant(written)
    if template is ABSENT:
        template = written if "${" in written else f"${{ {written} }}"
    check_expressions(template)
    return template


def write_value(template: Template | Absent) -> str:
    """The text that `read_value` reads as ``template``."""
    if isinstance(template, Absent):
        return ""
    if not isinstance(template, str):
        return json.dumps(template, ensure_ascii=False)
    return _inside(template) if "${" in template else json.dumps(template, ensure_ascii=False)


def read_condition(text: str) -> str:
    """Raises ValidationError."""
    written = text.strip()
    if not written:
        return ""
    try:
        condition(written)
    except ExpressionError as error:
        raise ValidationError(str(error)) from None
    return written if written.startswith("${") else f"${{ {written} }}"


def write_condition(text: str) -> str:
    return _inside(text) if text.startswith("${") else text


def read_text(text: str) -> str:
    """A text that may hold expressions. Raises ValidationError."""
    check_expressions(text)
    return text


def check_expressions(template: Template) -> None:
    """Raises ValidationError."""
    for _, found in expressions_in(template):
        if isinstance(found, ExpressionError):
            raise ValidationError(str(found))


def _constant(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return ABSENT


def refuse_constant(word: str) -> None:
    """NaN and Infinity, which Python reads and JSON does not know."""
    raise ValueError(word)


def _inside(template: str) -> str:
    """What stands between the brackets, where the template is one expression and nothing else."""
    expression = only_expression(template)
    inner = template.strip().removeprefix("${").removesuffix("}").strip()
    return inner if expression is not None and expression.text == inner and "${" not in inner else template
