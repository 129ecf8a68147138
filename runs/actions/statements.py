"""The hot path's statements, spelled once and kept.

Completing one step and starting the next is a handful of single-row statements. The ORM spends several times
the commit on spelling them anew each time, so these few are put together once for each set of columns. Values
are still prepared by the models' fields, so both databases get what the ORM would have given them.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models


def blank(model: type[models.Model]) -> dict[str, Any]:
    """A row of defaults, by column, without the id that the database gives."""
    return {
        field.attname: field.get_default()
        for field in model._meta.local_concrete_fields
        if not field.primary_key
    }


def insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns."""
    if not rows:
        return
    names = tuple(rows[0])
    values = [value for row in rows for value in _prepared(model, row)]
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(model, names, len(rows)), values)


def insert_one(model: type[models.Model], row: Mapping[str, Any]) -> int:
    """Insert a row and give back its id."""
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(model, tuple(row), 1) + " RETURNING id", _prepared(model, row))
        return int(cursor.fetchone()[0])


def delete(model: type[models.Model], where: Mapping[str, Any]) -> int:
    """Delete the rows where all of ``where`` is equal; how many there were. Nothing may refer to them."""
    with connection.cursor() as cursor:
        cursor.execute(_delete_sql(model, tuple(where)), _prepared(model, where))
        return int(cursor.rowcount)


class Batch:
    """Statements whose results nobody needs. PostgreSQL gets them in one trip, SQLite one after the other."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, list[Any]]] = []

    def insert(self, model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            values = [value for row in rows for value in _prepared(model, row)]
            self.statements.append((_insert_sql(model, tuple(rows[0]), len(rows)), values))

    def update(self, model: type[models.Model], where: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        values = [*_prepared(model, row), *_prepared(model, where)]
        self.statements.append((_update_sql(model, tuple(row), tuple(where)), values))

    def run(self) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                together = "; ".join(sql for sql, _ in self.statements)
                cursor.execute(together, [value for _, values in self.statements for value in values])
                return
            for sql, values in self.statements:
                cursor.execute(sql, values)


PLAIN = frozenset({str, int, bool, type(None)})  # what every database takes as it is


def _prepared(model: type[models.Model], row: Mapping[str, Any]) -> list[Any]:
    here = connections[DEFAULT_DB_ALIAS]  # looked up once, and not for every value
    return [
        value if type(value) in PLAIN else _field(model, name).get_db_prep_save(value, here)
        for name, value in row.items()
    ]


@cache
def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    field = model._meta.get_field(name.removesuffix("_id"))
    assert isinstance(field, models.Field)
    return field


def _column(model: type[models.Model], name: str) -> str:
    return f'"{_field(model, name).column}"'


@cache
def _insert_sql(model: type[models.Model], names: tuple[str, ...], rows: int) -> str:
    columns = ", ".join(_column(model, name) for name in names)
    values = ", ".join([f"({', '.join(['%s'] * len(names))})"] * rows)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {values}'


@cache
def _update_sql(model: type[models.Model], names: tuple[str, ...], where: tuple[str, ...]) -> str:
    columns = ", ".join(f"{_column(model, name)} = %s" for name in names)
    return f'UPDATE "{model._meta.db_table}" SET {columns} WHERE {_condition(model, where)}'


@cache
def _delete_sql(model: type[models.Model], where: tuple[str, ...]) -> str:
    return f'DELETE FROM "{model._meta.db_table}" WHERE {_condition(model, where)}'


def _condition(model: type[models.Model], names: tuple[str, ...]) -> str:
    return " AND ".join(f"{_column(model, name)} = %s" for name in names)
