"""What a run weighs in the database, and what it costs it: bytes of tables and indexes, rows, commits, log."""

from typing import Any

from django.db import connection

from runs.models import Run
from tests.scale.hosts import Workers, wait_for_workers
from tests.scale.pace import KINDS, STEPS, chain, steps_a_second

RUNS = 1_000
SIZES = """
    SELECT relname, pg_table_size(relid), pg_indexes_size(relid), n_live_tup FROM pg_stat_user_tables
    WHERE relname LIKE 'runs_%' AND n_live_tup > 0 ORDER BY pg_total_relation_size(relid) DESC
"""


def weight(one: Workers) -> dict[str, Any]:
    """By a thousand runs of ten steps that do nothing, on empty tables, with one host working."""
    one.start()
    wait_for_workers([one])
    with connection.cursor() as cursor:
        before = counters(cursor)
    rate = steps_a_second(chain("weighed", KINDS["nothing"][0]), RUNS)
    assert Run.objects.count() == RUNS
    one.stop()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        after = counters(cursor)
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute(SIZES)
        tables = {
            name: {
                "bytes": round(data / RUNS),
                "of_indexes": round(indexes / RUNS),
                "rows": round(rows / RUNS, 1),
            }
            for name, data, indexes, rows in cursor.fetchall()
        }
    spent = {name: round((after[name] - before[name]) / RUNS, 1) for name in after}
    return {"runs": RUNS, "steps": STEPS, "steps_a_second": round(rate), "tables": tables, "a_run": spent}


def counters(cursor: Any) -> dict[str, float]:
    cursor.execute(
        "SELECT xact_commit, tup_inserted, tup_updated, tup_deleted, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
        " FROM pg_stat_database WHERE datname = current_database()"
    )
    names = ("commits", "rows_inserted", "rows_updated", "rows_deleted", "bytes_of_log")
    return dict(zip(names, map(float, cursor.fetchone()), strict=True))
