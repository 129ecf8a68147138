"""Runs by the hundred thousand for W7, made by the database itself: copies of one that really ran, or that waits.

Their ids are of the last 30 days and in order, as those of real runs are. Asked for by `tests.bench.growth`.
"""

import statistics
import time
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from designer.models import Version
from runs.actions import start_run
from runs.models import JournalEntry, Run, StepRun, Subscription, Work
from tests.actions.flows import flow
from tests.bench.measure import chain, milliseconds_a_step, seconds_of_runs
from tests.factories import Hand, a_version

PART = 100_000  # runs in one transaction
MONTH = 30 * 86_400 * 1000  # milliseconds
FINISHED = flow(done={"kind": "succeed", "output": {"done": True}})
TIMED = flow(wait={"kind": "wait", "for": "720h"})
CALLED = flow(wait={"kind": "wait", "signal": {"name": "bench.call", "key": "never"}})
TABLES: tuple[type[models.Model], ...] = (Run, StepRun, JournalEntry, Work, Subscription)
SERIES = {
    "sqlite": (
        "WITH RECURSIVE series(n) AS (SELECT {0} UNION ALL SELECT n + 1 FROM series WHERE n + 1 < {1})",
        "series",
        "printf('%012x7%03x8%015x', {0} + n, 0, n)",
    ),
    "postgresql": (
        "",
        "generate_series({0}::bigint, {1} - 1) AS series(n)",
        "(lpad(to_hex({0} + n), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid",
    ),
}


def seed(*, waiting: bool, first: int, last: int) -> float:
    """From the ``first`` run to before the ``last`` one, all of them over, or half on a timer and half on a signal.

    Gives the seconds that it took.
    """
    began, start = time.time(), int(time.time() * 1000) - MONTH
    originals = [brought_to_rest(document) for document in ((TIMED, CALLED) if waiting else (FINISHED,))]
    share = (last - first) // len(originals)
    for number, original in enumerate(originals):
        begin = first + number * share
        for part in range(begin, begin + share, PART):
            copy(original, start, part, min(part + PART, begin + share))
    tidy_up()
    return time.time() - began


def brought_to_rest(document: dict[str, Any]) -> UUID:
    """A run that nobody can do anything for."""
    run = start_run(version=a_version(document), inputs={})
    hand = Hand()
    for _ in range(3):
        assert hand.claim() == []
    return run.pk


def copy(original: UUID, start: int, first: int, last: int) -> None:
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous = OFF")
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # No triggers: all that is copied refers to what is copied too.
            cursor.execute("SET LOCAL session_replication_role = replica")
        for model in TABLES:
            value = Run._meta.pk.get_db_prep_value(original, connection)
            cursor.execute(copying(model, start, first, last), [value])
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous = FULL")


def copying(model: type[models.Model], start: int, first: int, last: int) -> str:
    """The statement that adds one of each of the rows of a run for each number."""
    before, series, new = SERIES[connection.vendor]
    owner = "id" if model is Run else "run_id"
    columns = [field.column for field in model._meta.local_concrete_fields]
    columns = [name for name in columns if name != "id" or model is Run]
    values = [new.format(start) if name == owner else f'o."{name}"' for name in columns]
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in columns)
    return (
        f'INSERT INTO "{table}" ({names}) {before.format(first, last)} SELECT {", ".join(values)}'
        f' FROM {series.format(first, last)} JOIN "{table}" o ON o."{owner}" = %s ORDER BY n'
    )


def tidy_up() -> None:
    """As the server does by itself in time."""
    with connection.cursor() as cursor:
        for statement in (
            ("PRAGMA wal_checkpoint(TRUNCATE)",)
            if connection.vendor == "sqlite"
            else ("VACUUM ANALYZE", "CHECKPOINT")
        ):
            cursor.execute(statement)


def rows() -> dict[str, int]:
    return {model._meta.db_table: model._default_manager.count() for model in TABLES}


@cache
def long_chain(length: int) -> Version:
    return a_version(chain(length))


def cost(*, steps: int, runs: int, length: int) -> tuple[float, float]:
    """Milliseconds a step: of one run of so many ``steps``, and of so many ``runs`` side by side."""
    # One is over so soon that a single commit which has to wait would be the figure.
    one = statistics.median(milliseconds_a_step(long_chain(steps), steps) for _ in range(3))
    return one, seconds_of_runs(long_chain(length), runs) * 1000 / (runs * length)
