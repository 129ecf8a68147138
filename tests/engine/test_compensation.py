"""Compensation: what succeeded is undone, the newest first, one at a time."""

import pytest

from designer.graph import Compensate, Fail, OnFailure, Succeed
from runs.engine import PerformStep, Phase, Resolution, Status
from runs.engine import events as e

from .flows import BUSY, REFUSED, act, chain, flow, fork, saga, to
from .play import Play, drive, go_on

TRIP = [saga("flight"), saga("hotel"), saga("car")]


def stuck_trip() -> Play:
    """A trip whose car was refused and whose hotel cannot be given back."""
    play = drive(flow(*chain(*TRIP)), {"car": REFUSED, "undo hotel": REFUSED})
    assert play.end == ("failed", "rollback_incomplete")
    return play


def test_what_succeeded_is_undone_in_reverse_order() -> None:
    play = drive(flow(*chain(*TRIP, act("pay"))), {"pay": REFUSED})
    assert play.steps_told(e.StepUndone) == ["car", "hotel", "flight"]
    assert play.end == ("failed", "rolled_back")


def test_the_order_is_that_of_success_and_not_of_the_drawing() -> None:
    play = Play(flow(fork("both", "pay", left=[saga("a")], right=[saga("b")]), act("pay")))
    play.start()
    play.finish("b")
    play.finish("a")
    play.finish("pay", REFUSED)
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["a", "b"]


def test_one_step_is_undone_at_a_time_and_they_are_numbered() -> None:
    play = Play(flow(*chain(*TRIP)))
    play.start()
    play.finish("flight")
    play.finish("hotel")
    play.finish("car", REFUSED)
    assert [play.keys[no] for no in play.orders] == ["hotel"]
    assert play.find("hotel").order == 1
    play.finish("hotel")
    assert [play.keys[no] for no in play.orders] == ["flight"]
    assert play.find("flight").order == 2


def test_the_step_that_failed_is_not_undone_nor_is_what_has_no_compensation() -> None:
    play = drive(flow(*chain(saga("flight"), act("note"), saga("car"))), {"car": REFUSED})
    assert play.steps_told(e.UndoEntered) == ["flight"]


def test_a_workflow_may_keep_what_was_done() -> None:
    play = drive(flow(*chain(*TRIP), on_failure=OnFailure.KEEP), {"car": REFUSED})
    assert not play.told(e.UndoEntered)
    assert play.end == ("failed", None)


def test_a_fail_step_may_ask_for_nothing_to_be_undone() -> None:
    play = drive(flow(saga("flight", "no"), Fail(key="no", compensate=False)))
    assert not play.told(e.UndoEntered)
    assert play.end == ("failed", None)


def test_a_run_that_ends_well_keeps_everything() -> None:
    assert drive(flow(*chain(*TRIP))).end == ("succeeded", None)


def test_a_step_that_was_done_twice_is_undone_twice() -> None:
    again = act("again", catch=(to("flight", "Busy"),))
    play = drive(flow(saga("flight", "again"), again), {"again": [BUSY, REFUSED]})
    assert play.steps_told(e.StepUndone) == ["flight", "flight"]
    assert [event.no for event in play.told(e.StepUndone)] == [3, 1]


def test_a_compensation_sees_what_its_step_gave() -> None:
    inputs = {"ticket": "${ output.ticket }", "for": "${ input.who }"}
    step = saga("flight", "no", compensate=Compensate(does="demo.undo@1.0.0", inputs=inputs))
    play = Play(flow(step, Fail(key="no")), input={"who": "Ada"})
    play.start()
    play.finish("flight", {"ticket": 12})
    order = play.commands(PerformStep)[0]
    assert (order.phase, order.does) == (Phase.UNDO, "demo.undo@1.0.0")
    assert order.inputs == {"ticket": 12, "for": "Ada"}


def test_a_compensation_inside_a_closed_branch_still_sees_its_values() -> None:
    undo = Compensate(does="demo.undo@1.0.0", inputs={"n": "${ vars.n + steps.prepare.output.n }"})
    branch = chain(act("prepare", assign={"n": 5}), saga("book", compensate=undo))
    play = drive(flow(fork("both", "no", left=branch), Fail(key="no")), {"prepare": {"n": 1}})
    assert play.inputs[3, Phase.UNDO] == {"n": 6}


