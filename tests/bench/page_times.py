"""One database's page times, as JSON on the last line. Started by `tests.bench.pages` with the environment set."""

import json
import statistics
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.models import Run
from tests.actions.flows import SAGA, echo, flow, review
from tests.factories import Hand, a_run
from tests.history import Past, relive
from tests.people import person, signed_in

RUNS, WORKFLOWS, SPAN, TIMES = 100_000, 12, timedelta(days=30), 7
PAGES = {
    "workflows, 24 h": "/workflows/",
    "workflows, 30 d": "/workflows/?period=30d",
    "workflow, 24 h": "/workflows/saga_3/runs/",
    "workflow, 30 d": "/workflows/saga_3/runs/?period=30d",
    "runs": "/runs/",
    "runs in flight": "/runs/?status=in-flight",
    "runs that wait": "/runs/?status=waiting",
    "runs that failed": "/runs/?status=failed",
    "runs by key": "/runs/?q=ORD-4711",
    "runs by error": "/runs/?status=failed&error=Broken&step=three",
    "runs of a day": "/runs/?since=2020-01-01T00:00&workflow=saga_3",
    "an old page": "",
    "a run": "",
    "reviews": "/reviews/",
    "search": "/search/?q=ORD-4711",
}
GIVEN = {"key": "k", "note": "x"}
NO = {"kind": "fail", "error": "Rejected"}


def pasts(number: int) -> list[Past]:
    """One workflow, and a run of it for each way a run can be."""
    saga, seconds = {**SAGA, "key": f"saga_{number}"}, 2.0 * (number + 1)
    asked = {**flow(look=review(due="1h"), yes=echo(), no=NO), "key": f"saga_{number}"}
    lives = [
        (92.0, played(saga, succeeds=("one", "two", "three"))),
        (2.0, played(saga, fails=("one",))),
        (4.0, played(saga, succeeds=("one", "two"), fails=("three",), undone=("two", "one"))),
        (0.05, played(saga, succeeds=("one", "two"), fails=("three", "two"))),
        (0.3, played(saga, succeeds=("one",))),
        (0.2, played(asked)),
    ]
    return [Past(run, weight, seconds) for weight, run in lives]


def played(
    document: dict[str, Any],
    succeeds: tuple[str, ...] = (),
    fails: tuple[str, ...] = (),
    undone: tuple[str, ...] = (),
) -> Run:
    run, hand = a_run(document), Hand()
    hand.claim()
    for key in succeeds:
        hand.succeed(key, GIVEN)
    for key in fails:
        hand.fail(key, retryable=False)
    for key in undone:
        hand.succeed(key)
    return Run.objects.get(pk=run.pk)


def seed() -> None:
    lives = [past for number in range(WORKFLOWS) for past in pasts(number)]
    relive(lives, count=RUNS, span=SPAN, steps=20_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def timed(client: Client, address: str) -> tuple[float, int]:
    """Milliseconds, and queries."""
    taken = []
    for _ in range(TIMES):
        before = time.perf_counter()
        answer = client.get(address)
        taken.append((time.perf_counter() - before) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return statistics.median(taken), len(queries)


def measure() -> None:
    """In a process of its own, on the database that the environment names."""
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    seed()
    middle = Run.objects.order_by("-id")[RUNS // 2].pk
    more = {"an old page": f"/runs/?before={middle}", "a run": f"/runs/{middle}/"}
    client = signed_in(person("admin"))
    found = {name: timed(client, address) for name, address in (PAGES | more).items() if address}
    print(json.dumps(found))
