"""Waits for the first of several: moments, signals and people. One wins, the others are withdrawn."""

from datetime import timedelta
from typing import Any

import pytest

from designer.graph import Arrival, Awaited, OnExhausted, Reviewers, Wait
from runs.engine import Resolution, Status
from runs.engine import events as e

from .flows import act, flow
from .play import NOON, Play

PAID = Arrival(name="paid", next="ship", signal=Awaited(name="order.paid", key="ORD-1"))
LATE = Arrival(name="late", next="remind", title="Nobody paid", duration="2h")
MIDNIGHT = Arrival(name="midnight", next="remind", until="2026-11-23T00:00:00Z")
WAIVED = Arrival(name="waived", next="ship", person=Reviewers(groups=("sales",)))
REFUSED = Arrival(name="refused", next="", person=Reviewers(groups=("risk", "sales"), approvals=2))


def waiting(*first: Arrival, **more: Any) -> Play:
    play = Play(flow(Wait(key="wait", first=first, **more), act("ship"), act("remind")))
    play.start()
    return play


def test_all_of_them_are_ordered() -> None:
    play = waiting(PAID, LATE, MIDNIGHT, WAIVED)
    assert list(play.subscriptions) == [(1, "paid")]
    assert play.timers == {
        (1, "arrival:late"): NOON + timedelta(hours=2),
        (1, "arrival:midnight"): NOON + timedelta(hours=12),
    }
    assert list(play.reviews) == [1]


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ([LATE, MIDNIGHT], "awaiting_timer"),
        ([LATE, PAID], "awaiting_signal"),
        ([LATE, PAID, WAIVED], "awaiting_review"),
    ],
)
def test_the_run_tells_the_most_telling_of_what_it_waits_for(first: list[Arrival], reason: str) -> None:
    play = waiting(*first)
    assert play.state.condition() == reason
    assert play.told(e.StepParked)[0].until == NOON + timedelta(hours=2)


def test_a_signal_wins() -> None:
    play = waiting(PAID, LATE, WAIVED)
    play.signal("wait", "paid", {"amount": 12})
    assert play.find("ship").status is Status.READY
    assert (play.outputs[1]["first"], play.outputs[1]["signal"]["data"]) == ("paid", {"amount": 12})
    assert not play.timers and not play.subscriptions and not play.reviews


def test_a_moment_wins() -> None:
    play = waiting(PAID, LATE, WAIVED)
    play.fire("wait", "arrival:late")
    assert play.find("remind").status is Status.READY
    assert play.outputs[1] == {"first": "late", "signal": None, "by": "", "reason": ""}
    assert play.told(e.BranchTaken)[0].label == "Nobody paid"
    assert not play.timers and not play.subscriptions and not play.reviews


def test_a_person_wins() -> None:
    play = waiting(PAID, LATE, WAIVED, REFUSED)
    play.decide_review("wait", "waived", reason="An old customer.")
    assert play.outputs[1] == {"first": "waived", "signal": None, "by": "rosa", "reason": "An old customer."}
    assert play.find("ship").status is Status.READY
    assert not play.timers and not play.subscriptions


def test_an_arrival_that_leads_nowhere_ends_the_scope() -> None:
    play = waiting(PAID, REFUSED)
    play.decide_review("wait", "refused")
    assert play.end == ("succeeded", None)


def test_who_comes_second_is_ignored() -> None:
    play = waiting(PAID, LATE, WAIVED)
    play.signal("wait", "paid")
    assert play.receive(1, "paid").ignored == "nobody waits for the signal paid any more"
    late = play.feed(e.TimerFired(at=play.now, no=1, timer="arrival:late"))
    assert late.ignored == "the timer “arrival:late” is not set"
    decided = play.feed(e.ReviewDecided(at=play.now, no=1, outcome="waived", by="rosa"))
    assert decided.ignored == "the review is closed"


def test_an_answer_that_is_no_person_s_arrival_is_refused() -> None:
    play = waiting(PAID, WAIVED)
    decided = play.feed(e.ReviewDecided(at=play.now, no=1, outcome="paid", by="rosa"))
    assert decided.ignored == "the review has no outcome “paid”; it has waived"


def test_nobody_may_pass_it_over_for_the_arrival_says_where_it_leads() -> None:
    play = waiting(PAID, deadline=timedelta(hours=1), on_exhausted=OnExhausted.DEAD_LETTER)
    play.fire("wait", "deadline")
    assert play.resolve("wait", Resolution.SKIP).ignored == "a wait cannot be passed over, only retried"
    play.resolve("wait", Resolution.RETRY)
    assert list(play.subscriptions) == [(1, "paid")]


def test_a_cancelled_run_withdraws_all() -> None:
    play = waiting(PAID, LATE, WAIVED)
    play.cancel()
    assert play.end == ("cancelled", None)
    assert not play.timers and not play.subscriptions and not play.reviews


def test_a_time_that_cannot_be_read_orders_nothing() -> None:
    play = waiting(PAID, Arrival(name="odd", next="ship", duration="soon"))
    assert play.told(e.RunEnded)[0].fault.name == "BadTime"
    assert not play.subscriptions
