"""Claiming work: in bulk, only what is due, and by one worker alone."""

from datetime import timedelta
from threading import Barrier, Event, Thread, current_thread

import pytest
from django.db import connection
from django.utils import timezone

from runs.actions import Advance, Grip, claim_work, enlist_worker, start_run
from runs.engine import RunStatus, Status
from runs.models import Run, Work
from tests.actions.flows import branches, echo, flow, undoable
from tests.factories import Hand, a_run, a_version, action

pytestmark = pytest.mark.django_db

ONE = flow(one=echo("${ input.n }"))
WAIT = flow(pause={"kind": "wait", "for": "300ms", "next": "one"}, one=echo())


def test_nothing_is_claimed_where_nothing_is_due(hand: Hand):
    assert hand.claim() == []


def test_a_run_is_started_and_its_first_step_claimed_in_one_go(hand: Hand):
    run = a_run(ONE, {"n": 1})
    (held,) = hand.claim()
    assert (held.run_id, held.key, held.attempt, held.token, held.worker) == (run.pk, "one", 1, 1, hand.id)
    kinds = list(run.journal.order_by("seq").values_list("kind", flat=True))
    assert kinds == ["RunStarted", "StepEntered", "AttemptOrdered", "AttemptStarted"]
    assert [work.kind for work in Work.objects.all()] == ["attempt"]


def test_many_runs_are_claimed_at_once_and_no_more_than_asked_for(hand: Hand):
    version = a_version(ONE)
    runs = [start_run(version=version, inputs={"n": n}) for n in range(5)]
    first, rest = hand.claim(3), hand.claim(10)
    assert (len(first), len(rest)) == (3, 2)
    assert {held.run_id for held in (*first, *rest)} == {run.pk for run in runs}
    assert hand.claim() == []


def test_the_oldest_comes_first(hand: Hand):
    version = a_version(ONE)
    older, newer = (start_run(version=version, inputs={"n": n}) for n in range(2))
    Work.objects.filter(run=older).update(due_at=timezone.now() - timedelta(hours=1))
    assert [held.run_id for held in hand.claim(1)] == [older.pk]
    assert [held.run_id for held in hand.claim(1)] == [newer.pk]


def test_what_is_due_later_is_left_alone(hand: Hand):
    run = a_run(flow(one=echo(retry={"attempts": 2, "wait": "1h"})))
    hand.claim()
    hand.fail("one")
    assert hand.claim() == []
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.RUNNING, "backing_off")
    assert run.work.get().due_at > timezone.now() + timedelta(minutes=2)


def test_a_due_moment_is_told_on_the_way_and_what_follows_is_claimed(hand: Hand):
    run = a_run(WAIT)
    assert hand.claim() == []  # the run was started and waits for its moment
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.RUNNING, "awaiting_timer")
    (held,) = hand.claim_soon()
    assert held.key == "one"
    assert run.step_runs.get(key="pause").status == Status.SUCCEEDED


def test_a_worker_keeps_one_branch_and_leaves_the_others_to_all(hand: Hand):
    run = a_run(flow(all=branches(a=echo("a"), b=echo("b"), c=echo("c"))))
    assert [held.key for held in hand.claim()] == ["a"]
    other = Hand()
    assert {held.key for held in other.claim()} == {"b", "c"}
    assert run.work.exclude(worker=None).count() == 3


def test_a_branch_that_is_overtaken_before_it_began_is_not_handed_out(hand: Hand):
    """The second branch cannot even be entered, so the join fails while the first one is being kept."""
    broken = echo("${ input.missing.deeply }")
    run = a_run(flow(all=branches(a=undoable("a"), b=broken)))
    assert hand.claim() == []
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert run.step_runs.get(key="a").status == Status.CANCELLED
    assert not run.journal.filter(kind="AttemptStarted").exists()


