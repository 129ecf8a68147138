"""JSON values out of what a step returns, and a step's own types out of JSON values."""

import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, NotRequired, Required, Union, is_typeddict

from designer.catalog.failures import ContractViolation

LARGEST_INTEGER = 2**63 - 1

type Convert = Callable[[Any], Any]


def to_json(value: Any, place: str) -> Any:
    """The value as JSON; a value that has no JSON form is a violation that names its place."""
    if isinstance(value, Enum):
        return to_json(value.value, place)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _storable(value, place)
    if isinstance(value, int | float):
        return _finite(value, place)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return {_name(key, place): to_json(item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item, f"{place}[{index}]") for index, item in enumerate(value)]
    raise ContractViolation(
        f"{place}: {type(value).__name__} has no JSON form; use text, numbers, lists, dicts or a dataclass."
    )


def _storable(text: str, place: str) -> str:
    """Not every database takes every text that Python can hold."""
    if "\0" in text:
        raise ContractViolation(f"{place}: the text holds a NUL character, which cannot be stored.")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ContractViolation(f"{place}: the text holds half of a surrogate pair, which is no character.")
    return text


def _finite(number: float, place: str) -> float:
    if isinstance(number, int) and abs(number) > LARGEST_INTEGER:
        raise ContractViolation(f"{place}: the whole number does not fit into 64 bits; give it as text.")
    if not math.isfinite(number):
        raise ContractViolation(f"{place}: {number} is not a JSON number.")
    return number


def _name(key: Any, place: str) -> str:
    if isinstance(key, str):
        return _storable(key, place)
    raise ContractViolation(f"{place}: the key {key!r} is not text.")


def converter(hint: Any) -> Convert:
    """How a JSON value that fits the hint's schema becomes what the function's author expects to be given."""
    hint = _bare(hint)
    if hint is float:
        return _as_float
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if hint in (datetime, date):
        return hint.fromisoformat  # type: ignore[no-any-return]
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass_converter(hint)
    if is_typeddict(hint):
        return _fields_converter(typing.get_type_hints(hint, include_extras=True))
    make = GENERIC.get(typing.get_origin(hint))
    return make(typing.get_args(hint)) if make else _as_it_is


def bare(hint: Any) -> Any:
    """The hint behind aliases and NewTypes."""
    while isinstance(hint, typing.TypeAliasType | typing.NewType):
        hint = hint.__value__ if isinstance(hint, typing.TypeAliasType) else hint.__supertype__
    return hint


def _bare(hint: Any) -> Any:
    """Unlike a schema, a value does not care for the constraints beside its type."""
    hint = bare(hint)
    while typing.get_origin(hint) in (Annotated, Required, NotRequired):
        hint = bare(typing.get_args(hint)[0])
    return hint


def _as_it_is(value: Any) -> Any:
    return value


def _as_float(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _list_converter(arguments: tuple[Any, ...]) -> Convert:
    convert = converter(arguments[0])
    return lambda value: [convert(item) for item in value]


def _tuple_converter(arguments: tuple[Any, ...]) -> Convert:
    convert = converter(arguments[0])
    return lambda value: tuple(convert(item) for item in value)


def _dict_converter(arguments: tuple[Any, ...]) -> Convert:
    convert = converter(arguments[1])
    return lambda value: {key: convert(item) for key, item in value.items()}


def _union_converter(arguments: tuple[Any, ...]) -> Convert:
    """The first member that takes the value; the schema has made sure that one does."""
    converters = [(_accepts(member), converter(member)) for member in arguments]

    def convert(value: Any) -> Any:
        return next((turn(value) for accepts, turn in converters if accepts(value)), value)

    return convert


def _accepts(member: Any) -> Callable[[Any], bool]:
    member = _bare(member)
    if member in (None, types.NoneType):
        return lambda value: value is None
    if isinstance(member, type) and is_dataclass(member):
        names = {field.name for field in fields(member)}
        return lambda value: isinstance(value, dict) and value.keys() <= names
    if isinstance(member, type) and issubclass(member, Enum):
        values = {item.value for item in member}
        return lambda value: not isinstance(value, list | dict) and value in values
    expected = JSON_FORMS.get(typing.get_origin(member) or member)
    if expected is None:
        return lambda value: True
    return lambda value: isinstance(value, expected) and (member is bool or not isinstance(value, bool))


def _fields_converter(hints: dict[str, Any]) -> Convert:
    converters = {name: converter(hint) for name, hint in hints.items()}
    return lambda value: {key: converters.get(key, _as_it_is)(item) for key, item in value.items()}


def _dataclass_converter(hint: Any) -> Convert:
    convert = _fields_converter(typing.get_type_hints(hint, include_extras=True))
    return lambda value: hint(**convert(value))


JSON_FORMS: dict[Any, Any] = {
    str: str,
    int: int,
    float: (int, float),
    bool: bool,
    list: list,
    tuple: list,
    Sequence: list,
    dict: dict,
    Mapping: dict,
    date: str,
    datetime: str,
}
GENERIC: dict[Any, Callable[[tuple[Any, ...]], Convert]] = {
    list: _list_converter,
    Sequence: _list_converter,
    tuple: _tuple_converter,
    dict: _dict_converter,
    Mapping: _dict_converter,
    Union: _union_converter,
    types.UnionType: _union_converter,
}
