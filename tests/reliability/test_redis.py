"""Redis is emptied, killed and away while runs are made and watched: no run minds, and each page has every line.

Played by `make outages` alone.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import pytest

from runs.actions import start_run
from runs.models import JournalEntry, Worker
from tests.actions.flows import echo, flow
from tests.factories import a_version
from tests.live.readers import Plan, Read, read, tell_ends
from tests.live.test_storms import check, cookies_of, lines_of
from tests.people import person
from tests.reliability.test_outages import PATIENCE, Play
from tests.reliability.troubles import Trouble
from tests.servers import Cluster, MortalRedis, child_environment, wait_until, web_process

pytestmark = pytest.mark.chaos

READERS, ROUNDS = 20, 60  # of a second each
ROUND = {"pause": {"kind": "wait", "for": "1s", "next": "one"}, "one": echo("${ index }")}
WATCHED = flow(again={"kind": "loop", "times": ROUNDS, "limit": ROUNDS, "start": "pause", "steps": ROUND})
EMPTIED, KILLED, AWAY = (
    5.0,
    20.0,
    30.0,
)  # every how many seconds; how long before it is killed again, and is away
SOON = 5.0  # seconds from the end of a run until its readers have all of it


@pytest.fixture
def a_redis() -> Iterator[MortalRedis]:
    server = MortalRedis()
    yield server
    server.kill()


@pytest.fixture
def workers(
    transactional_db: None, a_redis: MortalRedis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cluster]:
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))
    cluster = Cluster(child_environment(CHOREO_LOG_LEVEL="CRITICAL", CHOREO_REDIS_URL=a_redis.url))
    cluster.start()
    wait_until(Worker.objects.exists, seconds=120, what="a worker")
    yield cluster
    cluster.stop()


def test_runs_and_readers_do_without_redis(workers: Cluster, a_redis: MortalRedis, tmp_path: Path):
    play, version, ends = Play(), a_version({"key": "watched", **WATCHED}), tmp_path / "ends.json"
    watched = [start_run(version=version, inputs={}) for _ in range(READERS)]
    play.started |= {run.pk: "loop" for run in watched}
    troubles = [Trouble(a_redis.empty, every=EMPTIED), Trouble(partial(be_away, a_redis), every=KILLED)]
    with web_process(CHOREO_LOG_LEVEL="CRITICAL", CHOREO_REDIS_URL=a_redis.url) as site:
        cookies = cookies_of(person("viewer"))
        plans = [Plan(site, cookies, str(run.pk), seed) for seed, run in enumerate(watched)]
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            reading = pool.submit(read, plans, ends)
            for trouble in troubles:
                trouble.start()
            play.start()
            ended = play.watch(PATIENCE)
            for trouble in troubles:
                trouble.stop()
            tell_ends(ends, {str(run.pk): lines_of(run)[0] for run in watched})
            found = reading.result(PATIENCE)
    assert ended
    play.check(0)
    check(found)
    late = max(map(seconds_to_the_end, found))
    print(
        f"\nRedis emptied {troubles[0].strikes} times and killed {troubles[1].strikes} times:"
        f" {READERS} readers were complete at most {late:.1f} s after the end of their run"
    )
    assert late <= SOON


def be_away(server: MortalRedis) -> None:
    server.kill()
    time.sleep(AWAY)
    server.start()


def seconds_to_the_end(each: Read) -> float:
    last = JournalEntry.objects.get(run_id=UUID(each.run), seq=each.lines[0])
    moment, _ = each.came[last.seq]
    return moment - last.at.timestamp()