def test_the_attempt_carries_what_its_step_needs(hand: Hand):
    run = a_run(flow(one=action("acme.sleep", **{"with": {"seconds": 1}, "timeout": "20s"})))
    (held,) = hand.claim()
    assert held.timeout == timedelta(seconds=20)
    assert held.contract.reference == "acme.sleep@1.0.0"
    assert held.idempotency_key == f"{run.pk}.one.1"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_never_hold_the_same_work():
    version = a_version(flow(all=branches(a=echo("a"), b=echo("b"), c=echo("c"), d=echo("d"))))
    for _ in range(6):
        start_run(version=version, inputs={})
    together, held = Barrier(3), []

    def work() -> None:
        me = enlist_worker(host="test", pid=1)
        together.wait()
        try:
            misses = 0
            while misses < 3:
                claimed = claim_work(grip=Grip(me, 4))
                held.extend((a.work_id, a.run_id, a.key, a.worker) for a in claimed)
                misses = 0 if claimed else misses + 1
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({work_id for work_id, *_ in held}) == len(held) == 24
    assert {(run, key) for _, run, key, _ in held} == {(r.pk, k) for r in Run.objects.all() for k in "abcd"}
    assert all(Work.objects.get(pk=work_id).worker == worker for work_id, _, _, worker in held)


@pytest.mark.django_db(transaction=True)
def test_what_another_claim_is_at_is_left_to_it(monkeypatch: pytest.MonkeyPatch):
    """PostgreSQL lets both be at it; on SQLite the second has to wait for the file, whatever it wants."""
    version = a_version(ONE)
    runs = [start_run(version=version, inputs={"n": n}) for n in range(2)]
    here, other, at_it, done = current_thread(), Hand(), Event(), Event()
    held_up: list[bool] = []

    def linger(point: str) -> None:
        if point == "claim.before_update" and current_thread() is not here:
            at_it.set()
            held_up.append(not done.wait(1))

    def claim() -> None:
        other.claim(1)
        connection.close()

    monkeypatch.setattr("runs.actions.claims.crash_at", linger)
    thread = Thread(target=claim)
    thread.start()
    assert at_it.wait(10)
    mine = Hand().claim(1)
    done.set()
    thread.join()
    assert [held.run_id for held in (*other.held, *mine)] == [run.pk for run in runs]
    assert held_up == [connection.vendor == "sqlite"]


def test_a_run_that_cannot_be_decided_does_not_hold_up_the_others(monkeypatch, caplog):
    broken, sound, hand = a_run(ONE, {"n": 1}), a_run(ONE, {"n": 2}), Hand()
    tell = Advance.tell

    def tell_some(advance, facts):
        if advance.run.pk == broken.pk:
            raise KeyError("a defect")
        return tell(advance, facts)

    monkeypatch.setattr(Advance, "tell", tell_some)
    assert [assignment.run_id for assignment in hand.claim()] == [sound.pk]
    assert hand.claim() == []
    set_aside = Work.objects.get(run=broken)
    assert set_aside.worker is None
    assert set_aside.due_at > timezone.now()
    assert "cannot be decided" in caplog.text


def test_a_quarter_of_a_claim_is_for_runs_that_wait_to_begin():
    branches = {f"b{n}": {"start": f"s{n}", "steps": {f"s{n}": action()}} for n in range(12)}
    hand = Hand()
    wide = a_run({"start": "all", "steps": {"all": {"kind": "parallel", "branches": branches}}})
    assert len(hand.claim(1)) == 1
    late = [a_run(ONE | {"key": "late"}, {"n": n}) for n in range(4)]
    claimed = [assignment.run_id for assignment in hand.claim(8)]
    assert claimed.count(wide.pk) == 6
    assert [run.pk for run in late if run.pk in claimed] == [late[0].pk, late[1].pk]


def test_what_is_ordered_this_very_moment_is_due(hand: Hand):
    """SQLite's own clock reads milliseconds: what was ordered within one would have to wait for it to end."""
    version = a_version(flow(one=echo()))
    for _ in range(50):
        run = start_run(version=version, inputs={})
        assert [held.run_id for held in hand.claim()] == [run.pk]
