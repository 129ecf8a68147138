"""One database's figures of maps and timers, as JSON on the last line. Started by `tests.bench.fanout`."""

import json
import os
import statistics
import sys
from datetime import datetime
from typing import Any

from django.core.management import call_command

from runs.actions import start_run
from runs.models import JournalEntry, Run
from tests.bench.measure import milliseconds_of_run
from tests.factories import a_version
from tests.servers import Cluster, wait_until

SIZES = (100, 1_000, 10_000)
WAITS = 200
LOOK = 0.5  # seconds

MAP: dict[str, Any] = {
    "key": "each",
    "start": "all",
    "steps": {
        "all": {
            "kind": "map",
            "items": "${ input.list }",
            "start": "one",
            "steps": {"one": {"kind": "action", "does": "acme.noop"}},
        }
    },
}
WAIT: dict[str, Any] = {
    "key": "wait",
    "start": "wait",
    "steps": {"wait": {"kind": "wait", "for": "${ input.seconds }"}},
}


def milliseconds_an_item(version: Any, size: int) -> float:
    return milliseconds_of_run(version, {"list": list(range(size))}, seconds=900) / size


def seconds_late(version: Any) -> list[float]:
    runs = [start_run(version=version, inputs={"seconds": 3 + n % 5 / 4}) for n in range(WAITS)]
    left = Run.objects.filter(pk__in=[run.pk for run in runs], ended_at=None)
    wait_until(lambda: not left.exists(), seconds=120, what="the timers", every=LOOK)
    told = JournalEntry.objects.filter(run__in=runs)
    due = {e.run_id: datetime.fromisoformat(e.data["due"]) for e in told.filter(kind="TimerSet")}
    return sorted((e.at - due[e.run_id]).total_seconds() for e in told.filter(kind="TimerFired"))


def main() -> None:
    call_command("migrate", verbosity=0)
    each, wait = a_version(MAP), a_version(WAIT)
    workers = Cluster(dict(os.environ))
    try:
        workers.start()
        milliseconds_an_item(each, 10)
        items = {size: milliseconds_an_item(each, size) for size in SIZES}
        late = seconds_late(wait)
    finally:
        workers.stop()
    timers = {"first": late[0], "p50": statistics.median(late), "p95": late[int(0.95 * (len(late) - 1))]}
    sys.stdout.write("\n" + json.dumps({"items": items, "timers": timers}) + "\n")
