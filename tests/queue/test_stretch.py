"""A worker looks ahead where nothing would be missed, and what it saw counts only if its run is as it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from runs.actions import Report, cancel_run
from runs.crash_points import arm
from runs.models import JournalEntry, Run, StoredValue, Work
from runs.queue import stretch, tickets
from runs.queue.board import Board
from runs.queue.desk import desk
from runs.queue.heartbeat import heartbeat
from runs.queue.pace import MOST, SHORT, Pace
from runs.verification import check_run
from tests.acme import ledger
from tests.factories import a_run, a_user, action

pytestmark = pytest.mark.usefixtures("worker")

CHAIN = {"start": "a", "steps": {"a": action(next="b"), "b": action(next="c"), "c": action()}}
RECORD = action("acme.record", **{"with": {"note": "x"}})


@pytest.fixture(autouse=True)
def ledger_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))


@pytest.fixture
def shift(monkeypatch: pytest.MonkeyPatch) -> tickets.Shift:
    """One that knows what is short, and has all the time there is."""
    monkeypatch.setattr(stretch, "LONGEST", 60.0)
    shift = tickets.Shift(heartbeat(), Pace(), desk())
    shift.pace.limit, shift.until = MOST, shift.until + 60
    for does in ("acme.echo", "acme.noop", "acme.record"):
        shift.pace.learn(does, SHORT / 100)
    return shift


@pytest.fixture
def commits() -> Any:
    """How often something was recorded."""
    found: list[str] = []
    arm(lambda point: found.append(point) if point == "record.in_transaction" else None)
    yield found
    arm(None)


def before(shift: tickets.Shift, no: int, happens: Callable[[], Any]) -> None:
    """Let something happen before the no-th attempt is made."""
    perform = shift.perform
    made: list[int] = []

    def late(assignment: Any) -> Report:
        made.append(assignment.no)
        if len(made) == no:
            happens()
        return perform(assignment)

    shift.perform = late  # type: ignore[method-assign]


def worked(shift: tickets.Shift, run: Run) -> str:
    shift.work()
    run.refresh_from_db()
    check_run(run)
    return run.status


def test_what_does_nothing_outside_shares_a_commit_to_the_end_of_its_run(
    shift: tickets.Shift, commits: list[str]
):
    run = a_run(CHAIN)
    shift.claim()
    commits.clear()
    shift.go_on()
    assert len(commits) == 1
    run.refresh_from_db()
    assert run.status == "succeeded"
    started = JournalEntry.objects.filter(run=run, kind="AttemptStarted").order_by("seq")
    assert [entry.no for entry in started] == [1, 2, 3]
    assert not Work.objects.exists()


def test_an_effect_begins_when_all_before_it_is_recorded(shift: tickets.Shift):
    steps = {"a": action(next="b"), "b": {**RECORD, "next": "c"}, "c": action()}
    run = a_run({"start": "a", "steps": steps})
    seen: list[list[str]] = []
    before(shift, 2, lambda: seen.append(list(run.step_runs.order_by("no").values_list("status", flat=True))))
    assert worked(shift, run) == "succeeded"
    assert seen == [["succeeded", "running"]]
    assert len(ledger.lines()) == 1


def test_what_was_foreseen_is_forgotten_where_the_run_has_changed(shift: tickets.Shift):
    run = a_run(CHAIN)
    before(shift, 3, lambda: cancel_run(run_id=run.pk, by=a_user()))
    shift.pace.longest.clear()  # so that its start is told at once, and it can be cancelled
    shift.claim()
    shift.pace.learn("acme.echo", SHORT / 100)
    assert worked(shift, run) == "cancelled"
    assert run.step_runs.count() == 1


def test_a_run_that_others_change_too_is_not_looked_ahead_in_again(shift: tickets.Shift):
    run = a_run(CHAIN)
    shift.pace.longest.clear()
    shift.claim()
    shift.pace.learn("acme.echo", SHORT / 100)
    [held] = shift.hand
    assert held.run is not None
    held.run.is_shared = True
    made: list[int] = []
    before(shift, 1, lambda: made.append(run.step_runs.count()))
    shift.advance()
    assert [each.no for each in shift.hand] == [2]


def test_a_worker_that_was_lost_with_an_attempt_is_not_lost_with_more_than_that(shift: tickets.Shift):
    run = a_run(CHAIN)
    shift.pace.longest.clear()
    shift.claim()
    Work.objects.update(worker=None)
    shift.hand.clear()
    shift.claim()
    shift.pace.learn("acme.echo", SHORT / 100)
    assert [each.token for each in shift.hand] == [2]
    shift.advance()
    assert [each.no for each in shift.hand] == [2]
    assert worked(shift, run) == "succeeded"


def test_what_takes_its_worker_down_is_found_by_being_made_alone(shift: tickets.Shift):
    run = a_run(CHAIN)
    shift.claim()
    shift.begun.clear()
    Work.objects.update(worker=None)
    shift.claim()
    assert not shift.begun
    assert [each.no for each in shift.hand] == [1]
    shift.advance()
    assert [each.no for each in shift.hand] == [2]
    assert Work.objects.get().no == 2
    assert worked(shift, run) == "succeeded"


def test_a_moment_at_which_a_run_began_is_the_same_for_all_of_its_steps(shift: tickets.Shift):
    when = {"with": {"value": "${ run.started_at }"}}
    run = a_run({"start": "a", "steps": {"a": action(next="b", **when), "b": action(**when)}})
    assert worked(shift, run) == "succeeded"
    assert run.started_at is not None
    outputs = run.step_runs.order_by("no").values_list("output", flat=True)
    assert list(outputs) == [{"is": run.started_at.isoformat()}] * 2


def test_what_is_undone_on_the_way_keeps_its_place_in_the_order(shift: tickets.Shift, commits: list[str]):
    undo = {"compensate": {"does": "acme.noop"}}
    steps = {"a": action(next="b", **undo), "b": action(next="end", **undo), "end": {"kind": "fail"}}
    steps["end"] |= {"error": "Refused", "compensate": True}
    run = a_run({"start": "a", "steps": steps})
    assert worked(shift, run) == "failed"
    assert len(commits) == 1
    assert list(run.step_runs.order_by("no").values_list("key", "undo_order"))[:2] == [("a", 2), ("b", 1)]


def test_what_waits_for_others_is_left_to_the_desk(shift: tickets.Shift):
    shift.pace.learn("acme.async_echo", SHORT / 100)
    assert shift.foresees("acme.async_echo")
    shift.desk.kinds.add("acme.async_echo")
    assert not shift.foresees("acme.async_echo")


def test_a_value_is_not_stored_because_it_was_measured_in_two_ways(
    shift: tickets.Shift, settings: LazySettings
):
    """As compact JSON it is within the limit, and with blanks it would not be."""
    settings.CHOREO_INLINE_LIMIT = 100
    run = a_run({"start": "a", "steps": {"a": action(**{"with": {"value": [1] * 40}})}})
    shift.claim()
    stretch.Stretch(shift.begun, shift.grip(0), shift.perform, shift.is_over).make([])
    shift.go_on()
    run.refresh_from_db()
    assert run.output == {"is": [1] * 40}
    assert not StoredValue.objects.exists()


def test_a_value_that_has_a_row_of_its_own_is_not_foreseen(shift: tickets.Shift, settings: LazySettings):
    settings.CHOREO_INLINE_LIMIT = 100
    text = {"with": {"value": "x" * 2_000}}
    run = a_run({"start": "a", "steps": {"a": action(next="b", **text), "b": action(**text)}})
    assert worked(shift, run) == "succeeded"
    assert StoredValue.objects.filter(run=run).exists()


def test_variables_that_are_set_on_the_way_are_written_once(shift: tickets.Shift, commits: list[str]):
    sets = {"assign": {"n": "${ output }"}}
    steps = {
        "a": action(next="b", **{"with": {"value": 1}}, **sets),
        "b": action(next="c", **{"with": {"value": "${ vars.n + 1 }"}}, **sets),
        "c": action(**{"with": {"value": "${ vars.n + 1 }"}}),
    }
    run = a_run({"start": "a", "steps": steps})
    assert worked(shift, run) == "succeeded"
    assert run.output == {"is": 3}
    assert run.variables.get().value == {"is": 2}
    assert len(commits) == 1


def test_a_cluster_that_stops_records_what_was_made_and_leaves_the_rest(shift: tickets.Shift, board: Board):
    run = a_run(CHAIN)
    before(shift, 2, board.close_shop)
    assert worked(shift, run) == "running"
    assert list(run.step_runs.order_by("no").values_list("status", flat=True)) == [
        "succeeded",
        "succeeded",
        "ready",
    ]
    assert Work.objects.get().worker is None


def test_what_cannot_be_foreseen_by_a_defect_of_ours_is_told_when_the_run_is_locked(
    shift: tickets.Shift, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    run = a_run(CHAIN)
    monkeypatch.setattr("runs.actions.advance.Advance.take_up", broken)
    assert worked(shift, run) == "succeeded"


def test_branches_are_made_in_one_go_and_those_left_over_are_for_whoever_is_free(
    shift: tickets.Shift, monkeypatch: pytest.MonkeyPatch
):
    branches = {f"b{n}": {"start": f"s{n}", "steps": {f"s{n}": action("acme.noop")}} for n in range(5)}
    run = a_run({"start": "all", "steps": {"all": {"kind": "parallel", "branches": branches}}})
    before(shift, 3, lambda: monkeypatch.setattr(stretch, "LONGEST", 0.0) or setattr(shift, "until", 0.0))
    shift.claim()
    shift.advance()
    left = Work.objects.filter(run=run, worker=None)
    assert left.count() == 2
    assert not shift.hand
