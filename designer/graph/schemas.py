"""JSON Schemas (Draft 2020-12) held against values.

The only file that knows the validator. Schemas come from strangers: a ``$ref`` to another document is refused
rather than fetched, and patterns run on an engine that is linear in the text.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from .contracts import Schema
from .paths import dotted

SHOWN = 60  # characters of an offending value that a message repeats
TYPE_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_FORMATS = {"date-time": "2026-01-31T12:00:00Z", "date": "2026-01-31", "email": "ada@example.org"}


@dataclass(frozen=True, slots=True)
class Violation:
    path: str  # such as order.items[0].sku; empty for the value itself
    message: str  # reads on from the path: “is missing”


def violations(schema: Schema | bool, value: Any) -> tuple[Violation, ...]:
    """Where ``value`` is not what ``schema`` asks for; empty where it is."""
    try:
        validator = _validator_of(schema)
    except (jsonschema_rs.ValidationError, ValueError, TypeError, RecursionError) as error:
        return (Violation("", f"cannot be checked, because its schema is not usable: {_reason(error)}"),)
    try:
        return tuple(_violation(error) for error in validator.iter_errors(value))
    except (
        ValueError,
        TypeError,
        RecursionError,
    ) as error:  # lone surrogates, foreign objects, endless nesting
        return (Violation("", f"is not JSON: {error}"),)


def check_schema(schema: object) -> tuple[Violation, ...]:
    """Why ``schema`` cannot be used as a schema; empty where it can."""
    try:
        _validator(_canonical(schema))
    except jsonschema_rs.ValidationError as error:
        return (Violation(dotted(error.instance_path), _reason(error)),)
    except (ValueError, TypeError, RecursionError) as error:
        return (Violation("", f"is not JSON: {error}"),)
    return ()


def type_of(value: Any) -> str:
    """The JSON Schema type of a value."""
    for kind, name in _PYTHON_TYPES:
        if isinstance(value, kind):
            return name
    return "object"


_PYTHON_TYPES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"),
    (str, "string"),
    (int, "integer"),
    (float, "number"),
    ((list, tuple), "array"),
    (type(None), "null"),
)


def _canonical(schema: object) -> str:
    plain = dict(schema) if isinstance(schema, Mapping) else schema
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))


# A contract's schema is asked about at every step: it is held here, so that its id remains its own.
_held: dict[int, tuple[object, jsonschema_rs.Draft202012Validator]] = {}
MOST_HELD = 1_024


def _validator_of(schema: object) -> jsonschema_rs.Draft202012Validator:
    held = _held.get(id(schema))
    if held is None:
        if len(_held) >= MOST_HELD:
            _held.clear()
        held = _held[id(schema)] = (schema, _validator(_canonical(schema)))
    return held[1]


@lru_cache(maxsize=2_048)
def _validator(text: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        json.loads(text),
        validate_formats=True,
        offline=True,
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def _violation(error: Any) -> Violation:
    path = error.instance_path
    if error.kind.name == "required":
        return Violation(dotted([*path, error.kind.value]), "is missing")
    say = _SENTENCES.get(error.kind.name, _plainly)
    return Violation(dotted(path), say(error))


def _reason(error: BaseException) -> str:
    if not isinstance(error, jsonschema_rs.ValidationError):
        return str(error)
    if error.kind.name == "$ref" and "Retrieval is disabled" in error.message:
        return "“$ref” may only point into the schema itself, such as #/$defs/name."
    return _sentence_end(_clip(error.message, 200))


def _plainly(error: Any) -> str:
    return _clip(error.message, 200)


def _wrong_type(error: Any) -> str:
    wanted = " or ".join(TYPE_NAMES.get(name, name) for name in sorted(error.kind.types))
    return f"must be {wanted}, not {_shown(error.instance)}"


def _outside(error: Any) -> str:
    options = error.kind.options
    listed = ", ".join(_clip(json.dumps(option, ensure_ascii=False), 20) for option in options[:8])
    more = ", …" if len(options) > 8 else ""
    return f"must be one of {listed}{more}, not {_shown(error.instance)}"


def _bad_format(error: Any) -> str:
    name = error.kind.format
    example = f", such as {_FORMATS[name]}" if name in _FORMATS else ""
    return f"must be written as {name}{example}, not {_shown(error.instance)}"


def _unexpected(error: Any) -> str:
    names = ", ".join(f"“{name}”" for name in error.kind.unexpected[:5])
    return f"has fields that are not known here: {names}"


def _bound(words: str) -> Callable[[Any], str]:
    return lambda error: f"must be {words} {error.kind.limit}, not {_shown(error.instance)}"


def _count(words: str, noun: str) -> Callable[[Any], str]:
    return lambda error: f"must have {words} {error.kind.limit} {noun}, not {len(error.instance)}"


_SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "type": _wrong_type,
    "enum": _outside,
    "const": lambda error: (
        f"must be {_clip(json.dumps(error.kind.expected_value, ensure_ascii=False), SHOWN)}"
    ),
    "format": _bad_format,
    "pattern": lambda error: f"must match the pattern {error.kind.pattern}, not {_shown(error.instance)}",
    "additionalProperties": _unexpected,
    "unevaluatedProperties": _unexpected,
    "minimum": _bound("at least"),
    "maximum": _bound("at most"),
    "exclusiveMinimum": _bound("more than"),
    "exclusiveMaximum": _bound("less than"),
    "multipleOf": lambda error: (
        f"must be a multiple of {error.kind.multiple_of}, not {_shown(error.instance)}"
    ),
    "minLength": _count("at least", "characters"),
    "maxLength": _count("at most", "characters"),
    "minItems": _count("at least", "items"),
    "maxItems": _count("at most", "items"),
    "minProperties": _count("at least", "fields"),
    "maxProperties": _count("at most", "fields"),
    "uniqueItems": lambda error: "must not hold the same item twice",
    "falseSchema": lambda error: "must not be given",
    "anyOf": lambda error: f"fits none of its alternatives: {_shown(error.instance)}",
    "oneOf": lambda error: f"must fit exactly one of its alternatives: {_shown(error.instance)}",
}


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"the text “{_clip(value, SHOWN)}”" if value else "an empty text"
    if isinstance(value, list | dict):
        return TYPE_NAMES[type_of(value)]
    return json.dumps(value)


def _clip(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _sentence_end(text: str) -> str:
    return text if text.endswith((".", "…")) else f"{text}."
