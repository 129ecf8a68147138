"""One database's figures, as JSON on the last line. Started by `tests.bench` with the environment set."""

import json
import os
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from designer.actions import add_destination
from runs.actions import start_run
from runs.models import Run
from tests.bench.slow_service import slow_service
from tests.factories import a_version
from tests.servers import Cluster, wait_until

STEPS = 100
RUNS, STEPS_EACH = 500, 10
BRANCHES = 200
CALLS = 1_000
LOOK = 0.25  # seconds: to ask more often would slow what is measured


def chain(length: int) -> dict[str, Any]:
    steps: dict[str, Any] = {
        f"s{number}": {"kind": "action", "does": "acme.noop"} for number in range(length)
    }
    for number in range(length - 1):
        steps[f"s{number}"]["next"] = f"s{number + 1}"
    return {"key": f"chain_{length}", "start": "s0", "steps": steps}


def finished(run: Run) -> bool:
    run.refresh_from_db(fields=["status"])
    return run.status == "succeeded"


def milliseconds_a_step(version: Any) -> float:
    run = start_run(version=version, inputs={})
    wait_until(lambda: finished(run), seconds=60, what="the run", every=LOOK)
    first = run.journal.filter(kind="AttemptStarted").order_by("seq").first()
    last = run.journal.order_by("-seq").first()
    assert first is not None and last is not None
    return (last.at - first.at).total_seconds() * 1000 / STEPS


def milliseconds_to_start(version: Any) -> float:
    time.sleep(0.1)
    submitted = time.time()
    run = start_run(version=version, inputs={})
    wait_until(lambda: finished(run), seconds=60, what="the run", every=LOOK)
    first = run.journal.filter(kind="AttemptStarted").order_by("seq").first()
    assert first is not None
    return (first.at.timestamp() - submitted) * 1000


def steps_a_second(version: Any) -> float:
    """Of runs that are submitted one right after the other, from the first submission to the last end."""
    submitted = time.time()
    runs = [start_run(version=version, inputs={}) for _ in range(RUNS)]
    left = Run.objects.filter(pk__in=[run.pk for run in runs], ended_at=None)
    wait_until(lambda: not left.exists(), seconds=120, what="the runs", every=LOOK)
    last = Run.objects.filter(pk__in=[run.pk for run in runs]).order_by("ended_at").last()
    assert last is not None and last.ended_at is not None
    return RUNS * STEPS_EACH / (last.ended_at.timestamp() - submitted)


def milliseconds_of_run(version: Any, inputs: Any) -> float:
    """From its start to its end, by its journal."""
    run = start_run(version=version, inputs=inputs)
    wait_until(lambda: finished(run), seconds=300, what="the run", every=LOOK)
    run.refresh_from_db()
    assert run.started_at is not None and run.ended_at is not None
    return (run.ended_at - run.started_at).total_seconds() * 1000


def fan(branches: int) -> dict[str, Any]:
    inner = {f"b{n}": chain(1) for n in range(branches)}
    split = {name: {"start": name, "steps": {name: steps["steps"]["s0"]}} for name, steps in inner.items()}
    return {"key": "fan", "start": "all", "steps": {"all": {"kind": "parallel", "branches": split}}}


def calls(url: str) -> dict[str, Any]:
    call = {"kind": "action", "does": "http.request", "with": {"url": url}, "timeout": "60s"}
    each = {"kind": "map", "items": "${ input.list }", "max_concurrency": CALLS}
    return {
        "key": "calls",
        "start": "all",
        "steps": {"all": {**each, "start": "one", "steps": {"one": call}}},
    }


def milliseconds_of_calls() -> float:
    with slow_service(seconds=1.0) as port:
        add_destination(host="127.0.0.1", port=port, private=True, by=None)
        version = a_version(calls(f"http://127.0.0.1:{port}/"))
        milliseconds_of_run(version, {"list": [0]})
        return milliseconds_of_run(version, {"list": list(range(CALLS))})


def commits_a_second() -> float:
    """One insert and one update, committed, as fast as one client can."""
    return _sqlite_commits() if connection.vendor == "sqlite" else _postgres_commits()


def _sqlite_commits(count: int = 2000) -> float:
    database = sqlite3.connect(settings.CHOREO_DATA_DIR / "bare.sqlite3", isolation_level=None)
    synchronous = connection.cursor().execute("PRAGMA synchronous").fetchone()[0]
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(f"PRAGMA synchronous={synchronous}")
    database.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, n INTEGER)")
    database.execute("INSERT INTO bare VALUES (0, 0)")
    started = time.perf_counter()
    for _ in range(count):
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO bare (n) VALUES (1)")
        database.execute("UPDATE bare SET n = n + 1 WHERE id = 0")
        database.execute("COMMIT")
    elapsed = time.perf_counter() - started
    database.close()
    return count / elapsed


def _postgres_commits(count: int = 1000) -> float:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (id serial PRIMARY KEY, n integer)")
        cursor.execute("INSERT INTO bare VALUES (0, 0)")
        started = time.perf_counter()
        for _ in range(count):
            cursor.execute(
                "WITH added AS (INSERT INTO bare (n) VALUES (1)) UPDATE bare SET n = n + 1 WHERE id = 0"
            )
        elapsed = time.perf_counter() - started
        cursor.execute("DROP TABLE bare")
    return count / elapsed


def figures(measured: Callable[[], float], times: int) -> dict[str, float]:
    values = sorted(measured() for _ in range(times))
    return {"p50": statistics.median(values), "p95": values[int(0.95 * (len(values) - 1))]}


def main() -> None:
    call_command("migrate", verbosity=0)
    long, ten, short = a_version(chain(STEPS)), a_version(chain(STEPS_EACH)), a_version(chain(1))
    wide = a_version(fan(BRANCHES))
    workers = Cluster(dict(os.environ))
    try:
        workers.start()
        milliseconds_a_step(long)
        found = {
            "commits": commits_a_second(),
            "W1": figures(lambda: milliseconds_a_step(long), 9),
            "W2": figures(lambda: steps_a_second(ten), 3),
            "W3": figures(lambda: milliseconds_of_run(wide, {}), 5),
            "W4": figures(lambda: milliseconds_to_start(short), 60),
            "W5": figures(milliseconds_of_calls, 1),
        }
    finally:
        workers.stop()
    sys.stdout.write("\n" + json.dumps(found) + "\n")
