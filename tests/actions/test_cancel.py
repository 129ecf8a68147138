"""Cancelling: nothing new begins, what is out is awaited, and what was done is undone where that is wanted."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from runs.actions import cancel_run, check_cancel, claim_review, decide_review
from runs.engine import RunStatus, Status
from runs.models import Run
from runs.refusals import Refused
from tests.actions.flows import SAGA, branches, echo, flow, review, undoable
from tests.factories import Hand, a_run, a_user

pytestmark = pytest.mark.django_db

ENDS = {"yes": {"kind": "succeed"}, "no": {"kind": "fail", "error": "Rejected"}}


def kinds(run: Run) -> list[str]:
    return list(run.journal.order_by("seq").values_list("kind", flat=True))


def statuses(run: Run) -> dict[str, str]:
    return dict(run.step_runs.values_list("key", "status"))


def test_a_queued_run_is_started_and_cancelled_so_that_its_journal_tells_it_all(hand: Hand):
    run = a_run(SAGA)
    cancel_run(run_id=run.pk, by=a_user(), reason="a mistake")
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.CANCELLED, None)
    assert kinds(run)[0] == "RunStarted"
    assert run.journal.get(kind="CancelRequested").data == {"by": "ada", "reason": "a mistake", "undo": True}
    assert hand.claim() == []
    assert not run.work.exists()


def test_a_running_attempt_is_awaited_and_what_was_done_is_undone_backwards(hand: Hand):
    run = a_run(SAGA)
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "one"})
    hand.succeed("two", {"key": "k", "note": "two"})
    cancel_run(run_id=run.pk, by=a_user())
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.RUNNING, "awaiting_report")
    hand.succeed("three", 3)
    undone = []
    while hand.held:
        undone.append(hand.held[0].inputs["note"])
        hand.succeed(hand.held[0].key)
    run.refresh_from_db()
    assert undone == ["two", "one"]
    assert (run.status, run.reason) == (RunStatus.CANCELLED, "rolled_back")
    assert statuses(run) == {"one": Status.UNDONE, "two": Status.UNDONE, "three": Status.CANCELLED}


def test_an_attempt_that_succeeds_after_all_owes_its_undo(hand: Hand):
    run = a_run(flow(one=undoable("one")))
    hand.claim()
    cancel_run(run_id=run.pk, by=a_user())
    undo = hand.succeed("one", {"key": "k", "note": "late"})
    assert undo is not None
    assert (undo.phase, undo.inputs) == ("undo", {"note": "late"})
    hand.succeed("one")
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert statuses(run) == {"one": Status.UNDONE}


def test_without_undo_what_was_done_stays(hand: Hand):
    run = a_run(SAGA)
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "one"}, go_on=False)
    cancel_run(run_id=run.pk, by=a_user(), undo=False)
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.CANCELLED, None)
    assert statuses(run) == {"one": Status.SUCCEEDED, "two": Status.CANCELLED}


def test_a_retry_that_waits_is_called_off(hand: Hand):
    run = a_run(flow(one=echo(retry={"attempts": 3, "wait": "50ms"})))
    hand.claim()
    hand.fail("one")
    cancel_run(run_id=run.pk, by=a_user())
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert not run.work.exists()


def test_a_waiting_moment_is_called_off():
    run = a_run(flow(pause={"kind": "wait", "for": "1h"}))
    Hand().claim()
    cancel_run(run_id=run.pk, by=a_user())
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert statuses(run) == {"pause": Status.CANCELLED}


def test_a_review_is_withdrawn_and_can_be_decided_no_more():
    run, maya = a_run(flow(look=review(), **ENDS)), a_user("maya", "runs.decide_review")
    Hand().claim()
    asked = run.reviews.get()
    claim_review(review_id=asked.pk, by=maya)
    cancel_run(run_id=run.pk, by=a_user())
    asked.refresh_from_db()
    assert asked.status == "withdrawn"
    with pytest.raises(Refused, match="The run went on without this review"):
        decide_review(review_id=asked.pk, outcome="approve", by=maya)


def test_every_branch_is_called_off(hand: Hand):
    run = a_run(flow(all=branches(a=echo("a"), b=echo("b"), c=review(outcomes={"yes": {"next": ""}}))))
    hand.claim(1)
    cancel_run(run_id=run.pk, by=a_user())
    assert statuses(run) == {"all": "cancelled", "a": "abandoned", "b": "cancelled", "c": "cancelled"}
    hand.succeed("a", 1)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


@pytest.mark.parametrize("status", ["over", "undoing", "cancelled"])
def test_what_is_ending_already_is_not_cancelled(hand: Hand, status: str):
    run, ada = a_run(SAGA), a_user()
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "one"})
    if status == "cancelled":
        cancel_run(run_id=run.pk, by=ada)
    else:
        hand.fail("two", retryable=False)
    if status == "over":
        hand.succeed("one")
    run.refresh_from_db()
    said = {"over": "is over", "undoing": "is being undone", "cancelled": "is ending"}[status]
    with pytest.raises(Refused, match=said):
        check_cancel(run)
    before = run.seq
    with pytest.raises(Refused, match=said):
        cancel_run(run_id=run.pk, by=ada)
    run.refresh_from_db()
    assert run.seq == before


@pytest.mark.django_db(transaction=True)
def test_of_two_who_cancel_at_once_one_is_refused():
    run = a_run(SAGA)
    people, together, answers = [a_user("ada"), a_user("maya")], Barrier(2), []

    def cancel(user) -> None:
        together.wait()
        try:
            cancel_run(run_id=run.pk, by=user)
            answers.append("done")
        except Refused as refusal:
            answers.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=cancel, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["The run is over.", "done"]
