"""Reporting: once, by whoever holds the attempt, and never after the end."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from runs.actions import Report, report_attempt, retire_worker
from runs.engine import RunStatus, Status
from runs.models import Run, Work
from tests.actions.flows import branches, echo, flow
from tests.factories import Hand, a_run

pytestmark = pytest.mark.django_db

TWO = flow(one=echo(next="two"), two=echo("${ steps.one.output }"))


def kinds(run: Run) -> list[str]:
    return list(run.journal.order_by("seq").values_list("kind", flat=True))


def test_the_next_step_is_handed_over_in_the_same_transaction(hand: Hand):
    run = a_run(TWO)
    hand.claim()
    following = hand.succeed("one", 4)
    assert following is not None
    assert (following.key, following.inputs, following.token) == ("two", {"value": 4}, 1)
    assert run.work.get().worker == hand.id


def test_a_worker_that_does_not_go_on_leaves_the_next_step_to_all(hand: Hand):
    run = a_run(TWO)
    hand.claim()
    assert hand.succeed("one", 4, go_on=False) is None
    assert run.work.get().worker is None
    assert [held.key for held in hand.claim()] == ["two"]


def test_the_second_report_of_an_attempt_is_refused_and_told(hand: Hand):
    run = a_run(TWO)
    (held,) = hand.claim()
    hand.report(held, Report(output=1))
    before = Run.objects.get().state
    assert report_attempt(held, Report(output=2), go_on=True) is None
    assert kinds(run)[-1] == "ReportRefused"
    assert run.step_runs.get(key="one").output == {"is": 1}
    assert Run.objects.get().state.partition('"seq"')[0] == before.partition('"seq"')[0]


def test_a_worker_that_lost_its_claim_is_refused_and_the_new_one_counts(hand: Hand):
    run = a_run(TWO)
    (late,) = hand.claim()
    retire_worker(hand.id)
    other = Hand()
    (held,) = other.claim()
    assert (held.work_id, held.token, late.token) == (late.work_id, 2, 1)
    assert report_attempt(late, Report(output="late"), go_on=True) is None
    assert kinds(run)[-3:] == ["AttemptLost", "AttemptStarted", "ReportRefused"]
    other.succeed("one", "right")
    assert run.step_runs.get(key="one").output == {"is": "right"}


def test_nothing_is_told_after_the_end(hand: Hand):
    run = a_run(flow(one=echo()))
    (held,) = hand.claim()
    hand.report(held, Report(output=1))
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    assert report_attempt(held, Report(output=2), go_on=True) is None
    assert kinds(run)[-1] == "RunEnded"
    run.refresh_from_db()
    assert run.output == {"is": 1}


def test_a_failure_is_tried_again_after_its_wait_with_the_same_input(hand: Hand):
    run = a_run(flow(one=echo("${ input.n }", retry={"attempts": 3, "wait": "20ms"})), {"n": 7})
    hand.claim()
    for attempt in (2, 3):
        hand.fail("one")
        (held,) = hand.claim_soon()
        assert (held.attempt, held.inputs) == (attempt, {"value": 7})
        assert held.idempotency_key == f"{run.pk}.one.1"
    hand.fail("one")
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.FAILED, None)
    step = run.step_runs.get()
    assert (step.status, step.reason, step.tries, step.fault["name"]) == (
        Status.FAILED,
        "gave_up",
        3,
        "Broken",
    )


def test_what_is_not_retryable_is_not_tried_again(hand: Hand):
    run = a_run(flow(one=echo(retry={"attempts": 3, "wait": "20ms"})))
    hand.claim()
    hand.fail("one", retryable=False)
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert run.fault["message"] == "it broke"


def test_the_last_branch_to_report_goes_on_after_the_join(hand: Hand):
    run = a_run(
        flow(all=branches(next="after", a=echo("a"), b=echo("b")), after=echo("${ steps.all.output }"))
    )
    other = Hand()
    hand.claim(1)
    other.claim(1)
    assert hand.succeed("a", 1) is None
    following = other.succeed("b", 2)
    assert following is not None
    assert (following.key, following.inputs) == ("after", {"value": {"a": 1, "b": 2}})
    assert run.work.get().worker == other.id


@pytest.mark.django_db(transaction=True)
def test_two_branches_that_report_at_once_join_once():
    for _ in range(5):
        run = a_run(flow(all=branches(next="after", a=echo("a"), b=echo("b")), after=echo()))
        hands = [Hand(), Hand()]
        held = [hand.claim(1)[0] for hand in hands]
        together, followed = Barrier(2), []

        def report(assignment, together=together, followed=followed) -> None:
            together.wait()
            try:
                followed.append(report_attempt(assignment, Report(output=1), go_on=True))
            finally:
                connection.close()

        threads = [Thread(target=report, args=(assignment,)) for assignment in held]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [following.key for following in followed if following] == ["after"]
        assert kinds(run).count("ScopeJoined") == 1
        assert Work.objects.filter(run=run).count() == 1
