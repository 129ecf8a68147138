"""A commit that fails, and one that goes through while its answer is lost: asked again, nothing happens twice.

Workers try a transaction anew by themselves; people and systems outside ask once more. A commit of ours spoils one
commit of some reference workflows, both ways; `make crashes` every one of all.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from runs.models import NamedLock, Run, Work
from tests.acme import ledger
from tests.factories import a_user, a_version
from tests.promises import check_all_runs
from tests.reliability.crashes import Crash, World, armed, effects
from tests.reliability.references import REFERENCES
from tests.reliability.test_crash_points import EVERY

WAYS = ("refused", "unheard")
SOME = ("map", "signal", "sub-run", "saga undone", "review")


class Commits:
    """Counts the commits, and spoils the ``at``-th."""

    def __init__(self, way: str = "", at: int = 0) -> None:
        self.way, self.at, self.count = way, at, 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        commit = vars(BaseDatabaseWrapper)["_commit"]

        def counting(connection: BaseDatabaseWrapper) -> None:
            self.count += 1
            spoiled = self.count == self.at
            if spoiled and self.way == "refused":
                raise OperationalError("the server closed the connection")
            commit(connection)
            if spoiled:
                raise OperationalError("the server closed the connection")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(BaseDatabaseWrapper, "_commit", counting)
            yield


class Insisting(World):
    """Whoever is told that the database is away asks again."""

    def insist[T](self, act: Callable[[], T]) -> T:
        try:
            return act()
        except OperationalError:
            return act()


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))
    monkeypatch.setattr("runs.queue.tickets.BUDGET_SECONDS", 3_600)
    monkeypatch.setattr("runs.queue.trouble.PAUSES", (0.001,) * 4)


@pytest.mark.parametrize("name", REFERENCES if EVERY else SOME)
def test_no_commit_counts_twice_and_none_is_lost(name: str, transactional_db: None):
    reference, person = REFERENCES[name], a_user("ada", "runs.decide_review")
    for document in reference.others:
        a_version(document)
    version = a_version({"key": "reference", **reference.document})

    def play(number: int, commits: Commits) -> list[tuple[str, str, str]]:
        before = len(ledger.lines())
        with armed(Crash()), commits.counted():
            run = Insisting(version, person, f"order-{number}").play()
        assert run.status == reference.status, (commits.way, commits.at, run.fault)
        assert not Work.objects.exists() and not NamedLock.objects.exists()
        assert Run.objects.filter(parent=None).count() == number
        return sorted(effects(ledger.lines(), before).elements())

    whole = Commits()
    expected = [(kind, note) for kind, _, note in play(1, whole)]
    place = 1 + list(REFERENCES).index(name) * 5 % whole.count
    tries = [(way, at) for at in (range(1, whole.count + 1) if EVERY else [place]) for way in WAYS]
    for number, (way, at) in enumerate(tries, 2):
        found = play(number, Commits(way, at))
        assert [(kind, note) for kind, _, note in found] == expected, (way, at)
        assert len({key for _, key, _ in found}) == len({key for _, key, _ in set(found)}), (way, at)
    print(f"\n{name}: {whole.count} commits")
    check_all_runs()
