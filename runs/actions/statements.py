"""The hot path's statements, spelled once, kept, and sent together.

Completing one step and starting the next is a handful of single-row statements. The ORM spends several times
the commit on spelling them anew each time, and a trip to the database on each. So these few are put together
once for each set of columns. Values are prepared and read by the models' fields, so both databases get, and
give, what the ORM would have made of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import psycopg
from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS, connection, connections, models

PREPARED_AFTER = 5  # uses: from then on the server keeps a statement's plan


def blank(model: type[models.Model]) -> dict[str, Any]:
    """A row of defaults, by column, without the id and the nulls that the database gives."""
    defaults = {field.attname: field.get_default() for field in model._meta.local_concrete_fields}
    return {name: value for name, value in defaults.items() if value is not None}


@dataclass(slots=True)
class Answer:
    """What a statement found, once its trip is made: how many rows it touched, and those it gives back."""

    count: int = 0
    rows: list[Sequence[Any]] = field(default_factory=list)


class Trip:
    """Statements in their order, in an open transaction. PostgreSQL gets them in one trip, SQLite one by one."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Sequence[Any], Answer]] = []

    def lock(self, model: type[models.Model], pk: Any) -> Answer:
        """Select a row for update; see `row_of`."""
        return self._say(_lock_sql(model), _prepared(model, {"id": pk}))

    def insert(self, model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows. What a row does not name is null."""
        if rows:
            names = tuple(dict.fromkeys(name for row in rows for name in row))
            full = [{name: row.get(name) for name in names} for row in rows]
            values = [value for row in full for value in _prepared(model, row)]
            self._say(_insert_sql(model, names, len(rows)), values)

    def insert_one(self, model: type[models.Model], row: Mapping[str, Any]) -> Answer:
        """Insert a row; the answer's first row holds its id."""
        return self._say(_insert_sql(model, tuple(row), 1) + " RETURNING id", _prepared(model, row))

    def update(self, model: type[models.Model], where: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        values = [*_prepared(model, row), *_prepared(model, where)]
        self._say(_update_sql(model, tuple(row), tuple(where)), values)

    def delete(self, model: type[models.Model], where: Mapping[str, Any]) -> Answer:
        """Delete the rows where all of ``where`` is equal. Nothing may refer to them."""
        return self._say(_delete_sql(model, tuple(where)), _prepared(model, where))

    def make(self) -> None:
        if connection.vendor == "postgresql":
            self._pipe()
        else:
            with connection.cursor() as cursor:
                for sql, values, answer in self.statements:
                    cursor.execute(sql, values)
                    _read(cursor, answer)

    def _pipe(self) -> None:
        """Past Django's cursors, which spell every value into the text: these statements are parsed once."""
        driver = connection.connection
        driver.prepare_threshold = PREPARED_AFTER
        with connection.wrap_database_errors, driver.pipeline():
            sent = [psycopg.Cursor(driver).execute(sql, values) for sql, values, _ in self.statements]
        for cursor, (_, _, answer) in zip(sent, self.statements, strict=True):
            _read(cursor, answer)

    def _say(self, sql: str, values: Sequence[Any]) -> Answer:
        answer = Answer()
        self.statements.append((sql, values, answer))
        return answer


def row_of[M: models.Model](model: type[M], answer: Answer) -> M:
    """The row that a lock found. Raises ObjectDoesNotExist."""
    if not answer.rows:
        raise ObjectDoesNotExist(f"There is no such {model._meta.verbose_name}.")
    here, values = connections[DEFAULT_DB_ALIAS], list(answer.rows[0])
    for position, convert, column in _converters(model):
        values[position] = convert(values[position], column, here)
    return model.from_db(DEFAULT_DB_ALIAS, _attributes(model), values)


def _read(cursor: Any, answer: Answer) -> None:
    answer.count = cursor.rowcount
    if cursor.description:
        answer.rows = cursor.fetchall()


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


@cache
def _attributes(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


@cache
def _converters(model: type[models.Model]) -> tuple[tuple[int, Any, Any], ...]:
    columns = [field.get_col(model._meta.db_table) for field in model._meta.concrete_fields]
    found = model._default_manager.all().query.get_compiler(DEFAULT_DB_ALIAS).get_converters(columns)
    return tuple(
        (position, convert, column) for position, (steps, column) in found.items() for convert in steps
    )


def _column(model: type[models.Model], name: str) -> str:
    return f'"{_field(model, name).column}"'


@cache
def _lock_sql(model: type[models.Model]) -> str:
    columns = ", ".join(_column(model, name) for name in _attributes(model))
    locking = " FOR NO KEY UPDATE" if connection.features.has_select_for_update else ""
    return f'SELECT {columns} FROM "{model._meta.db_table}" WHERE {_condition(model, ("id",))}{locking}'


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
