"""The named points once more, in real processes that really end there: `os._exit` in a worker, and where people answer.

A commit lets one death of each kind happen; `make crashes` each point in each of the twelve workflows, at its first
time and at its second.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import QuerySet

from designer.models import Version
from runs.crash_points import POINTS
from runs.engine import OVER
from runs.models import DeadLetter, NamedLock, Review, Run, Subscription, Work, Worker
from tests.acme import ledger
from tests.factories import a_user, a_version
from tests.promises import check_all_runs
from tests.reliability.crashes import World, effects
from tests.reliability.mortal.apps import FOLDER, has_come, lay_out
from tests.reliability.references import REFERENCES
from tests.reliability.test_crash_points import EVERY, MAY_REPEAT
from tests.servers import ROOT, Cluster, child_environment, wait_until
from tests.settings import CHOSEN

type Asked = Callable[[], QuerySet[Any]]

PATIENCE = 60  # seconds
MORTAL = "tests.acme,tests.reliability.mortal"
OUTSIDE: dict[str, tuple[str, Asked]] = {  # where people and other systems answer, and what they are asked
    "signal.after_insert": ("signal", lambda: Subscription.objects.filter(signal=None)),
    "approve.after_insert": ("review", lambda: Review.objects.filter(status="open")),
    "redrive.mid": ("retry and fallback", lambda: DeadLetter.objects.filter(status="open")),
}
EACH = tuple(
    (name, point, at) for name in REFERENCES for point in POINTS if point not in OUTSIDE for at in (1, 2)
)
FEW = {
    "sqlite": (("sequence", "effect.after_before_record", 2), ("map", "join.after_decrement", 1)),
    "postgres": (("parallel", "claim.after_commit", 1), ("saga undone", "compensation.between_steps", 1)),
}
FEW_OUTSIDE: dict[str, tuple[str, ...]] = {"sqlite": ("approve.after_insert",), "postgres": ()}
INSIDE = EACH if EVERY else FEW[CHOSEN]


class Deaths:
    """Real workers who can die, and one run after another."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.person, self.count = folder, a_user("ada", "runs.decide_review"), 0
        self.died = 0
        self.versions = {}
        for number, (name, reference) in enumerate(REFERENCES.items()):
            for document in reference.others:
                a_version(document)
            self.versions[name] = a_version({"key": f"reference_{number}", **reference.document})

    def play(self, name: str, *, until: Asked | None = None) -> None:
        """A run to its end, or until it asks."""
        self.count += 1
        world, since = World(self.versions[name], self.person, f"order-{self.count}"), time.monotonic()
        world.start()
        while Run.objects.exclude(status__in=OVER).exists() or Work.objects.exists():
            assert time.monotonic() - since < PATIENCE, list(Work.objects.values())
            if until is None:
                world.answer()
            elif until().exists():
                return
            time.sleep(0.02)

    def inside(self, name: str, point: str, at: int) -> bool:
        """Whether a worker died: not every workflow comes by so often."""
        since = len(ledger.lines())
        lay_out(self.folder, point, at)
        self.play(name)
        died = has_come(self.folder)
        self.died += died
        for left in self.folder.iterdir():
            left.unlink()
        self.check(name, since, again=point in MAY_REPEAT)
        return died

    def outside(self, point: str) -> None:
        """Who answers dies, and is asked again because the answer was not committed."""
        (name, asked), since = OUTSIDE[point], len(ledger.lines())
        self.play(name, until=asked)
        lay_out(self.folder, point, 1)
        assert answered_apart() == 9
        self.died += 1
        assert World(self.versions[name], self.person, "again").answer()
        wait_until(lambda: not Work.objects.exists(), seconds=PATIENCE, what="the end")
        self.check(name, since, again=False)

    def check(self, name: str, since: int, *, again: bool) -> None:
        run = Run.objects.filter(parent=None).latest("created_at")
        assert run.status == REFERENCES[name].status, run.fault
        assert not Work.objects.exists() and not NamedLock.objects.exists()
        found = sorted(effects(ledger.lines(), since).elements())
        assert len({(kind, note) for kind, _, note in found}) == len(set(found)), "an effect has two keys"
        assert len(found) - len(set(found)) <= again, "an effect happened twice"


@pytest.fixture
def deaths(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deaths]:
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))
    monkeypatch.setenv(FOLDER, str(tmp_path / "deaths"))
    (tmp_path / "deaths").mkdir()
    workers = Cluster(child_environment(CHOREO_LOG_LEVEL="CRITICAL", CHOREO_APPS=MORTAL))
    workers.start()
    try:
        wait_until(Worker.objects.exists, seconds=PATIENCE, what="a worker")
        yield Deaths(tmp_path / "deaths")
    finally:
        workers.stop()


def test_wherever_a_real_process_dies_the_run_comes_to_its_end(deaths: Deaths):
    died = {point for name, point, at in INSIDE if deaths.inside(name, point, at)}
    assert died == {point for _, point, _ in INSIDE}
    for point in OUTSIDE if EVERY else FEW_OUTSIDE[CHOSEN]:
        deaths.outside(point)
    print(f"\n{deaths.count} runs, {deaths.died} deaths")
    check_all_runs()


def answered_apart() -> int:
    """How the process ended that was to answer."""
    begin = "import django; django.setup(); from tests.reliability.test_real_deaths import answer; answer()"
    environment = child_environment(CHOREO_APPS=MORTAL, CHOREO_LOG_LEVEL="CRITICAL")
    return subprocess.run([sys.executable, "-W", "ignore", "-c", begin], cwd=ROOT, env=environment).returncode


def answer() -> None:
    """Called in a process of its own, which does not survive it."""
    version = Version.objects.filter(workflow__key="reference_0").get()
    World(version, User.objects.get(username="ada"), "answer").answer()
