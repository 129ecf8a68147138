"""Limits of a workflow: how many runs are in flight, how many start in a minute, and whose turn it is."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.models import Version
from runs.actions import (
    Grip,
    admit_starts,
    admit_waiting,
    cancel_run,
    claim_work,
    enlist_worker,
    lanes_in_use,
    set_limits,
    start_run,
)
from runs.actions import limits as gates
from runs.engine import RunStatus
from runs.models import Run, Work
from runs.models.lanes import DEFAULT_LANE, PARKED, lane_of
from runs.queries.sentences import sentences
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_user, a_version

pytestmark = pytest.mark.django_db

ONE = flow(one=echo("x"))


@pytest.fixture(autouse=True)
def another_second(db: None) -> None:
    """What this process knows of gates is as of this second, in which another test may have begun."""
    gates._gated.cache_clear()


def limited(key: str = "flow", **limits: Any) -> Version:
    version = a_version({**ONE, "key": key})
    set_limits(workflow=version.workflow, by=None, **limits)
    return version


def begin(version: Version, count: int) -> list[Run]:
    return [start_run(version=version, inputs={}) for _ in range(count)]


def statuses() -> list[str]:
    return list(Run.objects.order_by("pk").values_list("status", flat=True))


def test_no_more_than_so_many_are_in_flight_and_the_next_begins_when_one_ends(hand: Hand):
    version = limited(max_running=2)
    runs = begin(version, 4)
    assert hand.claim() == []
    assert (admit_starts(version.workflow_id), admit_waiting()) == (2, 0)
    assert {held.run_id for held in hand.claim()} == {runs[0].pk, runs[1].pk}
    assert statuses() == ["running", "running", "ready", "ready"]
    assert admit_waiting() == 0
    hand.succeed("one")
    assert admit_waiting() == 1
    assert [held.run_id for held in hand.claim()] == [runs[2].pk]


def test_what_was_let_through_counts_before_a_worker_takes_it_up(hand: Hand):
    version = limited(max_running=1)
    begin(version, 3)
    assert [admit_starts(version.workflow_id) for _ in range(3)] == [1, 0, 0]
    assert len(hand.claim()) == 1
    assert admit_waiting() == 0


def test_so_many_start_in_a_minute(hand: Hand):
    version = limited(starts_per_minute=3)
    begin(version, 5)
    assert admit_waiting() == 3
    hand.claim()
    assert admit_waiting() == 0
    Run.objects.filter(status="running").update(started_at=timezone.now() - timedelta(seconds=61))
    assert admit_waiting() == 2


def test_a_run_says_what_it_waits_for(hand: Hand):
    version = limited(max_running=1)
    first, second = begin(version, 2)
    admit_waiting()
    hand.claim()
    second.refresh_from_db()
    said = sentences([second])[second.pk]
    assert said == "Waits: 1 of 1 runs of this workflow are in flight."
    set_limits(workflow=version.workflow, by=None, max_running=None, starts_per_minute=1)
    assert sentences([second])[second.pk] == "Waits: 1 of 1 starts of this minute are used up."
    set_limits(workflow=version.workflow, by=None, max_running=None, starts_per_minute=None)
    admit_waiting()
    assert sentences([second])[second.pk] == "Accepted, and waiting for a worker."


def test_a_waiting_run_can_be_cancelled_and_takes_no_place(hand: Hand):
    version = limited(max_running=1)
    first, second, third = begin(version, 3)
    admit_waiting()
    hand.claim()
    cancel_run(run_id=second.pk, by=a_user())
    hand.succeed("one")
    for _ in range(3):
        admit_waiting()
        hand.claim()
    assert [held.run_id for held in hand.held] == [third.pk]


def test_limits_set_later_hold_back_what_has_not_begun(hand: Hand):
    version = a_version(ONE)
    begin(version, 3)
    set_limits(workflow=version.workflow, by=None, max_running=1)
    assert Work.objects.filter(lane=PARKED).count() == 3
    admit_waiting()
    assert len(hand.claim()) == 1


def test_a_workflow_without_limits_is_never_held_back(hand: Hand):
    limited("other", max_running=1)
    begin(a_version(ONE), 3)
    assert len(hand.claim()) == 3


def test_the_more_urgent_comes_first_though_the_other_is_older(hand: Hand):
    begin(limited("low", priority=1), 2)
    begin(a_version(ONE), 1)
    begin(limited("high", priority=9), 1)
    assert [held.run_id for held in (*hand.claim(1), *hand.claim(1))] == [
        Run.objects.get(workflow__key=key).pk for key in ("high", "flow")
    ]
    assert {Run.objects.get(pk=held.run_id).workflow.key for held in hand.claim(5)} == {"low"}


def test_all_of_a_run_travels_in_its_lane(hand: Hand):
    version = a_version(flow(one=echo(retry={"attempts": 2, "wait": "1h"})))
    set_limits(workflow=version.workflow, by=None, priority=7, queue="heavy")
    run = start_run(version=version, inputs={})
    hand.claim()
    hand.fail("one")
    assert {work.lane for work in run.work.all()} == {lane_of("heavy", 7)}


def test_a_host_serves_the_queues_that_it_is_told_to(hand: Hand, settings):
    begin(limited("big", queue="heavy"), 1)
    begin(a_version(ONE), 1)
    settings.CHOREO_QUEUES = ["heavy"]
    assert lanes_in_use() == [lane_of("heavy", 5)]
    assert [Run.objects.get(pk=held.run_id).workflow.key for held in hand.claim()] == ["big"]
    settings.CHOREO_QUEUES = ["default"]
    assert lanes_in_use() == [DEFAULT_LANE]
    settings.CHOREO_QUEUES = []
    assert [Run.objects.get(pk=held.run_id).workflow.key for held in hand.claim()] == ["flow"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limits", [{"max_running": 3}, {"starts_per_minute": 3}], ids=str)
def test_the_limits_hold_when_many_start_claim_and_admit_at_once(limits: dict[str, int]):
    version, together = limited(**limits), Barrier(4)

    def work() -> None:
        me = enlist_worker(host="test", pid=1)
        together.wait()
        try:
            for _ in range(4):
                start_run(version=version, inputs={})
                claim_work(grip=Grip(me, 4))
                admit_waiting()
                claim_work(grip=Grip(me, 4))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Run.objects.count() == 16
    assert Run.objects.filter(status=RunStatus.RUNNING).count() == 3
    assert Work.objects.filter(lane=PARKED).count() == 13


@pytest.mark.django_db(transaction=True)
def test_a_place_that_is_freed_is_taken_at_once():
    version, hand = limited(max_running=1), Hand()
    first, second = begin(version, 2)
    assert [held.run_id for held in hand.claim()] == [first.pk]
    hand.succeed("one")
    assert [held.run_id for held in hand.claim()] == [second.pk]


@pytest.mark.django_db(transaction=True)
def test_a_place_whose_news_was_lost_is_found_by_the_net(monkeypatch):
    version, hand = limited(max_running=1), Hand()
    first, second = begin(version, 2)
    hand.claim()
    monkeypatch.setattr("runs.actions.limits.admit_starts", lambda workflow: 0)  # killed before the news
    hand.succeed("one")
    monkeypatch.undo()
    assert hand.claim() == []
    assert admit_waiting() == 1
    assert [held.run_id for held in hand.claim()] == [second.pk]


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    moves=st.lists(
        st.sampled_from(["start", "admit", "claim", "end", "cancel", "rate", "room"]), max_size=25
    ),
    room=st.integers(1, 3),
)
def test_whatever_happens_the_limits_hold_and_the_order_is_kept(moves: list[str], room: int):
    Run.objects.all().delete()
    version, hand = limited(max_running=room, starts_per_minute=None), Hand()
    begun: list[Any] = []
    person = User.objects.get_or_create(username="ada")[0]
    for move in [*moves, *["admit", "claim", "end"] * (len(moves) + 1)]:
        if move == "start":
            start_run(version=version, inputs={})
        elif move in ("admit", "rate", "room"):
            admit_waiting()
        elif move == "claim":
            begun += [held.run_id for held in hand.claim()]
        elif move == "end" and hand.held:
            hand.succeed("one")
        elif move == "cancel" and (waiting := Run.objects.filter(status="ready").first()):
            cancel_run(run_id=waiting.pk, by=person)
        assert Run.objects.filter(status=RunStatus.RUNNING).count() <= room
    assert begun == sorted(begun)
    assert not Run.objects.filter(status__in=("ready", "running")).exists()
