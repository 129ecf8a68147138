"""Steps that take their worker with them, or do not let go of it: the run fails in words, and no other run notices."""

from collections.abc import Iterator
from typing import Any

import pytest

from runs.actions import start_run
from runs.engine import OVER
from runs.models import Run, Work
from tests.actions.flows import echo, flow
from tests.factories import a_run, a_version, action
from tests.promises import check_all_runs
from tests.servers import Cluster, child_environment, wait_until

pytestmark = pytest.mark.chaos

# What it does, and how the run says so.
POISONS: dict[str, str] = {
    "exit": "WorkerLost",  # the process ends in the middle of the step
    "swallow": "Timeout",  # every exception is caught, also the one that says that its time is up
    "killed": "WorkerLost",  # as by the kernel, for want of memory
    "spin": "Timeout",  # a loop in C that never gives the interpreter back
}
OTHERS = 12


@pytest.fixture
def workers(transactional_db: None) -> Iterator[Cluster]:
    quick = {"CHOREO_LEASE_SECONDS": "4", "CHOREO_BEAT_SECONDS": "1", "CHOREO_TIMEOUT_GRACE": "1"}
    cluster = Cluster(child_environment(CHOREO_LOG_LEVEL="CRITICAL", **quick))
    cluster.start()
    yield cluster
    cluster.stop()


def poisonous(how: str) -> dict[str, Any]:
    given = {"with": {"how": how}, "timeout": "1s", "retry": {"attempts": 1}}
    return {"key": f"poison_{how}", **flow(one=action("acme.poison", **given))}


def test_a_poisonous_step_fails_its_run_and_no_other(workers: Cluster):
    poisoned = {how: a_run(poisonous(how)) for how in POISONS}
    version = a_version({"key": "sound", **flow(one=echo(1, next="two"), two=echo(2))})
    others = [start_run(version=version, inputs={}) for _ in range(OTHERS)]
    wait_until(
        lambda: not Run.objects.exclude(status__in=OVER).exists(), seconds=180, every=0.2, what="all to end"
    )
    assert set(Run.objects.filter(pk__in=[run.pk for run in others]).values_list("status", flat=True)) == {
        "succeeded"
    }
    for how, run in poisoned.items():
        run.refresh_from_db()
        assert run.status == "failed"
        assert run.fault is not None and run.fault["name"] == POISONS[how], (how, run.fault)
    assert not Work.objects.exists()
    check_all_runs()
