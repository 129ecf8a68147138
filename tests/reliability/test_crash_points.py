"""Thirteen moments at which a process may die, in twelve workflows: nothing is lost, and nothing happens twice.

Except what a step did outside just before its worker died, and nobody wrote down: that alone may happen again, under
the same key. A commit
is tried with one of the times that each point is reached, another in each workflow; `make crashes` tries every time.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from runs.crash_points import POINTS, crash_at
from runs.models import NamedLock, Run, Work
from tests.acme import ledger
from tests.factories import a_user, a_version
from tests.promises import check_all_runs
from tests.reliability.crashes import Crash, World, armed, effects
from tests.reliability.references import REFERENCES, Reference

EVERY = os.environ.get("CHOREO_TEST_CRASHES") == "every"
# Between what a step did and the commit that says so. After a commit nothing may happen again.
MAY_REPEAT = {
    "effect.after_before_record",
    "record.in_transaction",
    "join.after_decrement",
    "compensation.between_steps",
}
EVERYWHERE = {
    "claim.before_update",
    "claim.after_commit",
    "effect.before",
    "effect.after_before_record",
    "record.in_transaction",
    "record.after_commit_before_nudge",
    "push.after_commit",
}
# Where else than in its own construct a point is reached, it is tried there too.
OWN = {
    "timer.after_mark_fired": "wait",
    "join.after_decrement": "map",
    "compensation.between_steps": "saga undone",
    "signal.after_insert": "signal",
    "approve.after_insert": "review",
    "redrive.mid": "retry and fallback",
}


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))
    monkeypatch.setattr(
        "runs.queue.tickets.BUDGET_SECONDS", 3_600
    )  # a busy machine must not change the course
    yield
    crash_at("")  # nothing is armed any more


class Tries:
    """Runs of one reference workflow, each with another death."""

    def __init__(self, name: str) -> None:
        reference: Reference = REFERENCES[name]
        for document in reference.others:
            a_version(document)
        self.version = a_version({"key": "reference", **reference.document})
        self.status, self.person, self.count = reference.status, a_user("ada", "runs.decide_review"), 0
        with armed(Crash()) as crash:
            self.expected = self.notes(self.play())
        self.reached = dict(crash.reached)

    def play(self) -> list[tuple[str, str, str]]:
        """Every effect as often as it happened."""
        before, self.count = len(ledger.lines()), self.count + 1
        run = World(self.version, self.person, f"order-{self.count}").play()
        assert run.status == self.status, (run.status, run.fault)
        assert not Work.objects.exists() and not NamedLock.objects.exists()
        assert Run.objects.filter(parent=None).count() == self.count
        return sorted(effects(ledger.lines(), before).elements())

    @staticmethod
    def notes(found: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
        return sorted({(kind, note) for kind, _, note in found})

    def die(self, point: str, at: int) -> None:
        with armed(Crash(point, at)) as crash:
            found = self.play()
        where = f"{point}, time {at}"
        if not crash.happened:
            # A pause that ends a moment sooner saves a look: then it is the one before.
            assert at > 1, where
            self.die(point, at - 1)
            return
        assert self.notes(found) == self.expected, where
        assert len(set(found)) == len(self.expected), f"{where}: an effect has two keys"
        assert len(found) - len(set(found)) <= (point in MAY_REPEAT), f"{where}: an effect happened twice"


def deaths(name: str, reached: dict[str, int]) -> list[tuple[str, int]]:
    """One time for each point that is reached, not the same in all workflows; or every time."""
    place = list(REFERENCES).index(name)
    if EVERY:
        return [(point, at) for point, most in reached.items() for at in range(1, most + 1)]
    return [(point, 1 + place % most) for point, most in reached.items()]


@pytest.mark.parametrize("name", REFERENCES)
def test_wherever_a_process_dies_the_run_comes_to_its_end(name: str, transactional_db: None):
    tries = Tries(name)
    own = {point for point, home in OWN.items() if home == name}
    assert tries.reached.keys() >= EVERYWHERE | own
    tried = deaths(name, tries.reached)
    for point, at in tried:
        tries.die(point, at)
    check_all_runs()
    print(f"\n{name}: {len(tried)} deaths")


def test_every_point_is_reached_somewhere():
    assert EVERYWHERE | OWN.keys() == set(POINTS)
