"""Templates: JSON whose strings may hold ``${ expressions }``.

A string that is one expression gives the expression's value, typed. In a longer string every expression is
written into the text: texts as they are, all else as JSON. ``$${`` stands for ``${`` itself.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from .complaints import EvaluationError, ExpressionError
from .expressions import Expression, compile_expression
from .paths import Path
from .policies import Template

DEEPEST = 64
_QUOTES = ('"""', "'''", '"', "'")
_Part = str | Expression | ExpressionError


def references(template: Template) -> frozenset[tuple[str, ...]]:
    """Every path that the template's expressions read; flawed expressions read nothing."""
    found = (expression for _, expression in expressions_in(template))
    return frozenset().union(*(e.references for e in found if isinstance(e, Expression)))


def expressions_in(template: Template) -> tuple[tuple[Path, Expression | ExpressionError], ...]:
    """The template's expressions, each with its place."""
    return tuple(
        (path, part) for path, text in _texts(template) for part in _parts(text) if not isinstance(part, str)
    )


def pieces(text: str) -> tuple[str | Expression | ExpressionError, ...]:
    """A string as a row of texts and expressions."""
    return _parts(text)


def only_expression(text: Template) -> Expression | None:
    """The expression that ``text`` consists of; None where it is text, or text with expressions in it."""
    parts = _parts(text) if isinstance(text, str) else ()
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Expression) else None


def fill(template: Template, values: Mapping[str, Any]) -> Any:
    """The template with its expressions answered.

    Raises EvaluationError, which names the place.
    """
    return _fill(template, values, ())


def condition(text: str) -> Expression:
    """The expression of a condition, which may be written bare or as ``${ ... }``.

    Raises ExpressionError.
    """
    written = text.strip()
    parts = _parts(written) if written.startswith("${") else ()
    if len(parts) == 1 and not isinstance(parts[0], str):
        if isinstance(parts[0], ExpressionError):
            raise parts[0]
        return parts[0]
    return compile_expression(text)


def holds(text: str, values: Mapping[str, Any]) -> bool:
    """Whether a condition is true on these values.

    Raises EvaluationError, also where the answer is neither true nor false and where it does not compile.
    """
    try:
        expression = condition(text)
    except ExpressionError as error:
        raise EvaluationError(text, error.reason) from None
    answer = expression.evaluate(values)
    if not isinstance(answer, bool):
        raise EvaluationError(
            text, f"a condition must be true or false, and this is {json.dumps(answer)[:40]}"
        )
    return answer


def _fill(template: Template, values: Mapping[str, Any], path: Path) -> Any:
    if isinstance(template, str):
        return _fill_text(template, values, path)
    if len(path) > DEEPEST:
        raise EvaluationError("…", "the template is nested too deeply", path[:4])
    if isinstance(template, Mapping):
        return {name: _fill(inner, values, (*path, name)) for name, inner in template.items()}
    if isinstance(template, list | tuple):
        return [_fill(inner, values, (*path, index)) for index, inner in enumerate(template)]
    return template


def _fill_text(text: str, values: Mapping[str, Any], path: Path) -> Any:
    if "${" not in text:
        return text
    parts = _parts(text)
    answers = [part if isinstance(part, str) else _answer(part, values, path) for part in parts]
    return answers[0] if len(parts) == 1 else "".join(map(_written, answers))


def _answer(part: Expression | ExpressionError, values: Mapping[str, Any], path: Path) -> Any:
    if isinstance(part, ExpressionError):
        raise EvaluationError(part.text, part.reason, path)
    try:
        return part.evaluate(values)
    except EvaluationError as error:
        raise error.at(path) from None


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _texts(template: Template) -> Iterator[tuple[Path, str]]:
    """Every string of the template that may hold an expression, in order."""
    waiting: list[tuple[Path, Template]] = [((), template)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and "${" in value:
            yield path, value
        elif isinstance(value, Mapping):
            waiting += [((*path, name), inner) for name, inner in reversed(list(value.items()))]
        elif isinstance(value, list | tuple):
            waiting += [((*path, index), value[index]) for index in reversed(range(len(value)))]


@lru_cache(maxsize=4_096)
def _parts(text: str) -> tuple[_Part, ...]:
    """A string as a row of texts and expressions."""
    parts: list[_Part] = []
    plain, at = "", 0
    while (start := text.find("${", at)) >= 0:
        if text[start - 1 : start] == "$" and start > at:
            plain, at = plain + text[at : start - 1] + "${", start + 2
            continue
        plain += text[at:start]
        end = _end_of(text, start + 2)
        parts += [plain] if plain else []
        parts.append(_compiled(text[start + 2 : end]) if end >= 0 else _unclosed(text[start:]))
        plain, at = "", end + 1 if end >= 0 else len(text)
    plain += text[at:]
    return (*parts, plain) if plain or not parts else tuple(parts)


def _compiled(text: str) -> Expression | ExpressionError:
    try:
        return compile_expression(text.strip())
    except ExpressionError as error:
        return error


def _unclosed(text: str) -> ExpressionError:
    return ExpressionError(
        text, "“${” opens an expression that no “}” closes. Write $${ for the signs themselves"
    )


def _end_of(text: str, at: int) -> int:
    """Where the expression that starts at ``at`` is closed; -1 where it is not."""
    depth = 0
    while at < len(text):
        if text[at] in "\"'":
            at = _end_of_quote(text, at)
            continue
        if text[at] == "}" and not depth:
            return at
        depth += (text[at] == "{") - (text[at] == "}")
        at += 1
    return -1


def _end_of_quote(text: str, at: int) -> int:
    quote = next(quote for quote in _QUOTES if text.startswith(quote, at))
    raw = text[at - 1] in "rR" and at > 0
    at += len(quote)
    while at < len(text) and not text.startswith(quote, at):
        at += 1 if raw or text[at] != "\\" else 2
    return at + len(quote)
