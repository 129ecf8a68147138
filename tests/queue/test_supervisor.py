"""Real processes, really killed: whatever dies, the work is done, and nothing is left over."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from designer.models import Version
from runs.actions import start_run
from runs.models import JournalEntry, Run, Worker
from tests.acme import ledger
from tests.factories import a_version, action
from tests.queue.family import Family, family_of, is_running, kill
from tests.servers import Cluster, child_environment, wait_until

type Start = Callable[..., subprocess.Popen[bytes]]

LEASE = 15
# Seconds after which those who have nothing to do wait for it, with django-q2's lock in hand. Who is killed before that
# leaves a cluster that goes on working, and is rightly not replaced.
IDLE = 1.0


@pytest.fixture
def start(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts `manage.py work`, with settings by environment."""
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))
    workers = Cluster(child_environment(CHOREO_LOG_LEVEL="ERROR"))
    try:
        yield workers.start
    finally:
        workers.stop()


@pytest.fixture
def version(transactional_db: None) -> Version:
    return a_version({"start": "a", "steps": {"a": action()}})


def does_a_run(version: Version, *, within: float = 60) -> bool:
    run = start_run(version=version, inputs={})
    wait_until(lambda: has_succeeded(run), seconds=within, what="a run to be done")
    return True


def has_succeeded(run: Run) -> bool:
    run.refresh_from_db()
    assert run.status not in {"failed", "cancelled"}, run.fault
    return run.status == "succeeded"


def count(run: Run, kind: str) -> int:
    return JournalEntry.objects.filter(run=run, kind=kind).count()


def wait_for_the_end_of(family: Family, *, seconds: float, of: str) -> None:
    wait_until(
        lambda: not any(map(is_running, family.pids)),
        seconds=seconds,
        what=f"the end of all after {of} was killed",
    )


VICTIMS: dict[str, Callable[[Family], tuple[int, ...]]] = {
    # django-q2 never recovers from the first two: each dies with a lock in its hand.
    "the idle workers": lambda family: family.workers,
    "the monitor": lambda family: (family.monitor,),
    "the sentinel": lambda family: (family.sentinel,),
    "the parent": lambda family: (family.parent,),
}


def test_a_cluster_is_replaced_whichever_of_its_processes_is_killed(start: Start, version: Version):
    work = start()
    assert does_a_run(version)
    for name, victims in VICTIMS.items():
        family = family_of(work.pid)
        time.sleep(IDLE)
        kill(*victims(family))
        wait_for_the_end_of(family, seconds=40, of=name)
        assert does_a_run(version), name
        assert not family.pids & family_of(work.pid).pids
    assert work.poll() is None


def test_kill_9_of_work_leaves_nothing(start: Start, version: Version):
    work = start()
    family = family_of(work.pid)
    kill(work.pid)
    work.wait()
    wait_for_the_end_of(family, seconds=10, of="work")


def test_stopping_lets_steps_end_and_signs_off(start: Start, tmp_path: Path):
    work = start()
    family = family_of(work.pid)
    gate = tmp_path / "gate"
    version = a_version({"start": "a", "steps": {"a": action("acme.gate", **{"with": {"path": str(gate)}})}})
    run = start_run(version=version, inputs={})
    # A step that the journal calls begun and nobody performs yet would be given back.
    wait_until(Path(f"{gate}.reached").exists, seconds=30, what="the step")
    work.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    gate.touch()
    assert work.wait(20) == 0
    assert has_succeeded(run)
    assert not any(map(is_running, family.pids))
    assert not Worker.objects.exists()


def test_a_worker_killed_between_effect_and_report_is_replaced_without_waiting_for_its_lease(start: Start):
    start()
    dying = action("acme.record_and_die", **{"with": {"note": "paid"}})
    version = a_version({"start": "a", "steps": {"a": dying}})
    run = start_run(version=version, inputs={})
    wait_until(lambda: count(run, "AttemptStarted"), seconds=30, what="the step")
    begun = time.monotonic()
    wait_until(lambda: has_succeeded(run), seconds=LEASE - 3, what="the second try")
    assert time.monotonic() - begun < LEASE
    assert len({line["key"] for line in ledger.lines()}) == 1
    assert (count(run, "AttemptLost"), count(run, "AttemptSucceeded")) == (1, 1)


def test_a_zombies_report_is_refused(start: Start, tmp_path: Path):
    """A worker is stopped past its lease and goes on as if nothing had been: another has done its work."""
    work = start(CHOREO_LEASE_SECONDS="3", CHOREO_BEAT_SECONDS="1")
    family_of(work.pid)
    gate = tmp_path / "gate"
    steps = {
        "a": action("acme.gate", **{"with": {"path": str(gate)}}, next="b"),
        "b": action("acme.gate", **{"with": {"path": str(tmp_path / "second")}}),
    }
    run = start_run(version=a_version({"start": "a", "steps": steps}), inputs={})
    wait_until(lambda: count(run, "AttemptStarted"), seconds=30, what="the step")
    told = JournalEntry.objects.get(run=run, kind="AttemptStarted").data
    zombie = Worker.objects.get(pk=told["worker"]).pid
    # By then its last answer is out of the queue. Stopped with the queue's lock in its hand, it would hang the
    # cluster, and the supervisor would be right to replace them all, the zombie too.
    time.sleep(1)
    os.kill(zombie, signal.SIGSTOP)
    wait_until(lambda: count(run, "AttemptLost"), seconds=20, what="the lease to lapse")
    gate.touch()
    wait_until(lambda: count(run, "AttemptSucceeded"), what="the other worker")
    os.kill(zombie, signal.SIGCONT)
    wait_until(lambda: count(run, "ReportRefused"), what="the zombie's report")
    (tmp_path / "second").touch()
    wait_until(lambda: has_succeeded(run), what="the run")
    assert [count(run, kind) for kind in ("AttemptSucceeded", "StepSucceeded", "ReportRefused")] == [2, 2, 1]
