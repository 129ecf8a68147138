"""What a column is given, and what is made of it again: as the ORM does it, worked out once for each column.

The ORM asks each field for each value whether it is aware, of the right kind and in need of conversion. The rows
of the hot path are made by the engine, which knows. Only moments, ids, durations and JSON differ by database.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from psycopg.types.json import Jsonb

type Adapter = Callable[[Any], Any]
type Model = type[models.Model]

# What every database takes as it is.
PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)


def blank(model: Model) -> dict[str, Any]:
    """A row of defaults, by column, without the id and the nulls that the database gives."""
    defaults = {field.attname: field.get_default() for field in model._meta.local_concrete_fields}
    return {name: value for name, value in defaults.items() if value is not None}


def prepared(model: Model, names: tuple[str, ...], row: Mapping[str, Any]) -> list[Any]:
    """The values of these columns, for the driver. What ``row`` does not name is null."""
    values = [row.get(name) for name in names]
    for position, adapt in _adapters(model, names):
        if values[position] is not None:
            values[position] = adapt(values[position])
    return values


def row_of[M: models.Model](model: type[M], values: Sequence[Any]) -> M:
    """The row whose columns, in the order of `columns`, a statement gave."""
    here, converted = connections[DEFAULT_DB_ALIAS], list(values)
    for position, convert, column in _converters(model):
        converted[position] = convert(converted[position], column, here)
    return model.from_db(DEFAULT_DB_ALIAS, columns(model), converted)


def row_to_insert(new: models.Model) -> dict[str, Any]:
    """A new object's row, without what is null. From now on it counts as saved; an id is what the database gives."""
    new._state.adding, new._state.db = False, DEFAULT_DB_ALIAS
    row = {name: vars(new)[name] for name in columns(type(new))}
    return {name: value for name, value in row.items() if value is not None}


@cache
def columns(model: Model) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


def spelled(model: Model, name: str) -> str:
    """The column's name as SQL has it."""
    return f'"{_field(model, name).column}"'


@cache
def _field(model: Model, name: str) -> "models.Field[Any, Any]":
    field = model._meta.get_field(name.removesuffix("_id"))
    assert isinstance(field, models.Field)
    return field


@cache
def _adapters(model: Model, names: tuple[str, ...]) -> tuple[tuple[int, Adapter], ...]:
    found = ((position, _adapter(_field(model, name))) for position, name in enumerate(names))
    return tuple((position, adapt) for position, adapt in found if adapt is not None)


def _adapter(field: "models.Field[Any, Any]") -> Adapter | None:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.JSONField):
        return _json_text if connection.vendor == "sqlite" else _json_value
    if isinstance(field, models.DateTimeField):
        return _moment_text if connection.vendor == "sqlite" else None
    if isinstance(field, models.UUIDField):
        return _hex if connection.vendor == "sqlite" else None
    if isinstance(field, PLAIN):
        return None
    return lambda value: field.get_db_prep_save(value, connections[DEFAULT_DB_ALIAS])


@lru_cache(maxsize=1_024)  # what follows from one fact is all of one moment
def _moment_text(moment: datetime) -> str:
    return str(moment.astimezone(UTC).replace(tzinfo=None))


def _hex(value: UUID) -> str:
    return value.hex


def _json_value(value: Any) -> Jsonb:
    return Jsonb(value, dumps=_json_text)


def _json_text(value: Any) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except (OverflowError, ValueError):  # an integer beyond 64 bits, half a character
        return json.dumps(value)


@cache
def _converters(model: Model) -> tuple[tuple[int, Any, Any], ...]:
    spelled_out = [field.get_col(model._meta.db_table) for field in model._meta.concrete_fields]
    found = model._default_manager.all().query.get_compiler(DEFAULT_DB_ALIAS).get_converters(spelled_out)
    return tuple(
        (position, convert, column) for position, (steps, column) in found.items() for convert in steps
    )
