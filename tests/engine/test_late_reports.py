"""Reports that come when the run has moved on, and facts that come twice."""

from datetime import timedelta

import pytest

from designer.graph import Fail, OnExhausted
from runs.engine import Fault, Status
from runs.engine import events as e

from .flows import BUSY, REFUSED, act, chain, flow, fork, saga, to
from .play import LOST, STAYS_OUT, Play, drive, go_on

MINUTE = timedelta(minutes=1)


def overtaken(*after: object) -> Play:
    """A race whose slower branch has an attempt out when it is lost."""
    race = fork("race", "then" if after else None, wait_for="any", left=[act("fast")], right=[saga("slow")])
    play = Play(flow(race, *after))  # type: ignore[arg-type]
    play.start()
    play.take("slow")
    play.finish("fast")
    assert play.fate("slow") is Status.ABANDONED
    return play


@pytest.mark.parametrize("outcome", [{"n": 1}, BUSY, LOST])
def test_a_report_of_a_closed_attempt_changes_nothing(outcome: object) -> None:
    play = Play(flow(act("a", tries=3)))
    play.start()
    play.finish("a", BUSY)
    before = play.state
    assert play.report(1, 1, outcome).ignored == "attempt 1 is closed"
    assert play.state == before


def test_the_success_of_a_closed_attempt_is_no_success() -> None:
    play = Play(flow(act("a", "b", tries=3), act("b")))
    play.start()
    play.finish("a", BUSY)
    play.fire("a", "again")
    play.take("a")
    assert play.report(1, 1, {"n": 1}).ignored == "attempt 1 is closed"
    play.finish("a")
    play.finish("b")
    assert play.end == ("succeeded", None)


def test_a_closed_attempt_says_nothing_to_a_dead_letter() -> None:
    play = Play(flow(act("a", on_exhausted=OnExhausted.DEAD_LETTER)))
    play.start()
    play.finish("a", REFUSED)
    assert play.report(1, 1, {"n": 1}).ignored == "attempt 1 is closed"


def test_a_late_success_owes_a_compensation() -> None:
    play = overtaken()
    play.finish("slow", {"n": 1})
    assert play.find("slow").status is Status.UNDOING
    assert play.told(e.CompensationOwed)
    play.finish("slow")
    assert play.fate("slow") is Status.UNDONE
    assert play.end == ("succeeded", None)


def test_a_late_failure_owes_nothing() -> None:
    play = overtaken()
    play.finish("slow", BUSY)
    assert play.fate("slow") is Status.CANCELLED
    assert play.end == ("succeeded", None)


def test_the_run_goes_on_while_a_debt_is_paid() -> None:
    play = overtaken(act("then"))
    play.finish("slow")
    assert play.find("slow").status is Status.UNDOING
    play.finish("then")
    assert not play.state.status.is_over
    play.finish("slow")
    assert play.end == ("succeeded", None)


def test_a_debt_that_cannot_be_paid_is_a_dead_letter_and_the_run_ends_incomplete() -> None:
    play = overtaken(act("then"))
    play.finish("slow")
    play.finish("slow", REFUSED)
    assert play.find("slow").status is Status.UNDO_FAILED
    play.finish("then")
    assert play.end == ("succeeded", "rollback_incomplete")


def test_a_run_whose_only_effect_was_a_debt_is_rolled_back_when_it_is_paid() -> None:
    play = Play(flow(saga("a")))
    play.start()
    play.take("a")
    play.cancel()
    play.finish("a")
    go_on(play)
    assert play.end == ("cancelled", "rolled_back")


def test_debts_are_paid_before_the_others_are_undone() -> None:
    both = fork("both", left=[act("bad")], right=[saga("slow")])
    play = Play(flow(saga("first", "both"), both))
    play.start()
    play.finish("first")
    play.take("slow")
    play.finish("bad", REFUSED)
    play.finish("slow")
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["slow", "first"]
    assert play.end == ("failed", "rolled_back")


def test_debts_are_paid_one_at_a_time_and_the_newest_first() -> None:
    race = fork("race", wait_for="any", a=[act("fast")], b=[saga("x")], c=[saga("y")], d=[saga("z")])
    play = Play(flow(race))
    play.start()
    for key in "xyz":
        play.take(key)
    play.finish("fast")
    for key in "xyz":
        play.finish(key)
    assert [play.fate(key) for key in "xyz"] == [Status.UNDOING, Status.ABANDONED, Status.ABANDONED]
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["x", "z", "y"]


def test_an_attempt_whose_success_is_owed_cannot_be_started_again() -> None:
    race = fork("race", wait_for="any", a=[act("fast")], b=[saga("x")], c=[saga("y")])
    play = Play(flow(race))
    play.start()
    play.take("x")
    play.take("y")
    play.finish("fast")
    play.finish("x")
    play.finish("y")
    assert play.begin(play.find("y").no, 1).ignored == "attempt 1 has been made"


def test_a_deadline_s_late_success_is_undone() -> None:
    step = saga("a", deadline=MINUTE, catch=(to("b"),))
    play = drive(flow(step, act("b")), {"a": STAYS_OUT})
    play.finish("a")
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["a"]
    assert play.end == ("succeeded", None)


def test_every_fact_delivered_again_changes_nothing() -> None:
    play = drive(flow(*chain(saga("a", tries=2, deadline=MINUTE), act("b"), Fail(key="no"))), {"a": [BUSY]})
    assert play.end == ("failed", "rolled_back")
    before = play.state
    for fact in list(play.facts):
        assert play.feed(fact).ignored
    assert play.state == before


def test_a_report_that_the_fence_refused_is_told_in_the_journal_and_does_nothing() -> None:
    play = Play(flow(act("a")))
    play.start()
    before = play.state.steps
    assert play.feed(e.ReportRefused(at=play.now, no=1, attempt=1, worker="w0")).ignored is None
    assert play.state.steps == before
    assert [type(event).__name__ for event in play.journal][-1] == "ReportRefused"


def test_a_fault_says_whether_it_is_worth_a_retry() -> None:
    odd = Fault(name="Odd", retryable=False)
    assert len(drive(flow(act("a", tries=3)), {"a": odd}).told(e.AttemptOrdered)) == 1
