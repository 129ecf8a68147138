"""What `make recovery` plays: a host that is lost, and one that goes on from its backup. Each prints JSON."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.models import Max

from designer.models import Version
from runs.actions import start_run
from runs.engine import OVER
from runs.models import JournalEntry, Run, Worker
from runs.verification import verify
from tests.acme import ledger
from tests.actions.flows import flow
from tests.bench.crowd import tidy_up
from tests.bench.postgres import PROGRAMS
from tests.chaos.killing import family
from tests.factories import a_user, a_version, action
from tests.reliability.crashes import World
from tests.reliability.many_runs import CHAIN, EACH, SAGA, SPREAD, multiply, played
from tests.reliability.references import REFERENCES, Reference, mark
from tests.servers import Cluster, wait_until

RUNS, PACE = 200, 0.05  # seconds between two starts
ORDER = "order-"
# Half of what is started takes ten seconds and leaves a line in the ledger each second, so that much is under way.
LINKS: dict[str, Any] = {
    name: {**step, "next": following}
    for n in range(10)
    for name, step, following in (
        (f"w{n}", action("acme.wait", **{"with": {"seconds": 1}}), f"m{n}"),
        (f"m{n}", mark(f"m{n}"), f"w{n + 1}"),
    )
}
LASTING = Reference(flow(**LINKS, w10=mark("last")))
KINDS = [kind for reference in REFERENCES.values() for kind in (reference, LASTING)]
BACKUP = Path(os.environ.get("CHOREO_TEST_BACKUP", "backup"))


def lose_the_host() -> None:
    """Runs are started all the while: as the backup is taken, and for some time after it, until all is killed."""
    call_command("migrate", verbosity=0)
    a_user("ada", "runs.decide_review")
    for number, reference in enumerate(KINDS):
        for document in reference.others:
            a_version(document)
        a_version({"key": f"reference_{number}", **reference.document})
    fill(int(os.environ["CHOREO_TEST_FILLING"]))
    told = {"mb": size() / 1e6, "entries": JournalEntry.objects.count()}
    workers, world, backing = Cluster(dict(os.environ)), the_world(), Backing()
    workers.start()
    wait_until(Worker.objects.exists, seconds=60, what="a worker")
    for number in range(RUNS):
        if number == RUNS // 2:
            backing.start()
        start(number)
        world.answer()
        time.sleep(PACE)
    backing.join()
    for pid in family(workers.processes[0].pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    workers.stop()
    told |= {"runs": RUNS, "backup": backing.took, "backup mb": BACKUP.stat().st_size / 1e6}
    print(json.dumps(told))


def fill(runs: int) -> None:
    """With so many that are over: a sequence, a fan-out, a map, and a saga that was undone."""
    documents = (CHAIN, SPREAD, EACH, SAGA)
    multiply([played(number, document) for number, document in enumerate(documents)], runs // len(documents))
    tidy_up()


def size() -> int:
    if connection.vendor == "sqlite":
        return Path(settings.DATABASES["default"]["NAME"]).stat().st_size
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


class Backing(Thread):
    """Takes the backup beside those who work, as docs/production.md says."""

    took = 0.0

    def run(self) -> None:
        began = time.monotonic()
        if connection.vendor == "sqlite":
            name = settings.DATABASES["default"]["NAME"]
            with closing(sqlite3.connect(name)) as live, closing(sqlite3.connect(BACKUP)) as kept:
                live.backup(kept)
        else:
            url = settings.CHOREO_DATABASE_URL
            command: list[Any] = [PROGRAMS / "pg_dump", "--format=custom", f"--file={BACKUP}", url]
            subprocess.run(command, check=True)
        self.took = time.monotonic() - began


def the_world() -> World:
    return World(Version.objects.earliest("pk"), User.objects.get(username="ada"), "bank")


def start(number: int) -> Run:
    """An order; who asks again gets the same run."""
    key = f"reference_{number % len(KINDS)}"
    version = Version.objects.get(workflow__key=key)
    return start_run(version=version, inputs={}, idempotency_key=f"{ORDER}{number}")


def go_on() -> None:
    """On the restored database. Whoever had started a run asks for it again."""
    known = Run.objects.filter(idempotency_key__startswith=ORDER)
    told: dict[str, Any] = {"known": known.count(), "under way": known.exclude(status__in=OVER).count()}
    last = JournalEntry.objects.aggregate(last=Max("pk"))["last"]
    workers, began = Cluster(dict(os.environ)), time.monotonic()
    workers.start()
    try:
        wait_until(partial(has_gone_on, the_world(), last), seconds=120, what="a run to go on")
        told["first"] = time.monotonic() - began
        runs = [start(number).pk for number in range(RUNS)]
        wait_until(partial(all_over, the_world()), seconds=300, every=0.1, what="the end of all")
        told["all"] = time.monotonic() - began
    finally:
        workers.stop()
    print(json.dumps(told | outcome(runs)))


def has_gone_on(world: World, last: int) -> bool:
    """Whether a worker has written anything: what the world says is written by us."""
    world.answer()
    return JournalEntry.objects.filter(pk__gt=last, kind="AttemptStarted").exists()


def all_over(world: World) -> bool:
    world.answer()
    return not Run.objects.exclude(status__in=OVER).exists()


def outcome(runs: list[Any]) -> dict[str, int]:
    ends = Run.objects.in_bulk(runs)
    wanted = [KINDS[number % len(KINDS)].status for number in range(RUNS)]
    broken: list[Any] = []
    verify(Run.objects.filter(pk__in=runs), broken.append)
    keys = Counter((line["kind"], line["key"]) for line in ledger.lines())
    return {
        "wrong": sum(ends[pk].status != status for pk, status in zip(runs, wanted, strict=True)),
        "broken": len(broken),
        "effects": len(keys),
        "again": sum(keys.values()) - len(keys),
    }
