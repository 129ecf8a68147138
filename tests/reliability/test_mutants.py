"""The store, broken on purpose: whoever took away one of its four safeguards would be told by a test.

Each mutant leaves out one of them, in the rows or around them. The engine has mutants of its own
(tests/engine/mutants.py). A story is a scenario that the product comes through; its mutant must not.
"""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite

from runs import bell
from runs.actions import Report, retire_worker, statements
from runs.models import Run
from tests.acme import ledger
from tests.actions.flows import SAGA, branches, echo, flow, undoable
from tests.factories import Hand, a_run, a_user, a_version
from tests.promises import check_all_runs
from tests.reliability.crashes import Crash, World, armed
from tests.reliability.references import REFERENCES
from tests.situations import play_on

pytestmark = pytest.mark.django_db(transaction=True)

A_WHILE = 0.3  # seconds that the second of two gets, who must not come past the first


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))
    monkeypatch.setattr("runs.queue.tickets.BUDGET_SECONDS", 3_600)


# --- stories -------------------------------------------------------------------------------------------------


def a_worker_that_was_given_up_reports_after_all() -> None:
    run, slow, other = a_run(flow(one=undoable("one"))), Hand(), Hand()
    slow.claim()
    retire_worker(slow.id)
    other.claim()
    slow.succeed("one", {"key": "slow", "note": "one"})
    other.succeed("one", {"key": "other", "note": "one"})
    assert (run.step_runs.get(key="one").output or {})["is"]["key"] == "other"
    assert run.journal.filter(kind="ReportRefused").count() == 1
    check_all_runs()


def a_process_dies_before_it_can_ring() -> None:
    version, person = a_version({"key": "reference", **REFERENCES["sequence"].document}), a_user("ada")
    for at in range(1, 4):
        with armed(Crash("record.after_commit_before_nudge", at)) as crash:
            World(version, person, f"order-{at}").play()
        assert crash.happened
    keys = [(line["kind"], line["key"]) for line in ledger.lines()]
    assert len(keys) == len(set(keys)) == 9, "an effect happened again although it had been committed"
    check_all_runs()


def what_is_committed_is_rung_for() -> None:
    with armed(Crash()) as counted:
        a_run(flow(one=echo()))
        Hand().claim()
    assert counted.reached["push.after_commit"] >= 2, "nobody would look before the next poll"


def three_steps_are_undone() -> None:
    run, hand = a_run(SAGA), Hand()
    play_on(hand)
    undone = run.journal.filter(kind="StepUndone").order_by("seq").values_list("no", flat=True)
    assert list(undone) == [2, 1]
    check_all_runs()


def two_report_on_one_run_at_once() -> None:
    """The second comes while the first has written and not yet committed."""
    a_run(flow(both=branches(a=echo(1), b=echo(2), next="last"), last=echo(3)))
    one, two = Hand(), Hand()
    first, second = one.claim(limit=1)[0], two.claim(limit=1)[0]
    problems: list[Exception] = []

    def report_second() -> None:
        try:
            two.report(second, Report(output=2), go_on=False)
        except DatabaseError as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    other = threading.Thread(target=report_second)

    class InBetween(Crash):
        def __call__(self, point: str) -> None:
            if point == "record.in_transaction" and other.ident is None:
                other.start()
                other.join(A_WHILE)

    with armed(InBetween()):
        one.report(first, Report(output=1), go_on=False)
        other.join()
    assert not problems, problems
    assert one.claim() and one.succeed("last", 3) is None
    check_all_runs()
    assert Run.objects.get().status == "succeeded"


# --- mutants, and the story that each of them does not survive -----------------------------------------------------

type Story = Callable[[], None]
MUTANTS: list[tuple[Callable[[pytest.MonkeyPatch], None], Story]] = []


def killed_by(story: Story) -> Callable[..., Any]:
    def keep[M: Callable[[pytest.MonkeyPatch], None]](mutant: M) -> M:
        MUTANTS.append((mutant, story))
        return mutant

    return keep


@killed_by(a_worker_that_was_given_up_reports_after_all)
def the_fence_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    delete = statements.Trip.delete

    def unfenced(trip: statements.Trip, model: Any, where: dict[str, Any]) -> statements.Answer:
        return delete(trip, model, {"id": where["id"]})

    patch.setattr(statements.Trip, "delete", unfenced)


def of_rings(patch: pytest.MonkeyPatch, instead: Callable[[Callable[[], Any]], Any]) -> None:
    """What waits for the commit to ring does something else."""
    wait = transaction.on_commit

    def on_commit(act: Any, using: str | None = None, robust: bool = False) -> None:
        rings = isinstance(act, partial) and act.func is bell.ring_all
        instead(act) if rings else wait(act, using, robust)

    patch.setattr(transaction, "on_commit", on_commit)


@killed_by(a_process_dies_before_it_can_ring)
def it_rings_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    of_rings(patch, lambda ring: ring())


@killed_by(what_is_committed_is_rung_for)
def it_never_rings(patch: pytest.MonkeyPatch) -> None:
    of_rings(patch, lambda ring: None)


@killed_by(three_steps_are_undone)
def the_oldest_is_undone_first(patch: pytest.MonkeyPatch) -> None:
    newest_first = Run.ledger
    assert isinstance(newest_first, property) and newest_first.fget
    patch.setattr(Run, "ledger", property(lambda run: newest_first.fget(run).reverse()))


@killed_by(two_report_on_one_run_at_once)
def nobody_locks_the_run(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(connection.features), "has_select_for_update", False)
    patch.setattr(statements, "_lock_sql", statements._lock_sql.__wrapped__)
    patch.setattr(Sqlite, "_start_transaction_under_autocommit", lambda self: self.cursor().execute("BEGIN"))


@pytest.mark.parametrize(
    "story", dict.fromkeys(story for _, story in MUTANTS), ids=lambda story: story.__name__
)
def test_the_product_comes_through(story: Story):
    story()


@pytest.mark.parametrize(("mutant", "story"), MUTANTS, ids=lambda each: each.__name__)
def test_a_mutant_does_not(mutant: Callable[[pytest.MonkeyPatch], None], story: Story):
    with pytest.MonkeyPatch.context() as patch:
        mutant(patch)
        with pytest.raises(AssertionError) as death:
            story()
    print(f"\n{mutant.__name__}: {str(death.value)[:200]}")
