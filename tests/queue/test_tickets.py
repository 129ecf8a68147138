"""A ticket takes what is due to its end, and no trouble with the database or the lease makes it do a thing twice."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from runs import actions
from runs.actions import Assignment, Report, release_silent_workers, start_run
from runs.bell import Listener
from runs.models import JournalEntry, Run, StepRun, Work, Worker
from runs.queue import performing, reporting, tickets, trouble
from runs.queue.board import Board
from runs.queue.desk import desk
from runs.queue.heartbeat import heartbeat
from runs.queue.pace import MOST, SHORT, Pace
from runs.queue.tickets import serve
from tests.acme import ledger
from tests.factories import a_run, a_version, action

pytestmark = pytest.mark.usefixtures("worker")

CHAIN = {"start": "a", "steps": {"a": action(next="b"), "b": action(next="c"), "c": action()}}


@pytest.fixture(autouse=True)
def ledger_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))


def recording(note: str = "x") -> dict[str, Any]:
    return {"start": "a", "steps": {"a": action("acme.record", **{"with": {"note": note}})}}


def status(run: Run) -> str:
    run.refresh_from_db()
    return run.status


def kinds(run: Run) -> list[str]:
    return list(JournalEntry.objects.filter(run=run).order_by("seq").values_list("kind", flat=True))


def failing(times: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, once the database has come to itself."""
    left = [times]

    def try_it(*args: Any, **kwargs: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise OperationalError("database is locked")
        return function(*args, **kwargs)

    return try_it


@pytest.fixture
def shift() -> tickets.Shift:
    """One that takes as many as there are."""
    shift = tickets.Shift(heartbeat(), Pace(), desk())
    shift.pace.limit = MOST
    shift.pace.learn("acme.echo", SHORT / 10)
    return shift


def taken(shift: tickets.Shift, count: int, workflow: dict[str, Any] | None = None) -> list[Run]:
    """Runs whose first attempts are in hand."""
    runs = [a_run((workflow or recording()) | {"key": f"flow{count}"}) for _ in range(count)]
    held = len(shift.held())
    shift.claim()
    assert len(shift.held()) == held + count
    return runs


def forget_the_lease() -> None:
    """As if the worker had been silent for long."""
    Worker.objects.update(beat_at=timezone.now() - timedelta(hours=1))
    release_silent_workers()


def test_a_ticket_takes_a_run_to_its_end():
    run = a_run(CHAIN)
    serve()
    assert status(run) == "succeeded"
    assert [step.status for step in run.step_runs.all()] == ["succeeded"] * 3
    assert not Work.objects.exists()


def test_the_worker_is_enlisted_once():
    a_run(CHAIN)
    serve()
    serve()
    assert [worker.pk for worker in Worker.objects.all()] == [heartbeat().worker]


def test_a_worker_that_retires_takes_its_row_along():
    serve()
    heartbeat().retire()
    assert not Worker.objects.exists()


def test_a_ticket_for_nothing_ends_at_once():
    serve()
    started = time.monotonic()
    serve()
    assert time.monotonic() - started < 1


def test_a_fault_is_reported_with_its_name():
    run = a_run({"start": "a", "steps": {"a": action("acme.explode")}})
    serve()
    assert status(run) == "failed"
    assert run.fault is not None and run.fault["name"] == "ZeroDivisionError"


def test_several_runs_go_on_side_by_side():
    version = a_version(CHAIN)
    runs = [start_run(version=version, inputs={}) for _ in range(5)]
    serve()
    assert {status(run) for run in runs} == {"succeeded"}


# --- budgets ---------------------------------------------------------------------------------------------


def test_a_ticket_that_spent_its_budget_rings_for_the_next(monkeypatch: pytest.MonkeyPatch, ears: Listener):
    monkeypatch.setattr(tickets, "BUDGET_STEPS", 2)
    run = a_run(CHAIN)
    ears.wait(1)
    serve()
    assert [step.status for step in run.step_runs.all()] == ["succeeded", "succeeded", "ready"]
    assert ears.wait(5)
    serve()
    assert status(run) == "succeeded"


def test_a_ticket_whose_time_is_up_goes_on_with_its_run_and_claims_no_other(monkeypatch: pytest.MonkeyPatch):
    version, times = a_version(CHAIN), [0.0]
    own, other = [start_run(version=version, inputs={}) for _ in range(2)]

    def report(*args: Any) -> Any:
        times[0] += tickets.CLAIM_SECONDS
        return reporting.report(*args)

    monkeypatch.setattr(tickets, "now", lambda: times[0])
    monkeypatch.setattr(tickets, "report", report)
    serve()
    assert [step.status for step in own.step_runs.all()] == ["succeeded"] * 3
    assert (status(own), status(other)) == ("succeeded", "ready")
    serve()
    assert status(other) == "succeeded"


def test_whoever_waits_comes_before_the_next_long_step_of_the_same_run(monkeypatch: pytest.MonkeyPatch):
    version, known, times, made = a_version(CHAIN), Pace(), [0.0], []
    own, other = [start_run(version=version, inputs={}).pk for _ in range(2)]
    known.learn("acme.echo", 2 * SHORT)

    def perform(assignment: Assignment) -> Report:
        made.append(assignment.run_id)
        times[0] += 2 * SHORT
        return performing.perform(assignment)

    monkeypatch.setattr(tickets, "now", lambda: times[0])
    monkeypatch.setattr(tickets, "perform", perform)
    monkeypatch.setattr(tickets, "THE_PACE", known)
    serve()
    assert made[:2] == [own, other]
    assert sorted(made) == sorted([own, other] * 3)


def test_a_cluster_that_stops_takes_nothing_any_more(board: Board):
    run = a_run(CHAIN)
    board.close_shop()
    serve()
    assert status(run) == "ready"


def test_a_worker_that_cannot_carry_it_all_rings_for_another(ears: Listener):
    version = a_version(CHAIN)
    for _ in range(3):
        start_run(version=version, inputs={})
    while ears.wait(0.2):
        pass
    tickets.Shift(heartbeat(), Pace(), desk()).claim()
    assert ears.wait(5)


def test_the_board_shows_who_is_busy(board: Board, monkeypatch: pytest.MonkeyPatch):
    seen: list[int] = []

    def perform(assignment: actions.Assignment) -> Report:
        seen.append(board.busy())
        return Report()

    monkeypatch.setattr(tickets, "perform", perform)
    a_run(CHAIN)
    serve()
    assert seen == [1, 1, 1]
    assert board.busy() == 0


# --- the database in trouble -----------------------------------------------------------------------------


def test_a_report_is_tried_again_and_the_effect_is_not(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reporting, "report_attempts", failing(3, actions.report_attempts))
    run = a_run(recording())
    serve()
    assert status(run) == "succeeded"
    assert len(ledger.lines()) == 1


def losing_the_answer(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function; the first time its commit goes through, and the connection is lost before anybody hears."""
    lost: list[bool] = []

    def try_it(*args: Any, **kwargs: Any) -> Any:
        answer = function(*args, **kwargs)
        if not lost:
            lost.append(True)
            raise OperationalError("server closed the connection unexpectedly")
        return answer

    return try_it


@pytest.mark.parametrize(("module", "name"), [(reporting, "report_attempts"), (tickets, "claim_work")])
def test_what_a_lost_answer_handed_over_comes_back(monkeypatch: pytest.MonkeyPatch, module: Any, name: str):
    monkeypatch.setattr(module, name, losing_the_answer(getattr(actions, name)))
    recorded = action("acme.record", **{"with": {"note": "x"}})
    run = a_run({"start": "a", "steps": {"a": {**recorded, "next": "b"}, "b": recorded}})
    serve()
    assert status(run) == "running"
    silent = Worker.objects.exclude(pk=heartbeat().worker)
    assert Work.objects.get().worker in set(silent.values_list("pk", flat=True)), "its lease never lapses"
    silent.update(beat_at=timezone.now() - timedelta(hours=1))
    release_silent_workers()
    serve()
    assert status(run) == "succeeded"


def test_a_claim_is_tried_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tickets, "claim_work", failing(2, actions.claim_work))
    run = a_run(recording())
    serve()
    assert status(run) == "succeeded"


def test_a_report_that_never_gets_through_comes_back_with_the_same_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trouble, "PAUSES", (0.01,))
    monkeypatch.setattr(reporting, "report_attempts", failing(2, actions.report_attempts))
    run = a_run(recording())
    serve()
    first = Worker.objects.get().pk
    assert status(run) == "running"
    assert heartbeat().worker is None, "it still renews the lease of an attempt that it will never report"
    forget_the_lease()
    serve()
    assert status(run) == "succeeded"
    assert heartbeat().worker != first
    assert len({line["key"] for line in ledger.lines()}) == 1
    assert kinds(run).count("AttemptLost") == 1


def test_an_attempt_that_could_not_be_made_ends_no_worker(monkeypatch: pytest.MonkeyPatch):
    """Its secrets could not be read: it is not being made any more, and has no limit to keep."""
    monkeypatch.setattr(tickets, "perform", failing(1, tickets.perform))
    a_run({"start": "a", "steps": {"a": action("acme.record", timeout="1s", **{"with": {"note": "x"}})}})
    serve()
    assert heartbeat().making == {}


def test_what_we_did_wrong_is_not_hidden(
    monkeypatch: pytest.MonkeyPatch, board: Board, caplog: pytest.LogCaptureFixture
):
    def break_down(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(reporting, "report_attempts", break_down)
    run = a_run(CHAIN)
    serve()
    (told,) = (record for record in caplog.records if record.exc_info)
    assert (told.levelname, getattr(told, "run", None)) == ("ERROR", run.pk)
    assert [(work.worker, work.due_at > timezone.now()) for work in Work.objects.all()] == [(None, True)]
    assert board.busy() == 0


def test_a_run_that_is_deleted_meanwhile_is_let_go(monkeypatch: pytest.MonkeyPatch):
    run = a_run(recording())

    def perform(assignment: actions.Assignment) -> Report:
        Run.objects.get(pk=run.pk).delete()
        return Report()

    monkeypatch.setattr(tickets, "perform", perform)
    serve()
    assert not Run.objects.exists()
    assert heartbeat().worker is not None


# --- leases ----------------------------------------------------------------------------------------------


def test_a_late_report_is_refused_and_journaled(monkeypatch: pytest.MonkeyPatch):
    """The lease lapses while the step is performed, and another worker is faster."""
    other = actions.enlist_worker(host="other", pid=2)
    run = a_run({"start": "a", "steps": {"a": action(next="b"), "b": action()}})
    late: list[actions.Assignment] = []

    def perform(assignment: actions.Assignment) -> Report:
        Worker.objects.filter(pk=assignment.worker).delete()
        Work.objects.filter(pk=assignment.work_id).update(worker=None)
        (taken,) = actions.claim_work(grip=actions.Grip(other))
        late.append(assignment)
        actions.report_attempt(taken, Report(output="faster"), go_on=False)
        return Report(output="late")

    monkeypatch.setattr(tickets, "perform", perform)
    monkeypatch.setattr(tickets, "BUDGET_STEPS", 1)
    serve()
    assert StepRun.objects.get(run=run, key="a").output == {"is": "faster"}
    assert kinds(run).count("ReportRefused") == 1
    assert kinds(run).count("AttemptSucceeded") == 1


def test_a_worker_that_was_given_up_drops_what_it_holds(monkeypatch: pytest.MonkeyPatch):
    version = a_version(recording())
    runs = [start_run(version=version, inputs={}) for _ in range(2)]
    shift = tickets.Shift(heartbeat(), Pace(), desk())
    shift.pace.limit = 2
    shift.claim()
    assert len(shift.hand) == 2
    forget_the_lease()
    heartbeat().beaten_at -= 3600
    assert not heartbeat().is_trusted()
    shift.work()
    assert [status(run) for run in runs] == ["succeeded", "succeeded"]
    assert len(ledger.lines()) == 2


def test_what_was_not_begun_goes_on_under_the_new_name(shift: tickets.Shift):
    """The database hiccuped in the middle of a hand. Nobody renews the lease of the old name."""
    runs = taken(shift, 3)
    old = heartbeat().enlist()
    heartbeat().renounce()
    shift.claim()
    assert [each.worker for each in shift.hand] == [heartbeat().worker] * 3
    Worker.objects.filter(pk=old).update(beat_at=timezone.now() - timedelta(hours=1))
    release_silent_workers()
    shift.work()
    assert [status(run) for run in runs] == ["succeeded"] * 3
    assert "AttemptLost" not in {kind for run in runs for kind in kinds(run)}
    assert len(ledger.lines()) == 3


def test_nothing_more_is_begun_under_an_old_name(shift: tickets.Shift, monkeypatch: pytest.MonkeyPatch):
    """Somebody else in this process became another worker meanwhile, and has enlisted already."""
    taken(shift, 3)
    heartbeat().renounce()
    heartbeat().enlist()
    names: list[bool] = []

    def perform(assignment: actions.Assignment) -> Report:
        names.append(assignment.worker == heartbeat().worker)
        return Report(output={})

    monkeypatch.setattr(tickets, "perform", perform)
    shift.work()
    assert names == [True] * 3


def test_what_is_being_made_is_taken_along_by_the_heart(monkeypatch: pytest.MonkeyPatch):
    """A step outlives the lease of the name in which it was claimed."""

    def perform(assignment: actions.Assignment) -> Report:
        heartbeat().renounce()
        beats_once(monkeypatch)
        Worker.objects.filter(pk=assignment.worker).update(beat_at=timezone.now() - timedelta(hours=1))
        release_silent_workers()
        assert actions.claim_work(grip=actions.Grip(actions.enlist_worker(host="other", pid=2))) == []
        return Report(output={})

    run = a_run({"start": "a", "steps": {"a": action()}})
    monkeypatch.setattr(tickets, "perform", perform)
    serve()
    assert (status(run), kinds(run).count("AttemptStarted")) == ("succeeded", 1)


def beats_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the thread does in one turn, here."""
    heart, turns = heartbeat(), iter((False, True))
    with monkeypatch.context() as patched:
        patched.setattr(heart.stopping, "wait", lambda _: next(turns))
        patched.setattr("runs.queue.heartbeat.connections", SimpleNamespace(close_all=lambda: None))
        heart.go_on()


def test_what_was_not_begun_when_a_cluster_stops_is_free_at_once(shift: tickets.Shift, board: Board):
    once = {"start": "a", "steps": {"a": action("acme.record_once", **{"with": {"note": "x"}})}}
    runs = [*taken(shift, 2), *taken(shift, 1, once)]
    board.close_shop()
    shift.go_on()
    assert [(work.worker, work.token) for work in Work.objects.all()] == [(None, 1)] * 2
    assert [status(run) for run in runs] == ["running", "running", "succeeded"], (
        "the once was not begun: no loss"
    )


def test_a_hand_is_put_down_in_the_middle_when_its_cluster_stops(
    shift: tickets.Shift, board: Board, monkeypatch: pytest.MonkeyPatch
):
    def perform(assignment: actions.Assignment) -> Report:
        board.close_shop()
        return Report(output={})

    taken(shift, 3)
    monkeypatch.setattr(tickets, "perform", perform)
    shift.work()
    assert [work.worker for work in Work.objects.all()] == [None, None]
    assert heartbeat().worker is not None


def test_a_run_that_cannot_be_recorded_holds_nobody_up(shift: tickets.Shift, monkeypatch: pytest.MonkeyPatch):
    """Its neighbours in the commit go on with what follows, and it is set aside."""
    chain = {"start": "a", "steps": {"a": action("acme.noop", next="b"), "b": action()}}
    runs = taken(shift, 3, chain)
    shift.pace.learn("acme.noop", SHORT / 10)
    broken = runs[1].pk

    def report(done: Sequence[actions.Done], **how: Any) -> Any:
        if broken in {one.held.run_id for one in done}:
            raise ZeroDivisionError
        return actions.report_attempts(done, **how)

    monkeypatch.setattr(reporting, "report_attempts", report)
    shift.go_on()
    assert [status(run) for run in runs] == ["succeeded", "running", "succeeded"]
    work = Work.objects.get()
    assert (work.run_id, work.worker) == (broken, None)
    assert work.due_at > timezone.now() + timedelta(seconds=50)
    assert heartbeat().worker is not None


# --- pace ------------------------------------------------------------------------------------------------


def test_short_steps_are_taken_by_the_score():
    pace = Pace()
    limits = []
    for _ in range(7):
        limits.append(pace.limit)
        pace.learn("acme.noop", SHORT / 10)
    assert limits == [1, 2, 4, 8, 16, 32, MOST]


def test_a_long_step_holds_nobody_hostage():
    pace = Pace()
    for _ in range(6):
        pace.learn("acme.noop", SHORT / 10)
    pace.learn("acme.sleep", 60 * SHORT)
    assert pace.limit == 1
    assert sorted(["new", "acme.sleep", "acme.noop"], key=pace.expected) == ["acme.noop", "acme.sleep", "new"]


def test_a_claim_that_went_through_unheard_is_not_held_for_ever(monkeypatch: pytest.MonkeyPatch):
    """The last of several tries was committed, and its answer lost."""

    def deaf(**how: Any) -> Any:
        actions.claim_work(**how)
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(trouble, "PAUSES", ())
    monkeypatch.setattr(tickets, "claim_work", deaf)
    run = a_run(recording())
    serve()
    assert Work.objects.get().worker is not None
    assert heartbeat().worker is None
    forget_the_lease()
    monkeypatch.setattr(tickets, "claim_work", actions.claim_work)
    serve()
    assert status(run) == "succeeded"


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_worker_that_loses_its_server_becomes_another(monkeypatch: pytest.MonkeyPatch, is_gone: bool):
    """It may come back as it was some commits ago, and hold for the worker what it has reported."""
    monkeypatch.setattr("runs.queue.heartbeat._has_lost_its_server", lambda: is_gone)
    serve()
    heart = heartbeat()

    def fail(worker: Any) -> bool:
        heart.stopping.set()
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("runs.queue.heartbeat.beat", fail)
    monkeypatch.setattr(heart.stopping, "wait", lambda _: heart.stopping.is_set())
    heart.go_on()
    assert (heart.worker is None) == is_gone
