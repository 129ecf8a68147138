"""Two worker hosts on one PostgreSQL; one is cut off in the middle of a transaction, and later let back.

`make hosts` does it with real cables, for longer, and measures it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from runs.models import Worker
from tests.scale.play import EFFECTS, Play, an_errand
from tests.scale.relay import Relay, relay
from tests.servers import Cluster, child_environment, wait_until

pytestmark = pytest.mark.chaos

RUNS = 20
QUICK = {"CHOREO_LEASE_SECONDS": "2", "CHOREO_BEAT_SECONDS": "1", "CHOREO_LOG_LEVEL": "ERROR"}


@pytest.fixture
def wire(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))
    place = connection.settings_dict
    with relay(f"{place['HOST']}/.s.PGSQL.{place['PORT'] or 5432}") as wire:
        yield wire


@pytest.fixture
def hosts(wire: Relay) -> Iterator[None]:
    """`near` is on the wire, `far` is not."""
    place = connection.settings_dict
    url = f"postgresql://{place['USER']}@127.0.0.1:{wire.port}/{place['NAME']}?application_name=near"
    cluster = Cluster(child_environment(**QUICK))
    try:
        cluster.start(CHOREO_DATABASE_URL=url)
        cluster.start()
        wait_until(lambda: Worker.objects.count() == 4, seconds=60, what="two workers on each host")
        yield
    finally:
        cluster.stop()


def test_a_host_that_is_cut_off_loses_nothing_and_holds_up_nobody(wire: Relay, hosts: None):
    play = Play(an_errand())
    for _ in range(RUNS):
        play.start()
    wait_until(is_writing, what="a transaction", every=0)
    wire.cut()
    wait_until(play.is_over, seconds=30, what="the runs, while the host is away")
    wire.mend()
    figures = play.outcome(effects=EFFECTS)
    assert figures["effects_again"] <= figures["attempts_lost"]
    assert figures["effects"] == EFFECTS * RUNS


def is_writing() -> bool:
    """Whether the server waits for the host in the middle of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'near' AND backend_xid IS NOT NULL"
            " AND state = 'idle in transaction'"
        )
        return cursor.fetchone() is not None
