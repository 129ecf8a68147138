"""Real workers while something beside them fails: no run is lost, and no effect happens under two keys.

`make outages` plays 100 runs of each, CHOREO_TEST_OUTAGE_RUNS says how many. What may happen again is what a step did
while its report could not be written: never more often than there was trouble.
"""

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection

from designer.models import Version
from runs.actions import start_run
from runs.engine import OVER
from runs.models import NamedLock, Run, Work, Worker
from tests.acme import ledger
from tests.factories import a_user, a_version
from tests.promises import check_all_runs
from tests.reliability import troubles
from tests.reliability.crashes import World
from tests.reliability.references import REFERENCES
from tests.reliability.troubles import Trouble
from tests.servers import Cluster, child_environment, database_url, wait_until
from tests.settings import CHOSEN

pytestmark = pytest.mark.chaos

RUNS = int(os.environ.get("CHOREO_TEST_OUTAGE_RUNS", "12"))
LONG = RUNS > 12
PACE = 0.2  # seconds between two starts
PATIENCE = 120.0  # seconds after the last trouble


@pytest.fixture
def workers(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))
    quick = {"CHOREO_LEASE_SECONDS": "5", "CHOREO_BEAT_SECONDS": "1", "CHOREO_LOG_LEVEL": "ERROR"}
    cluster = Cluster(child_environment(**quick))
    yield cluster
    cluster.stop()
    connection.close()


class Play:
    """Runs of all the reference workflows, and the world around them."""

    def __init__(self) -> None:
        self.versions: dict[str, Version] = {}
        for number, (name, reference) in enumerate(REFERENCES.items()):
            for document in reference.others:
                a_version(document)
            self.versions[name] = a_version({"key": f"reference_{number}", **reference.document})
        self.person = a_user("ada", "runs.decide_review")
        self.started: dict[Any, str] = {}

    def start(self) -> None:
        names = list(self.versions)
        for number in range(RUNS):
            name = names[number % len(names)]
            version, key = self.versions[name], f"order-{number}"
            run = insist(partial(start_run, version=version, inputs={}, idempotency_key=key))
            self.started[run.pk] = name
            self.watch(PACE)

    def watch(self, seconds: float) -> bool:
        """Answer what is asked; whether all came to their end."""
        world, until = (
            World(next(iter(self.versions.values())), self.person, "bank"),
            time.monotonic() + seconds,
        )
        while time.monotonic() < until:
            insist(world.answer)
            if not insist(lambda: Run.objects.exclude(status__in=OVER).exists() or Work.objects.exists()):
                return True
            time.sleep(0.1)
        return False

    def check(self, strikes: int, *, forgets: bool = False) -> None:
        kept = Run.objects.filter(parent=None).in_bulk()
        assert kept.keys() == self.started.keys() or forgets
        for pk, run in kept.items():
            name = self.started[pk]
            assert run.status == REFERENCES[name].status, (name, run.status, run.reason, run.fault)
        assert not Work.objects.exists() and not NamedLock.objects.exists()
        check_all_runs()
        lines = ledger.lines()
        keys = Counter((line["kind"], line["key"]) for line in lines)
        again = sum(keys.values()) - len(keys)
        print(f"\n{RUNS} runs, {strikes} troubles, {len(keys)} effects, {again} of them again")
        assert again <= strikes * 4 or forgets, "effects happened again without cause"


def insist[T](act: Callable[[], T]) -> T:
    """As a program does that is told to come back later."""
    until = time.monotonic() + 60
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def live_through(what: str, workers: Cluster, strike: troubles.Strike, *, every: float) -> None:
    play, trouble = Play(), Trouble(strike, every=every)
    workers.start()
    wait_until(Worker.objects.exists, seconds=60, what="a worker")
    trouble.start()
    play.start()
    trouble.stop()
    ended = play.watch(PATIENCE)
    left = list(Run.objects.exclude(status__in=OVER).values_list("workflow__key", "status", "reason", "seq"))
    assert ended, (left, list(Work.objects.values_list("kind", "due_at", "worker")))
    play.check(trouble.strikes, forgets=what == "the server forgets")


# How it is brought about, and every how many seconds.
type Strikes = Callable[[Cluster, str], troubles.Strike]
ON_POSTGRES: dict[str, tuple[Strikes, float]] = {
    "connections are cut": (lambda _, url: troubles.cut_a_connection(url), 0.3),
    "the server crashes": (lambda _, url: troubles.crash_the_server(url), 10),
    "the server is down": (lambda _, url: troubles.keep_the_server_down(url), 5),
    "the server forgets": (lambda _, url: troubles.crash_the_server(url), 10),
}
ON_SQLITE: dict[str, tuple[Strikes, float]] = {
    "the disk is full": (lambda workers, _: troubles.fill_the_disk(workers, sqlite_file(), 0.7), 0.5),
    "somebody else writes": (lambda _, __: troubles.lock_the_file(sqlite_file(), 5), 5),
}
ON_BOTH: dict[str, tuple[Strikes, float]] = {
    "workers are told to stop": (lambda workers, _: troubles.stop_politely(workers), 3),
}
ALL = (ON_POSTGRES if CHOSEN == "postgres" else ON_SQLITE) | ON_BOTH


@pytest.mark.parametrize("what", ALL if LONG else list(ALL)[:1])
def test_trouble_loses_nothing(what: str, workers: Cluster):
    strikes, every = ALL[what]
    if CHOSEN == "postgres" and what != "the server forgets":
        troubles.make_durable(database_url())
    live_through(what, workers, strikes(workers, database_url()), every=every)
    if CHOSEN == "sqlite":
        with closing(sqlite3.connect(sqlite_file())) as look:
            assert look.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def sqlite_file() -> str:
    return str(connection.settings_dict["NAME"])
