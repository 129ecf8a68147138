"""Reviews: a person is asked, and nobody else's silence is an answer."""

from datetime import timedelta

import pytest

from designer.graph import OnExhausted, Shown, Succeed
from runs.engine import CloseReview, Resolution, Status, WithdrawReview
from runs.engine import events as e

from .flows import act, ask, flow, fork
from .play import Play, drive, later

DAY = timedelta(days=1)
DONE = [Succeed(key="yes", output="${ steps.ask.output }"), Succeed(key="no")]


def asked(**more: object) -> Play:
    play = Play(flow(ask("ask", approve="yes", reject="no", **more), *DONE), input={"n": 7})
    play.start()
    return play


def test_the_run_waits_for_a_person() -> None:
    play = asked()
    assert play.find("ask").status is Status.WAITING
    assert play.state.condition() == "awaiting_review"


def test_the_reviewer_is_shown_what_the_definition_says() -> None:
    play = asked(show=(Shown("Number", "${ input.n }"),), edit={"n": "${ input.n }"})
    assert play.reviews[1].evidence == (("Number", 7),)
    assert play.reviews[1].editable == {"n": 7}


def test_the_outcome_says_where_the_run_goes_and_is_the_output() -> None:
    play = asked()
    play.decide_review("ask", "approve", reason="Fine.", data={"n": 8})
    assert play.output == {"outcome": "approve", "reason": "Fine.", "by": "rosa", "data": {"n": 8}}


def test_an_answer_that_was_not_offered_is_refused_with_those_that_were() -> None:
    play = asked()
    decision = play.decide_review("ask", "perhaps")
    assert decision.ignored == "the review has no outcome “perhaps”; it has approve, reject"
    assert play.find("ask").status is Status.WAITING


def test_a_second_decision_is_refused() -> None:
    play = asked()
    first = play.decide_review("ask", "reject")
    second = play.feed(e.ReviewDecided(at=play.now, no=1, outcome="approve", by="omar"))
    assert (first.ignored, second.ignored) == (None, "the review is closed")


def test_a_decision_after_the_run_was_cancelled_is_refused() -> None:
    play = asked()
    play.cancel()
    decision = play.feed(e.ReviewDecided(at=play.now, no=1, outcome="approve", by="rosa"))
    assert decision.ignored == "the review is closed"
    assert play.end == ("cancelled", None)


@pytest.mark.parametrize(("response", "escalate"), [("remind", False), ("escalate", True)])
def test_a_review_that_is_due_reminds_and_goes_on_waiting(response: str, escalate: bool) -> None:
    play = asked(due=DAY, on_due=response)
    play.fire("ask", "due")
    assert [reminder.escalate for reminder in play.reminders] == [escalate]
    assert play.find("ask").status is Status.WAITING
    assert play.reviews


def test_one_reminder_is_enough() -> None:
    play = asked(due=DAY)
    play.fire("ask", "due")
    assert play.fire("ask", "due").ignored == "the timer “due” is not set"
    assert len(play.reminders) == 1


def test_the_clock_decides_only_where_an_outcome_is_written() -> None:
    play = asked(due=DAY, on_due="reject")
    play.fire("ask", "due")
    assert play.steps_told(e.StepSucceeded) == ["ask", "no"]
    assert not play.reviews
    assert play.told(e.StepSucceeded)[0].output["by"] == ""


def test_what_the_clock_decides_is_a_decision_like_any_other() -> None:
    play = asked(due=DAY, on_due="reject", edit={"n": "${ input.n }"})
    play.fire("ask", "due")
    (told,) = play.told(e.ReviewDecided)
    assert (told.outcome, told.by, told.reason) == ("reject", "", "Nobody decided in time.")
    (closed,) = play.commands(CloseReview)
    assert closed.outcome == "reject"
    assert play.told(e.StepSucceeded)[0].output["data"] == {"n": 7}


def test_what_nobody_corrected_comes_out_as_it_was() -> None:
    play = asked(edit={"n": "${ input.n }"})
    play.decide_review("ask", "approve")
    assert play.output["data"] == {"n": 7}


def test_the_clock_decides_nothing_when_its_outcome_does_not_exist() -> None:
    play = asked(due=DAY, on_due="perhaps")
    play.fire("ask", "due")
    assert play.told(e.RunEnded)[0].fault.name == "NoOutcome"


def test_a_due_time_that_comes_after_the_decision_does_nothing() -> None:
    play = asked(due=DAY)
    play.decide_review("ask", "approve")
    assert not play.timers
    later(play, 90_000)
    assert play.feed(e.TimerFired(at=play.now, no=1, timer="due")).ignored == "the timer “due” is not set"


def test_a_review_has_a_deadline_too() -> None:
    play = asked(deadline=DAY)
    play.fire("ask", "deadline")
    assert play.fate("ask") is Status.FAILED
    assert not play.reviews


def test_a_review_whose_deadline_made_it_a_dead_letter_is_not_to_be_decided_any_more() -> None:
    play = asked(deadline=DAY, on_exhausted=OnExhausted.DEAD_LETTER)
    play.fire("ask", "deadline")
    assert play.dead_letters
    assert not play.reviews
    play.resolve("ask", Resolution.RETRY)
    assert play.reviews


def test_a_review_nobody_needs_any_more_is_withdrawn() -> None:
    inside = [ask("ask", approve="yes"), Succeed(key="yes")]
    play = Play(flow(fork("race", wait_for="any", left=inside, right=[act("b")])))
    play.start()
    decision = play.finish("b")
    assert [command for command in decision.commands if isinstance(command, WithdrawReview)]
    assert not play.reviews


def test_evidence_that_cannot_be_shown_is_an_error_and_can_be_tried_again() -> None:
    shown = (Shown("Weight", "${ input.weight }"),)
    play = asked(show=shown, on_exhausted=OnExhausted.DEAD_LETTER)
    assert "input.weight" in play.dead_letters[1].fault.message
    play.input = {"weight": 3}
    play.resolve("ask", Resolution.RETRY)
    assert play.reviews[1].evidence == (("Weight", 3),)


def test_a_review_cannot_be_passed_over() -> None:
    shown = (Shown("Weight", "${ input.weight }"),)
    play = asked(show=shown, on_exhausted=OnExhausted.DEAD_LETTER)
    decision = play.resolve("ask", Resolution.SKIP)
    assert decision.ignored == "a review cannot be passed over, only retried"
    assert play.dead_letters


def test_driving_a_run_stops_where_a_person_is_asked() -> None:
    assert drive(flow(act("a", "ask"), ask("ask", approve="yes"), Succeed(key="yes"))).reviews
