"""Type hints read as JSON Schema.

Tables before code: a plain type is looked up, a generic one goes to the reader of its origin, and what is in
neither table is refused with a sentence, because a contract that says "anything" by accident protects nobody.
"""

import types
import typing
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, NotRequired, Required, Union, is_typeddict

from designer.catalog.constraints import Constraint, constrain
from designer.catalog.failures import ContractViolation, DeclarationRefused
from designer.catalog.values import bare, to_json

type Schema = dict[str, Any]

PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    None: {"type": "null"},
    types.NoneType: {"type": "null"},
    list: {"type": "array"},
    dict: {"type": "object"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Any: {},
    object: {},
}
JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", types.NoneType: "null"}


def schema_of(hint: Any, place: str, *, closed: bool, within: tuple[Any, ...] = ()) -> Schema:
    """The schema of a hint.

    `closed` objects refuse fields they do not name; `within` are the classes being read, to notice a circle.
    """
    hint = bare(hint)
    if _hashable(hint) and hint in PLAIN:
        return dict(PLAIN[hint])
    if hint in within:
        raise DeclarationRefused(
            f"{place}: {hint.__name__} contains itself, which a contract cannot express yet."
        )
    reader = ORIGINS.get(typing.get_origin(hint)) or _reader_of_class(hint)
    if reader is None:
        raise DeclarationRefused(
            f"{place}: {getattr(hint, '__name__', hint)!s} cannot be expressed as JSON; use str, int, float, bool, "
            "None, list[...], dict[str, ...], Literal, Optional, Enum, date, datetime, a dataclass or a TypedDict."
        )
    return reader(hint, place, closed, within)


def with_default(schema: Schema, default: Any, place: str) -> Schema:
    try:
        return schema | {"default": to_json(default, place)}
    except ContractViolation as violation:
        raise DeclarationRefused(f"The default of {violation}") from None


def object_schema(properties: dict[str, Schema], required: list[str], *, closed: bool) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "required": required}
    return schema | {"additionalProperties": False} if closed else schema


def _hashable(hint: Any) -> bool:
    return typing.get_origin(hint) is None and isinstance(hint, Hashable)


def _reader_of_class(hint: Any) -> "Reader | None":
    if is_typeddict(hint):
        return _typed_dict
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum
    return None


def _array(hint: Any, place: str, closed: bool, within: tuple[Any, ...]) -> Schema:
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is tuple and (len(arguments) != 2 or arguments[1] is not Ellipsis):
        raise DeclarationRefused(
            f"{place}: a tuple of fixed length cannot be expressed; use list[...] or a dataclass."
        )
    return {"type": "array", "items": schema_of(arguments[0], f"{place}[]", closed=closed, within=within)}


def _mapping(hint: Any, place: str, closed: bool, within: tuple[Any, ...]) -> Schema:
    key, value = typing.get_args(hint)
    if bare(key) is not str:
        raise DeclarationRefused(f"{place}: the keys of a JSON object are text; write dict[str, ...].")
    values = schema_of(value, f"{place}.*", closed=closed, within=within)
    return {"type": "object", "additionalProperties": values} if values else {"type": "object"}


def _enumerated(values: Sequence[Any], place: str) -> Schema:
    kinds = {JSON_TYPES.get(type(value)) for value in values}
    if None in kinds:
        raise DeclarationRefused(f"{place}: a choice is made of text, numbers, true, false or null.")
    schema: Schema = {"enum": list(values)}
    return {"type": kinds.pop()} | schema if len(kinds) == 1 else schema


def _literal(hint: Any, place: str, closed: bool, within: tuple[Any, ...]) -> Schema:
    return _enumerated(typing.get_args(hint), place)


def _enum(hint: Any, place: str, closed: bool, within: tuple[Any, ...]) -> Schema:
    return _enumerated([to_json(member, place) for member in hint], place)


def _union(hint: Any, place: str, closed: bool, within: tuple[Any, ...]) -> Schema:
    members = [schema_of(member, place, closed=closed, within=within) for member in typing.get_args(hint)]
    null = {"type": "null"}
    rest = [member for member in members if member != null]
    if (
        len(rest) == 1
        and len(members) == 2
        and isinstance(rest[0].get("type"), str)
        and "enum" not in rest[0]
    ):
        return rest[0] | {"type": [rest[0]["type"], "null"]}
    return {"anyOf": members}


def _annotated(hint: Any, place: str, closed: bool, within: tuple[Any, ...]) -> Schema:
    inner, *notes = typing.get_args(hint)
    schema = schema_of(inner, place, closed=closed, within=within)
    for note in notes:
        if isinstance(note, Constraint):
            schema = constrain(schema, note, place)
    return schema


def _unwrapped(hint: Any, place: str, closed: bool, within: tuple[Any, ...]) -> Schema:
    return schema_of(typing.get_args(hint)[0], place, closed=closed, within=within)


def _typed_dict(hint: Any, place: str, closed: bool, within: tuple[Any, ...]) -> Schema:
    """As an output it stays open: a step may hand on a foreign reply that says more than it promises."""
    hints = typing.get_type_hints(hint, include_extras=True)
    properties = {
        name: schema_of(inner, f"{place}.{name}", closed=closed, within=(*within, hint))
        for name, inner in hints.items()
    }
    return object_schema(properties, sorted(hint.__required_keys__, key=list(hints).index), closed=closed)


def _dataclass(hint: Any, place: str, closed: bool, within: tuple[Any, ...]) -> Schema:
    hints = typing.get_type_hints(hint, include_extras=True)
    properties, required = {}, []
    for field in fields(hint):
        at = f"{place}.{field.name}"
        schema = schema_of(hints[field.name], at, closed=closed, within=(*within, hint))
        if _has_default(field):
            schema = schema if field.default is MISSING else with_default(schema, field.default, at)
        else:
            required.append(field.name)
        properties[field.name] = schema
    return object_schema(properties, required, closed=True)


def _has_default(field: "Field[Any]") -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


Reader = Callable[[Any, str, bool, tuple[Any, ...]], Schema]

ORIGINS: dict[Any, Reader] = {
    list: _array,
    tuple: _array,
    Sequence: _array,
    dict: _mapping,
    Mapping: _mapping,
    Literal: _literal,
    Union: _union,
    types.UnionType: _union,
    Annotated: _annotated,
    Required: _unwrapped,
    NotRequired: _unwrapped,
}
