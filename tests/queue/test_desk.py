"""Attempts that wait for others are under way at once, in one worker, and are reported like all others."""

import threading
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError

from runs import actions
from runs.actions import Report
from runs.models import JournalEntry, Run, Work
from runs.queue import reporting, tickets, trouble
from runs.queue.desk import Desk, desk
from runs.queue.heartbeat import heartbeat
from runs.queue.pace import Pace
from runs.queue.tickets import serve
from tests.acme.steps import arrive
from tests.factories import a_run, action

THIRTY = {"list": list(range(30))}

pytestmark = pytest.mark.usefixtures("worker")


def meeting(place: str, party: int) -> dict[str, Any]:
    """One attempt, which goes on when a party of them is there."""
    return {"start": "a", "steps": {"a": action("acme.meet", **{"with": {"place": place, "party": party}})}}


@pytest.fixture
def place() -> str:
    return str(uuid4())


def waiting(seconds: float = 0.0, **fields: Any) -> dict[str, Any]:
    return action("acme.wait", **{"with": {"seconds": seconds}, **fields})


def played(run: Run) -> Run:
    """The run, when the worker has nothing left to do."""
    for _ in range(20):
        serve()
        assert desk().wait(20), "something is still under way"
        if not Work.objects.exists():
            break
    run.refresh_from_db()
    return run


def threads_of(run: Run) -> list[str]:
    return [step.output["is"] for step in run.step_runs.order_by("no")]


def test_as_many_are_under_way_as_there_is_room_for(place: str):
    inner = {"start": "a", "steps": meeting(place, 30)["steps"]}
    run = a_run(
        {
            "start": "all",
            "steps": {"all": {"kind": "map", "items": "${ input.list }", "max_concurrency": 30, **inner}},
        },
        THIRTY,
    )
    assert (played(run).status, run.fault) == ("succeeded", None)


def test_a_ticket_does_not_wait_for_them(place: str):
    first = a_run(meeting(place, 2))
    serve()
    assert set(heartbeat().making) == set(desk().under_way) == set(Work.objects.values_list("pk", flat=True))
    second = a_run(meeting(place, 2))
    assert (played(second).status, played(first).status) == ("succeeded", "succeeded")
    assert heartbeat().making == {}


def test_what_follows_is_kept_if_it_waits_too():
    run = a_run({"start": "a", "steps": {"a": waiting(next="b"), "b": waiting()}})
    assert played(run).status == "succeeded"
    assert all(name.startswith("desk") for name in threads_of(run))
    claims = JournalEntry.objects.filter(run=run, kind="AttemptStarted").values_list(
        "data__worker", flat=True
    )
    assert set(claims) == {str(heartbeat().worker)}


def test_what_follows_and_does_not_wait_is_for_all(place: str):
    meets = meeting(place, 2)["steps"]["a"] | {"next": "b"}
    run = a_run({"start": "a", "steps": {"a": meets, "b": action()}})
    serve()
    arrive(place)
    assert desk().wait(20)
    assert [work.worker for work in Work.objects.all()] == [None]
    assert played(run).status == "succeeded"


def test_what_must_not_be_repeated_stays_with_the_ticket():
    once = action("acme.record_once", **{"with": {"note": "x"}})
    assert not Desk(heartbeat(), 10).takes(held({"start": "a", "steps": {"a": once}}))
    assert Desk(heartbeat(), 10).takes(held({"start": "a", "steps": {"a": waiting()}}))


def test_a_full_desk_leaves_them_to_the_ticket():
    assert not Desk(heartbeat(), 0).takes(held({"start": "a", "steps": {"a": waiting()}}))


def held(workflow: dict[str, Any]) -> actions.Assignment:
    a_run(workflow)
    (assignment,) = actions.claim_work(grip=actions.Grip(heartbeat().enlist()))
    return assignment


def test_one_that_fails_is_reported_with_its_name():
    run = a_run({"start": "a", "steps": {"a": waiting(-1)}})
    assert played(run).status == "failed"
    assert run.fault is not None and run.fault["name"] == "InputInvalid"


def test_a_report_that_does_not_get_through_is_another_worker_s(monkeypatch: pytest.MonkeyPatch):
    def break_down(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(trouble, "PAUSES", (0.01,))
    monkeypatch.setattr(reporting, "report_attempts", break_down)
    a_run({"start": "a", "steps": {"a": waiting()}})
    serve()
    assert desk().wait(20)
    assert heartbeat().worker is None, "it still renews the lease of an attempt that it will never report"


def test_a_step_that_comes_to_no_report_is_another_worker_s(monkeypatch: pytest.MonkeyPatch):
    def break_down(*args: Any) -> None:
        raise RecursionError

    monkeypatch.setattr("runs.queue.desk.perform_with", break_down)
    a_run({"start": "a", "steps": {"a": waiting()}})
    serve()
    assert desk().wait(20), "it counts as under way for ever"
    assert Work.objects.get().worker != heartbeat().worker, "its lease never lapses"
    assert heartbeat().making == {}


def test_what_found_no_room_goes_there_when_there_is_some():
    for _ in range(3):
        a_run({"start": "a", "steps": {"a": waiting()}})
    shift = tickets.Shift(heartbeat(), Pace(), Desk(heartbeat(), 1))
    shift.pace.limit = 3
    shift.claim()
    assert len(shift.hand) == 2
    assert shift.desk.wait(20)
    shift.take([])
    assert len(shift.hand) == 1
    assert shift.desk.wait(20)
    shift.desk.close()


def test_a_step_that_does_not_end_does_not_keep_its_worker(monkeypatch: pytest.MonkeyPatch):
    """A process waits for its threads, unless they are daemons."""
    let_go = Event()
    monkeypatch.setattr("runs.queue.desk.GRACE", 0.01)
    monkeypatch.setattr("runs.queue.desk.perform_with", lambda *given: let_go.wait() and Report())
    before = set(threading.enumerate())
    full = Desk(heartbeat(), 1)
    full.begin(held({"start": "a", "steps": {"a": waiting()}}))
    full.close()
    hands = [thread for thread in set(threading.enumerate()) - before if thread.name == "desk"]
    let_go.set()
    assert [thread.daemon for thread in hands] == [True]
    hands[0].join(10)
    assert not hands[0].is_alive()
