"""Attempts whose worker fell silent."""

from datetime import timedelta
from typing import Any

import pytest

from designer.graph import Compensate, OnExhausted
from runs.engine import Phase, Resolution, Status
from runs.engine import events as e

from .flows import REFUSED, act, chain, fault, flow, fork, saga
from .play import LOST, Play, drive

TIMEOUT = fault("Timeout", retryable=True)
ONCE: Any = {"does": "demo.once@1.0.0"}


def test_a_lost_attempt_is_handed_out_again_and_costs_no_try() -> None:
    play = drive(flow(act("a", tries=1)), {"a": [LOST, LOST, LOST]})
    assert [order.attempt for order in play.told(e.AttemptOrdered)] == [1]
    assert len(play.told(e.AttemptStarted)) == 4
    assert play.end == ("succeeded", None)


def test_after_three_times_it_counts() -> None:
    play = drive(flow(act("a", tries=2)), {"a": [LOST] * 4})
    assert [(order.attempt, order.tries) for order in play.told(e.AttemptOrdered)] == [(1, 1), (2, 2)]
    assert play.told(e.AttemptOrdered)[1].fault.name == "WorkerLost"
    assert play.end == ("succeeded", None)


def test_every_attempt_has_its_own_count_of_losses() -> None:
    play = drive(flow(act("a", tries=2)), {"a": [LOST] * 7})
    assert play.end == ("succeeded", None)


def test_a_step_that_kills_every_worker_gives_up_in_the_end() -> None:
    play = drive(flow(act("a", tries=3)), {"a": LOST})
    assert len(play.told(e.AttemptStarted)) == 12
    assert play.end == ("failed", None)
    assert play.told(e.RunEnded)[0].fault.name == "WorkerLost"


def test_the_deadline_outlives_the_attempt_that_was_lost() -> None:
    play = Play(flow(act("a", tries=2, deadline=timedelta(hours=1))))
    play.start()
    for _ in range(4):
        play.finish("a", LOST)
    assert play.find("a").attempt == 2
    assert list(play.timers) == [(1, "deadline")]


def test_a_lost_attempt_is_ready_again() -> None:
    play = Play(flow(act("a")))
    play.start()
    play.finish("a", LOST)
    assert play.find("a").status is Status.READY
    assert play.report(1, 1, {}).ignored == "attempt 1 is closed"


def test_what_may_be_done_once_only_goes_to_a_person() -> None:
    play = drive(flow(act("a", tries=5, **ONCE)), {"a": LOST})
    assert play.state.condition() == "outcome_unknown"
    assert play.dead_letters[1].fault.name == "WorkerLost"
    play.resolve("a", Resolution.DONE)
    assert play.end == ("succeeded", None)


@pytest.mark.parametrize("policy", list(OnExhausted))
def test_it_goes_to_a_person_whatever_the_policy_says(policy: OnExhausted) -> None:
    assert drive(flow(act("a", on_exhausted=policy, **ONCE)), {"a": LOST}).dead_letters


def test_a_timeout_of_what_may_be_done_once_only_goes_to_a_person_too() -> None:
    play = drive(flow(act("a", tries=5, **ONCE)), {"a": TIMEOUT})
    assert play.state.condition() == "outcome_unknown"
    assert play.dead_letters[1].fault.name == "Timeout"


def test_a_timeout_of_what_may_be_done_again_is_retried() -> None:
    assert len(drive(flow(act("a", tries=2)), {"a": TIMEOUT}).told(e.AttemptOrdered)) == 2


def test_a_timeout_of_an_overtaken_attempt_goes_to_nobody() -> None:
    play = Play(flow(act("a", **ONCE)))
    play.start()
    play.take("a")
    play.cancel()
    play.finish("a", TIMEOUT)
    assert play.told(e.StepCancelled)[0].reason == "outcome_unknown"
    assert play.end == ("cancelled", None)


def test_a_lost_compensation_is_handed_out_again() -> None:
    play = drive(flow(*chain(saga("a"), act("b"))), {"b": REFUSED, "undo a": [LOST, LOST]})
    assert play.end == ("failed", "rolled_back")


def test_a_lost_compensation_that_may_be_made_once_only_becomes_a_dead_letter() -> None:
    once = Compensate(does="demo.once@1.0.0")
    play = drive(flow(saga("a", "b", compensate=once), act("b")), {"b": REFUSED, "undo a": LOST})
    assert play.dead_letters[1].phase is Phase.UNDO
    assert play.end == ("failed", "rollback_incomplete")


def test_an_overtaken_attempt_that_may_be_made_once_only_is_not_made_again() -> None:
    play = Play(flow(fork("race", wait_for="any", left=[act("a")], right=[saga("b", **ONCE)])))
    play.start()
    play.take("b")
    play.finish("a")
    play.finish("b", LOST)
    assert play.told(e.StepCancelled)[0].reason == "outcome_unknown"
    assert play.end == ("succeeded", None)


def test_an_overtaken_attempt_that_keeps_getting_lost_is_given_up() -> None:
    play = Play(flow(fork("race", wait_for="any", left=[act("a")], right=[saga("b")])))
    play.start()
    play.take("b")
    play.finish("a")
    for _ in range(4):
        play.finish("b", LOST)
    assert play.told(e.StepCancelled)[0].reason == "lost"
    assert play.end == ("succeeded", None)
