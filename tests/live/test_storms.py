"""Pages that are cut off, read slowly, or lose their server or Redis: each has every line in the end, once, in order.

A commit tries it with a few of them. `make sockets` has 50 readers of 1,000 lines, and 20 more while Redis is emptied
every five seconds and away for half a minute. Ten steps a second are more than a page is told by themselves; with
CHOREO_TEST_PACE=0.3, seconds from one to the next, there are fewer. No ring goes through Redis: nobody who reads
should notice.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings

from designer.graph import Graph
from designer.versions import graph_of
from runs.models import Run
from runs.queries.journal import journal_lines
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_run
from tests.live.readers import Plan, Read, read, tell_ends
from tests.people import person, signed_in
from tests.servers import MortalRedis, running_site, web_process

pytestmark = pytest.mark.django_db(transaction=True)

LONG = os.environ.get("CHOREO_TEST_SOCKETS") == "long"
READERS, STEPS, RESTARTS = (50, 500, 2) if LONG else (6, 40, 1)
PACE = float(os.environ.get("CHOREO_TEST_PACE", "0.1")) if LONG else 0.005
STAYS, SLOW = ((0.2, 3.0), 1.0) if LONG else ((0.1, 0.5), 0.3)


class Readers:
    """Some who read these runs, beside the test: in a process of their own where their number would slow the site."""

    def __init__(self, plans: list[Plan], folder: Path) -> None:
        self.ends, self.runs = folder / "ends.json", {plan.run for plan in plans}
        spawned = get_context("spawn")
        self.pool = ProcessPoolExecutor(1, spawned) if LONG else ThreadPoolExecutor(1)
        self.reading: Future[list[Read]] = self.pool.submit(read, plans, self.ends)

    def found(self, runs: list[Run]) -> list[Read]:
        """What they have in the end, now that the runs are over."""
        tell_ends(self.ends, {str(run.pk): lines_of(run)[0] for run in runs})
        return self.reading.result(120)

    def __enter__(self) -> "Readers":
        return self

    def __exit__(self, *problem: object) -> None:
        if not self.ends.exists():
            tell_ends(self.ends, dict.fromkeys(self.runs, 1))
        self.pool.shutdown()


def lines_of(run: Run) -> list[int]:
    run.refresh_from_db()
    graph: Graph = graph_of(run.version_id)
    return [line.seq for line in journal_lines(run, graph, limit=100_000)]


def check(found: list[Read]) -> None:
    """A page has all lines, or those since its list began anew."""
    told = {run: lines_of(Run.objects.get(pk=run)) for run in {each.run for each in found}}
    for each in found:
        lines = told[each.run]
        assert each.lines == lines[: len(each.lines)], "a line is missing, twice, or not in its place"
        assert len(each.lines) == len(lines) or (each.anew and len(each.lines) >= 50)
        assert each.after_the_end >= 0


def cookies_of(who: Any) -> str:
    name = site_settings.SESSION_COOKIE_NAME
    return f"{name}={signed_in(who).cookies[name].value}"


def walk(rounds: int) -> dict[str, Any]:
    """A run with a line when a round begins and one when it ends."""
    return flow(
        again={
            "kind": "loop",
            "times": rounds,
            "limit": rounds,
            "start": "one",
            "steps": {"one": echo("${ index }")},
        }
    )


def go_round(hand: Hand, meanwhile: Callable[[int], None]) -> None:
    """The run to its end, a step after the other."""
    hand.claim()
    for number in range(STEPS):
        hand.succeed("one", number)
        meanwhile(number)
        time.sleep(PACE)
    assert not hand.held


class Restarted:
    """The site, which comes back at the same place when it is told to: in a thread, or where readers are many in a
    process of its own, as in production, so that how late a line comes is not a matter of the test's."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.url = self.open(0)

    def open(self, port: int) -> str:
        if LONG:
            return self.stack.enter_context(web_process(port, CHOREO_LOG_LEVEL="CRITICAL"))
        return self.stack.enter_context(running_site(port)).url

    def restart(self) -> None:
        port = int(self.url.rpartition(":")[2])
        self.stack.close()
        assert self.open(port) == self.url


@pytest.fixture
def site(transactional_db: None, caplog: pytest.LogCaptureFixture) -> Iterator[Restarted]:
    # A server that is stopped tells of each conversation that it cuts off.
    caplog.set_level("CRITICAL", "uvicorn.error")
    restarted = Restarted()
    yield restarted
    restarted.stack.close()


def test_whoever_is_cut_off_has_every_line_once_and_in_order(site: Restarted, tmp_path: Path):
    run, hand, cookies = a_run(walk(STEPS)), Hand(), cookies_of(person("viewer"))
    plans = [Plan(site.url, cookies, str(run.pk), seed, STAYS) for seed in range(READERS - 1)]
    slow = Plan(site.url, cookies, str(run.pk), READERS, pause=SLOW)
    stops = {STEPS * number // (RESTARTS + 1) for number in range(1, RESTARTS + 1)}
    with Readers([*plans, slow], tmp_path) as readers:
        go_round(hand, lambda number: site.restart() if number in stops else None)
        found = readers.found([run])
    check(found)
    # Who reads slowly may still have frames of a server to read that is gone.
    assert min(each.connections for each in found[:-1]) > RESTARTS
    tell(run, found)


@pytest.fixture
def a_redis() -> Iterator[MortalRedis]:
    server = MortalRedis()
    yield server
    server.kill()


def test_redis_may_be_emptied_and_killed(transactional_db: None, a_redis: MortalRedis, tmp_path: Path):
    run, hand, cookies = a_run(walk(STEPS)), Hand(), cookies_of(person("viewer"))
    gone, back = (STEPS // 3, 2 * STEPS // 3) if LONG else (STEPS // 3, STEPS // 2)
    acts = {gone: a_redis.kill, back: a_redis.start}

    def strike(number: int) -> None:
        if number in acts:
            acts[number]()
        elif number % int(5 / PACE if LONG else 8) == 0 and not gone <= number <= back:
            a_redis.empty()

    with web_process(CHOREO_LOG_LEVEL="ERROR", CHOREO_REDIS_URL=a_redis.url) as site:
        plans = [Plan(site, cookies, str(run.pk), seed) for seed in range(20 if LONG else 3)]
        with Readers(plans, tmp_path) as readers:
            go_round(hand, strike)
            found = readers.found([run])
    check(found)
    assert [each.connections for each in found] == [1] * len(plans)
    tell(run, found)


def tell(run: Run, found: list[Read]) -> None:
    """How late lines came to all but the last reader: to whoever was connected when they were made, and to all."""
    at = {seq: moment.timestamp() for seq, moment in run.journal.values_list("seq", "at")}
    came = [(seq, *times) for each in found[:-1] for seq, times in each.came.items()]
    there = [moment - at[seq] for seq, moment, since in came if since < at[seq]]
    print(
        f"\n{len(found)} readers of {len(found[0].lines)} lines, cut off"
        f" {sum(each.connections - 1 for each in found)} times:\n  {spread(there)} where they were connected,"
        f"\n  {spread([moment - at[seq] for seq, moment, _ in came])} being away included;"
        f" complete at most {max(each.after_the_end for each in found):.1f} s after the end"
    )


def spread(late: list[float]) -> str:
    if not late:
        return "no line came"
    ordered = sorted(late)
    p50, p95 = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    return (
        f"{len(late)} lines came {p50 * 1000:.0f} ms (p50) and {p95 * 1000:.0f} ms (p95) after they were made"
    )
