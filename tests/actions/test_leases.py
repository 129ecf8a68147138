"""Leases: who falls silent loses what they hold, and only that."""

from datetime import timedelta

import pytest
from django.utils import timezone

from runs.actions import beat, release_cluster, release_silent_workers, report_attempt, retire_worker
from runs.actions.attempts import Report
from runs.engine import RunStatus, Status
from runs.models import Work, Worker
from tests.actions.flows import UNDO, echo, flow, undoable
from tests.factories import Hand, a_run, action

pytestmark = pytest.mark.django_db

ONE = flow(one=echo())


def silence(hand: Hand, seconds: float = 16) -> None:
    Worker.objects.filter(pk=hand.id).update(beat_at=timezone.now() - timedelta(seconds=seconds))


def kinds(run) -> list[str]:
    return list(run.journal.order_by("seq").values_list("kind", flat=True))


def test_a_silent_worker_loses_its_work_and_the_next_claim_says_so(hand: Hand):
    run = a_run(ONE)
    hand.claim()
    silence(hand)
    assert release_silent_workers() == 1
    other = Hand()
    (held,) = other.claim()
    assert (held.key, held.attempt, held.token) == ("one", 1, 2)
    assert kinds(run)[-2:] == ["AttemptLost", "AttemptStarted"]
    other.succeed("one", 1)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED


def test_a_worker_that_beats_keeps_its_work(hand: Hand):
    a_run(ONE)
    hand.claim()
    silence(hand, seconds=14)
    assert release_silent_workers() == 0
    assert beat(hand.id)
    assert Work.objects.get().worker == hand.id


def test_a_worker_that_was_given_up_learns_it_at_its_next_beat(hand: Hand):
    silence(hand)
    release_silent_workers()
    assert not beat(hand.id)


def test_what_a_worker_claims_after_it_was_given_up_is_given_back(hand: Hand):
    """It slept in the middle of its claim, and nobody counts the silence of a worker that is not enlisted."""
    retire_worker(hand.id)
    a_run(ONE)
    hand.claim()
    release_silent_workers()
    (held,) = Hand().claim()
    assert (held.key, held.token) == ("one", 2)


def test_a_worker_that_says_good_bye_leaves_its_work_at_once(hand: Hand):
    a_run(ONE)
    hand.claim()
    retire_worker(hand.id)
    assert [held.token for held in Hand().claim()] == [2]
    assert not beat(hand.id)


def test_a_dead_cluster_gives_back_what_its_workers_held_and_no_more(hand: Hand):
    runs = [a_run(ONE), a_run({**ONE, "key": "other"})]
    Worker.objects.filter(pk=hand.id).update(cluster="gone")
    alive = Hand()
    hand.claim(1)
    alive.claim(1)
    assert release_cluster("gone") == 1
    assert release_cluster("gone") == 0
    assert [run.work.get().worker for run in runs] == [None, alive.id]


def test_a_lost_attempt_does_not_count_until_it_was_lost_too_often(hand: Hand):
    run = a_run(flow(one=echo(retry={"attempts": 2, "wait": "10ms"})))
    for claim in range(1, 5):
        worker = Hand()
        (held,) = worker.claim_soon()
        assert (held.attempt, held.token) == (1, claim)
        retire_worker(worker.id)
    (held,) = (
        hand.claim_soon()
    )  # the fifth claim tells that it was lost for the fourth time: another try is due
    assert (held.attempt, held.token) == (2, 1)
    step = run.step_runs.get()
    assert (step.tries, step.fault["name"]) == (2, "WorkerLost")


def test_what_may_be_done_once_only_waits_for_a_person_when_its_worker_is_lost(hand: Hand):
    run = a_run(flow(one=action("acme.record_once", **{"with": {"note": "x"}})))
    hand.claim()
    retire_worker(hand.id)
    assert Hand().claim() == []
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.RUNNING, "outcome_unknown")
    assert run.dead_letters.get().fault["name"] == "WorkerLost"


def test_a_lost_undo_is_handed_out_again_with_the_same_key(hand: Hand):
    run = a_run(flow(one=undoable("one", next="two"), two=echo()))
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "one"})
    hand.fail("two", retryable=False)
    (undo,) = [held for held in hand.held if held.phase == "undo"]
    retire_worker(hand.id)
    (again,) = Hand().claim()
    assert (again.idempotency_key, again.inputs) == (undo.idempotency_key, {"note": "one"})
    assert again.idempotency_key == f"{run.pk}.one.1.undo"


def overdue(seconds: float = 11) -> None:
    for work in Work.objects.exclude(worker=None):
        Work.objects.filter(pk=work.pk).update(
            claimed_at=timezone.now() - work.timeout - timedelta(seconds=seconds)
        )


def test_an_attempt_far_beyond_its_timeout_is_closed_although_its_worker_lives(hand: Hand):
    run = a_run(flow(one=echo(timeout="2s", retry={"attempts": 1})))
    (held,) = hand.claim()
    overdue()
    release_silent_workers()
    run.refresh_from_db()
    assert (run.status, run.fault["name"]) == (RunStatus.FAILED, "Timeout")
    assert run.fault["message"] == "The attempt did not end within 2s."
    assert report_attempt(held, Report(output=1), go_on=True) is None
    assert kinds(run)[-1] == "RunEnded"


def test_an_attempt_within_its_grace_is_left_alone(hand: Hand):
    run = a_run(flow(one=echo(timeout="2s")))
    hand.claim()
    overdue(seconds=8)
    release_silent_workers()
    hand.succeed("one", 1)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED


def test_a_closed_attempt_is_tried_again_by_its_policy_and_the_late_report_refused(hand: Hand):
    run = a_run(flow(one=echo(timeout="2s", retry={"attempts": 2, "wait": "10ms"})))
    (late,) = hand.claim()
    overdue()
    release_silent_workers()
    (held,) = Hand().claim_soon()
    assert held.attempt == 2
    assert report_attempt(late, Report(output=1), go_on=True) is None
    assert kinds(run)[-1] == "ReportRefused"
    assert run.step_runs.get().status == Status.RUNNING


def test_an_attempt_without_a_timeout_is_never_closed(hand: Hand):
    a_run(flow(one={**echo(), "compensate": UNDO}))
    hand.claim()
    Work.objects.update(claimed_at=timezone.now() - timedelta(days=300))
    release_silent_workers()
    assert Work.objects.get().worker == hand.id
