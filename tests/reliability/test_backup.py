"""A backup taken while runs are under way is a past that goes on: whole, and under the same keys."""

import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from runs.actions import start_run
from runs.models import Run, Worker
from tests.acme import ledger
from tests.bench.apart import told_by
from tests.bench.postgres import PROGRAMS
from tests.reliability.test_outages import Play
from tests.servers import Cluster, child_environment, database_url, wait_until
from tests.settings import CHOSEN

pytestmark = pytest.mark.chaos


def test_a_backup_under_load_goes_on(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))
    play, workers = Play(), Cluster(child_environment(CHOREO_LOG_LEVEL="ERROR"))
    workers.start()
    try:
        wait_until(Worker.objects.exists, seconds=60, what="a worker")
        play.start()
        for name, version in play.versions.items():
            start_run(version=version, inputs={}, idempotency_key=name)
        restored = BACKUPS[CHOSEN](tmp_path)
        known = Run.objects.count()
        assert play.watch(60)
    finally:
        workers.stop()
    before = effects()
    told = told_by("tests.histories.playing.finish", folder=str(tmp_path), **restored(), **surroundings())
    assert (told["broken"], told["left"]) == ([], [])
    assert told["runs"] >= known
    assert effects() == before


def effects() -> set[tuple[str, str]]:
    """Without those of sub-runs: one that was started after the backup is another run now, with keys of its own."""
    return {(line["kind"], line["key"]) for line in ledger.lines() if line["note"] not in ("inner", "more")}


def surroundings() -> dict[str, str]:
    return {
        "CHOREO_APPS": "tests.acme",
        "CHOREO_SQLITE_SYNC": "OFF",
        "ACME_LEDGER": os.environ["ACME_LEDGER"],
    }


type Restored = Callable[[], dict[str, str]]


def copy_of_sqlite(folder: Path) -> Restored:
    copy = folder / "copy.sqlite3"
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as live,
        closing(sqlite3.connect(copy)) as kept,
    ):
        live.backup(kept)
    return lambda: {"CHOREO_DATABASE_URL": f"sqlite:///{copy}"}


def dump_of_postgres(folder: Path) -> Restored:
    dump, url = str(folder / "choreo.dump"), database_url()
    subprocess.run([PROGRAMS / "pg_dump", "--format=custom", f"--file={dump}", url], check=True)

    def restored() -> dict[str, str]:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("DROP DATABASE IF EXISTS choreo_restored")
            server.execute("CREATE DATABASE choreo_restored")
        place = url.replace("/test_choreo?", "/choreo_restored?")
        subprocess.run([PROGRAMS / "pg_restore", f"--dbname={place}", dump], check=True)
        return {"CHOREO_DATABASE_URL": place}

    return restored


BACKUPS: dict[str, Callable[[Path], Restored]] = {"sqlite": copy_of_sqlite, "postgres": dump_of_postgres}