def test_compensations_have_tries_of_their_own() -> None:
    play = drive(
        flow(*chain(saga("flight", undo_tries=3), act("pay"))), {"pay": REFUSED, "undo flight": [BUSY, BUSY]}
    )
    undone = [order for order in play.told(e.AttemptOrdered) if order.phase is Phase.UNDO]
    assert [(order.attempt, order.tries) for order in undone] == [(2, 1), (3, 2), (4, 3)]
    assert play.end == ("failed", "rolled_back")


def test_a_compensation_that_gives_up_stops_the_rollback_and_becomes_a_dead_letter() -> None:
    play = stuck_trip()
    assert play.fate("hotel") is Status.UNDO_FAILED
    assert play.fate("flight") is Status.SUCCEEDED
    assert play.dead_letters[2].phase is Phase.UNDO


def test_a_compensation_whose_input_is_refused_becomes_a_dead_letter_too() -> None:
    undo = Compensate(does="demo.count@1.0.0", inputs={"n": "${ output.id }"})
    play = drive(flow(saga("flight", "no", compensate=undo), Fail(key="no")), {"flight": {"id": "five"}})
    assert play.end == ("failed", "rollback_incomplete")
    assert "input.n" in play.dead_letters[1].fault.message


def test_a_person_may_have_it_tried_again_and_the_rollback_goes_on() -> None:
    play = stuck_trip()
    play.resolve("hotel", Resolution.RETRY)
    assert play.state.status == "undoing"
    assert play.told(e.RollbackResumed)
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["hotel", "flight"]
    assert play.end == ("failed", "rolled_back")
    assert len(play.told(e.RunEnded)) == 2


def test_a_second_try_that_fails_ends_the_rollback_again() -> None:
    play = stuck_trip()
    play.resolve("hotel", Resolution.RETRY)
    go_on(play, {"undo hotel": REFUSED})
    assert play.end == ("failed", "rollback_incomplete")
    assert play.dead_letters


def test_a_person_may_say_it_was_undone_by_hand() -> None:
    play = stuck_trip()
    play.resolve("hotel", Resolution.DONE)
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["hotel", "flight"]
    assert play.end == ("failed", "rolled_back")


def test_a_person_may_let_it_be_and_the_rollback_stays_incomplete() -> None:
    play = stuck_trip()
    play.resolve("hotel", Resolution.SKIP)
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["flight"]
    assert play.fate("hotel") is Status.UNDO_FAILED
    assert play.end == ("failed", "rollback_incomplete")
    assert not play.dead_letters


@pytest.mark.parametrize("how", list(Resolution))
def test_it_is_resolved_once(how: Resolution) -> None:
    play = stuck_trip()
    play.resolve("hotel", how)
    again = play.feed(e.DeadLetterResolved(at=play.now, no=2, how=how, by="omar"))
    assert again.ignored == "the dead letter is closed"


def test_a_compensation_that_a_person_sends_back_waits_for_the_one_that_is_at_work() -> None:
    race = fork("race", "then", wait_for="any", a=[act("fast")], b=[saga("slow")], c=[saga("slower")])
    play = Play(flow(race, act("then")))
    play.start()
    play.take("slow")
    play.take("slower")
    play.finish("fast")
    play.finish("slow")
    play.finish("slow", REFUSED)
    play.finish("slower")
    assert play.find("slower").status is Status.UNDOING
    play.resolve("slow", Resolution.RETRY)
    assert play.find("slow").status is Status.UNDO_FAILED
    again = play.resolve("slow", Resolution.RETRY)
    assert again.ignored == "the dead letter is closed"
    play.finish("slower")
    assert play.find("slow").status is Status.UNDOING
    go_on(play)
    assert play.end == ("succeeded", None)


def test_the_error_is_known_to_the_end_of_the_run() -> None:
    play = drive(flow(*chain(*TRIP)), {"car": REFUSED})
    assert play.told(e.RunEnded)[0].fault.step == "car"


def test_a_run_that_failed_before_anything_was_done_has_nothing_to_undo() -> None:
    play = drive(flow(saga("flight"), Succeed(key="done")), {"flight": REFUSED})
    assert play.end == ("failed", None)
    assert not play.told(e.RollbackStarted)
