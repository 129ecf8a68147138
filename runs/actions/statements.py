"""The hot path's statements, spelled once, kept, and sent together.

Completing one step and starting the next is a handful of single-row statements. The ORM spends several times
the commit on spelling them anew each time, and a trip to the database on each. So these few are put together
once for each set of columns, and go to the driver as they are: PostgreSQL gets them in one trip, SQLite one by one.
Rows of one table go in together, whatever run they are of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import batched, chain
from typing import Any

import psycopg
from django.db import connection, models

from .columns import Model, columns, prepared, row_of, spelled

PREPARED_AFTER = 5  # uses: from then on PostgreSQL keeps a statement's plan
AT_ONCE = 100  # rows, most of the time: few lengths, so that their plans are kept
MOST_KEPT = 256  # texts of each kind: every number of rows has one of its own, for every set of columns


@dataclass(slots=True)
class Answer:
    """What a statement found, once its trip is made: how many rows it touched, and those it gives back."""

    count: int = 0
    rows: list[Sequence[Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    values: Sequence[Any]
    answer: Answer = field(default_factory=Answer)


class Trip:
    """Statements in an open transaction: first all new rows, table by table, then the others in their order."""

    def __init__(self) -> None:
        self.added: dict[Model, list[Mapping[str, Any]]] = {}
        self.statements: list[Statement] = []

    def lock(self, model: Model, keys: Iterable[Any], names: tuple[str, ...] = ()) -> Answer:
        """Select rows for update, in the order of their keys: these columns, or all (see `found`)."""
        wanted = sorted(keys)
        if not wanted:
            return Answer()
        sql = _lock_sql(model, names or columns(model), len(wanted))
        return self._say(sql, [key_of(model, key) for key in wanted])

    def insert(self, model: Model, rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert rows. What a row does not name is null."""
        if new := list(rows):
            self.added.setdefault(model, []).extend(new)

    def insert_one(self, model: Model, row: Mapping[str, Any]) -> Answer:
        """Insert a row; the answer's first row holds its id."""
        names = tuple(row)
        return self._say(_insert_sql(model, names, 1) + " RETURNING id", prepared(model, names, row))

    def update(self, model: Model, where: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        names, by = tuple(row), tuple(where)
        self._say(_update_sql(model, names, by), prepared(model, names, row) + prepared(model, by, where))

    def claim(self, model: Model, keys: Iterable[Any], row: Mapping[str, Any]) -> Answer:
        """Give those of the rows that nobody holds to a worker: the answer's rows are their ids and tokens."""
        wanted, names = sorted(keys), tuple(row)
        return self._say(_claim_sql(model, names, len(wanted)), prepared(model, names, row) + wanted)

    def delete(self, model: Model, where: Mapping[str, Any]) -> Answer:
        """Delete the rows where all of ``where`` is equal. Nothing may refer to them."""
        by = tuple(where)
        return self._say(_delete_sql(model, by), prepared(model, by, where))

    def make(self) -> None:
        with connection.wrap_database_errors:
            if connection.vendor == "postgresql":
                self._pipe()
            else:
                self._send_one_by_one()

    def _send_one_by_one(self) -> None:
        cursor = _driver().cursor()
        for model, rows in self.added.items():
            names = _names(rows)
            cursor.executemany(_insert_sql(model, names, 1), [prepared(model, names, row) for row in rows])
        for statement in self.statements:
            _read(cursor.execute(statement.sql, statement.values), statement.answer)

    def _pipe(self) -> None:
        """Past Django's cursors, which spell every value into the text, and past the driver's own marks, which it looks
        for anew in each long text: these statements are parsed once."""
        driver = _driver()
        driver.prepare_threshold = PREPARED_AFTER
        said = [*self._inserts(), *self.statements]
        with driver.pipeline():
            sent = [psycopg.RawCursor(driver).execute(one.sql, one.values) for one in said]
        for cursor, statement in zip(sent, said, strict=True):
            _read(cursor, statement.answer)

    def _inserts(self) -> Iterator[Statement]:
        for model, rows in self.added.items():
            names = _names(rows)
            for some in batched(rows, AT_ONCE):
                values = [value for row in some for value in prepared(model, names, row)]
                yield Statement(_insert_sql(model, names, len(some)), values)

    def _say(self, sql: str, values: Sequence[Any]) -> Answer:
        statement = Statement(sql, values)
        self.statements.append(statement)
        return statement.answer


def found[M: models.Model](model: type[M], answer: Answer) -> dict[Any, M]:
    """The rows that a lock found, by key."""
    rows = (row_of(model, values) for values in answer.rows)
    return {row.pk: row for row in rows}


def key_of(model: Model, key: Any) -> Any:
    """The key as the driver is given it, and gives it back."""
    [prepared_key] = prepared(model, ("id",), {"id": key})
    return prepared_key


def _driver() -> Any:
    """The driver's connection, opened if need be, with the transaction that is open in it."""
    connection.ensure_connection()
    return connection.connection


def _read(cursor: Any, answer: Answer) -> None:
    answer.count = cursor.rowcount
    if cursor.description:
        answer.rows = cursor.fetchall()


def _names(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(rows)))


def _marks(count: int) -> str:
    return ", ".join(["?"] * count)


def _numbered(sql: str) -> str:
    """With the marks that the driver sends on as they are: PostgreSQL's have numbers."""
    if connection.vendor == "sqlite":
        return sql
    first, *others = sql.split("?")
    return first + "".join(f"${number}{text}" for number, text in enumerate(others, start=1))


@lru_cache(maxsize=MOST_KEPT)
def _lock_sql(model: Model, names: tuple[str, ...], keys: int) -> str:
    found = ", ".join(spelled(model, name) for name in names)
    locking = " FOR NO KEY UPDATE" if connection.features.has_select_for_update else ""
    which = f"{spelled(model, 'id')} IN ({_marks(keys)}) ORDER BY {spelled(model, 'id')}"
    return _numbered(f'SELECT {found} FROM "{model._meta.db_table}" WHERE {which}{locking}')


@lru_cache(maxsize=MOST_KEPT)
def _insert_sql(model: Model, names: tuple[str, ...], rows: int) -> str:
    into = ", ".join(spelled(model, name) for name in names)
    values = ", ".join([f"({_marks(len(names))})"] * rows)
    return _numbered(f'INSERT INTO "{model._meta.db_table}" ({into}) VALUES {values}')


@lru_cache(maxsize=MOST_KEPT)
def _update_sql(model: Model, names: tuple[str, ...], where: tuple[str, ...]) -> str:
    changes = ", ".join(f"{spelled(model, name)} = {_marks(1)}" for name in names)
    return _numbered(f'UPDATE "{model._meta.db_table}" SET {changes} WHERE {_condition(model, where)}')


@lru_cache(maxsize=MOST_KEPT)
def _claim_sql(model: Model, names: tuple[str, ...], keys: int) -> str:
    changes = ", ".join(f"{spelled(model, name)} = {_marks(1)}" for name in names)
    free = f"id IN ({_marks(keys)}) AND {spelled(model, 'worker')} IS NULL"
    return _numbered(
        f'UPDATE "{model._meta.db_table}" SET {changes}, token = token + 1 WHERE {free} RETURNING id, token'
    )


@lru_cache(maxsize=MOST_KEPT)
def _delete_sql(model: Model, where: tuple[str, ...]) -> str:
    return _numbered(f'DELETE FROM "{model._meta.db_table}" WHERE {_condition(model, where)}')


def _condition(model: Model, names: tuple[str, ...]) -> str:
    return " AND ".join(f"{spelled(model, name)} = {_marks(1)}" for name in names)
