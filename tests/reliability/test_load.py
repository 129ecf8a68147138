"""Much at once: small runs beside a large one, and writers who wait for each other. Played by `make outages` alone."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any

import httpx
import pytest
from django.db import connection

from choreo_site.tokens import create_token
from runs.actions import set_limits, start_run
from runs.engine import OVER
from runs.models import JournalEntry, Run, Worker
from runs.models.lanes import DEFAULT_PRIORITY
from tests.actions.flows import echo, flow
from tests.factories import a_version, action
from tests.people import person
from tests.promises import check_all_runs
from tests.reliability.troubles import Trouble, lock_the_file
from tests.servers import Cluster, child_environment, wait_until, web_process
from tests.settings import CHOSEN

pytestmark = pytest.mark.chaos

ITEMS, SMALL, BEHIND = 1_000, 100, 3  # a priority below the usual
LOCKED = 5.0  # seconds, of every ten
RUNS, CALLS, WEB, WRITERS = 50, 200, 2, 4  # ten steps in each run
LINKS: dict[str, Any] = {f"s{n}": echo(n, next=f"s{n + 1}") for n in range(9)}
CHAIN = flow(**LINKS, s9=echo())


@pytest.fixture
def workers(transactional_db: None) -> Iterator[Cluster]:
    cluster = Cluster(child_environment(CHOREO_LOG_LEVEL="ERROR", CHOREO_WORKERS=str(WRITERS)))
    yield cluster
    cluster.stop()


def quantile(values: list[float], percent: int) -> float:
    return sorted(values)[int(percent / 100 * (len(values) - 1))]


def all_over() -> bool:
    return not Run.objects.exclude(status__in=OVER).exists()


# A quarter of what is claimed in a lane is for runs that wait to begin, and a ticket stays with no long items.
@pytest.mark.parametrize("priority", [DEFAULT_PRIORITY, BEHIND])
def test_small_runs_begin_beside_a_large_map(workers: Cluster, priority: int):
    workers.start(CHOREO_WORKERS="2")
    wait_until(Worker.objects.exists, seconds=120, what="a worker")
    body = {"start": "one", "steps": {"one": action("acme.sleep", **{"with": {"seconds": 0.02}})}}
    document = flow(each={"kind": "map", "items": list(range(ITEMS)), **body})
    version = a_version({"key": "large", **document})
    set_limits(workflow=version.workflow, by=person("admin"), priority=priority)
    large = start_run(version=version, inputs={})
    wait_until(lambda: large.items.filter(status="succeeded").exists(), seconds=120, what="an item")
    version = a_version({"key": "small", **flow(one=echo(1))})
    for _ in range(SMALL):
        start_run(version=version, inputs={})
        time.sleep(0.05)
    left = large.items.filter(status="waiting").count()
    wait_until(all_over, seconds=300, every=0.5, what="all to end")
    runs = Run.objects.filter(workflow__key="small").values_list("created_at", "started_at")
    late = [(begun - created).total_seconds() for created, begun in runs if begun]
    print(
        f"\n{SMALL} runs beside {ITEMS} items of priority {priority}, {left} left when the last run was accepted:"
        f" begun after p50 {quantile(late, 50):.2f} s, p95 {quantile(late, 95):.2f} s"
    )
    assert len(late) == SMALL
    assert quantile(late, 95) <= 2
    check_all_runs()


def test_writers_wait_for_each_other(workers: Cluster):
    """Four workers, two web processes, and on SQLite somebody who keeps the file to themselves half of the time."""
    token = create_token(by=person("operator"), name="load").text
    version = a_version({"key": "chain", **CHAIN})
    workers.start()
    file = lock_the_file(str(connection.settings_dict["NAME"]), LOCKED)
    hostile = Trouble(file if CHOSEN == "sqlite" else lambda: None, every=LOCKED)
    with ExitStack() as stack:
        sites = [stack.enter_context(web_process(CHOREO_API_RATE="1000000")) for _ in range(WEB)]
        hostile.start()
        for _ in range(RUNS):
            start_run(version=version, inputs={})
        with ThreadPoolExecutor(WRITERS) as pool:
            calls = list(pool.map(partial(start_over_http, sites, token), range(CALLS)))
        wait_until(all_over, seconds=300, every=0.5, what="all to end")
        hostile.stop()
    took = [seconds for _, seconds in calls]
    print(
        f"\n{RUNS * 10} steps and {CALLS} calls beside {hostile.strikes} locks of {LOCKED:g} s:"
        f" {dict(Counter(code for code, _ in calls))}, p50 {quantile(took, 50):.2f} s, p99 {quantile(took, 99):.2f} s"
    )
    assert {code for code, _ in calls} == {201}
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
    assert not JournalEntry.objects.filter(kind="AttemptFailed").exists()
    assert quantile(took, 99) <= 2 * LOCKED, "somebody waited for two locks"
    check_all_runs()


def start_over_http(sites: list[str], token: str, number: int) -> tuple[int, float]:
    began = time.monotonic()
    answer = httpx.post(
        f"{sites[number % len(sites)]}/api/v1/runs/",
        json={"workflow": "chain", "input": {}},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(number)},
        timeout=60,
    )
    return answer.status_code, time.monotonic() - began
