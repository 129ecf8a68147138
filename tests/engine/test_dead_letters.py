"""Dead letters: a step that gave up waits for a person."""

from dataclasses import replace
from datetime import timedelta

from designer.graph import Action, AnyStep, OnExhausted, SetVariables, Succeed
from runs.engine import CloseDeadLetter, Resolution, Status
from runs.engine import events as e

from .flows import BUSY, REFUSED, act, either, flow, fork, saga
from .play import LOST, STAYS_OUT, Play, drive, go_on

PARK = OnExhausted.DEAD_LETTER
DONE = Succeed(key="done", output="${ steps.a.output }")


def parked(**more: object) -> Play:
    play = drive(flow(act("a", "done", tries=2, on_exhausted=PARK, **more), DONE), {"a": BUSY})
    assert play.find("a").status is Status.WAITING
    return play


def test_the_step_waits_and_says_why() -> None:
    play = parked()
    assert play.state.condition() == "dead_lettered"
    assert play.dead_letters[1].fault.name == "Busy"
    assert not play.state.status.is_over


def test_retry_gives_it_all_its_tries_again() -> None:
    play = parked()
    play.resolve("a", Resolution.RETRY)
    go_on(play, {"a": BUSY})
    assert [(order.attempt, order.tries) for order in play.told(e.AttemptOrdered)] == [
        (1, 1),
        (2, 2),
        (3, 1),
        (4, 2),
    ]
    assert play.dead_letters


def test_a_retry_that_succeeds_goes_on() -> None:
    play = parked()
    play.resolve("a", Resolution.RETRY)
    go_on(play, {"a": 5})
    assert play.output == 5


def test_retry_reads_its_input_anew() -> None:
    play = drive(flow(act("a", on_exhausted=PARK, inputs={"n": "${ input.n }"})))
    play.input = {"n": 1}
    play.resolve("a", Resolution.RETRY)
    assert play.orders[1].inputs == {"n": 1}


def test_skip_goes_on_without_an_output() -> None:
    play = parked()
    play.resolve("a", Resolution.SKIP)
    assert play.fate("a") is Status.SKIPPED
    assert play.output is None
    assert play.end == ("succeeded", None)


def test_done_goes_on_with_the_output_a_person_gives() -> None:
    play = parked()
    play.resolve("a", Resolution.DONE, output={"by": "hand"})
    assert play.output == {"by": "hand"}


def test_what_was_done_by_hand_is_undone_like_the_rest() -> None:
    play = drive(flow(saga("a", "b", on_exhausted=PARK), act("b")), {"a": REFUSED})
    play.resolve("a", Resolution.DONE, output={"n": 1})
    go_on(play, {"b": REFUSED})
    assert play.steps_told(e.StepUndone) == ["a"]


def test_what_was_skipped_is_not_undone() -> None:
    play = drive(flow(saga("a", "b", on_exhausted=PARK), act("b")), {"a": REFUSED})
    play.resolve("a", Resolution.SKIP)
    go_on(play, {"b": REFUSED})
    assert not play.told(e.UndoEntered)


def test_a_dead_letter_is_resolved_once() -> None:
    play = parked()
    play.resolve("a", Resolution.SKIP)
    again = play.feed(e.DeadLetterResolved(at=play.now, no=1, how=Resolution.SKIP, by="omar"))
    assert again.ignored == "the dead letter is closed"


def test_a_parked_step_has_no_deadline_and_a_retried_one_has_its_own() -> None:
    play = parked(deadline=timedelta(hours=1))
    assert not play.timers
    play.resolve("a", Resolution.RETRY)
    assert play.timers


def late(step: Action, *after: AnyStep) -> Play:
    """A step whose deadline has passed while its attempt is out."""
    step = replace(step, deadline=timedelta(hours=1), on_exhausted=PARK)
    play = drive(flow(step, *after), {"a": STAYS_OUT})
    assert play.dead_letters[1].fault.name == "DeadlinePassed"
    return play


def test_the_success_that_a_deadline_did_not_await_counts_and_closes_the_dead_letter() -> None:
    play = late(act("a", "done"), DONE)
    play.finish("a", 5)
    assert play.output == 5
    assert not play.dead_letters


def test_the_failure_that_a_deadline_did_not_await_leaves_it_to_the_person() -> None:
    play = late(act("a", "done", tries=3), DONE)
    play.finish("a", BUSY)
    assert play.dead_letters[1].fault.name == "DeadlinePassed"
    play.resolve("a", Resolution.RETRY)
    go_on(play, {"a": 5})
    assert play.output == 5


def test_a_worker_that_dies_after_the_deadline_leaves_it_to_the_person() -> None:
    play = late(act("a", "done"), DONE)
    play.finish("a", LOST)
    assert play.dead_letters and not play.orders


def test_a_step_is_not_tried_again_while_its_attempt_is_out() -> None:
    play = late(act("a"))
    sentence = "attempt 1 is still being made: wait until it has ended, or skip the step"
    for how in (Resolution.RETRY, Resolution.DONE):
        assert play.resolve("a", how).ignored == sentence


def test_what_comes_in_after_the_step_was_skipped_is_undone() -> None:
    play = late(saga("a", "b"), act("b"))
    play.resolve("a", Resolution.SKIP)
    assert play.find("a").status is Status.ABANDONED
    play.finish("a", {"n": 1})
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["a"]
    assert play.end == ("succeeded", None)


def test_what_comes_in_after_the_run_was_cancelled_is_undone() -> None:
    play = late(saga("a"))
    play.cancel()
    assert not play.dead_letters
    play.finish("a", {"n": 1})
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["a"]
    assert play.end == ("cancelled", "rolled_back")


def test_a_choice_cannot_be_passed_over() -> None:
    look = either("look", "input.n > 1", "done", None, on_exhausted=PARK)
    play = drive(flow(look, Succeed(key="done")))
    assert play.resolve("look", Resolution.SKIP).ignored == "a choice cannot be passed over, only retried"
    play.input = {"n": 2}
    play.resolve("look", Resolution.RETRY)
    assert play.end == ("succeeded", None)


def test_a_parallel_that_is_tried_again_opens_its_branches_again() -> None:
    both = fork("both", on_exhausted=PARK, left=[act("a")], right=[SetVariables(key="b")])
    play = drive(flow(both), {"a": REFUSED})
    play.resolve("both", Resolution.RETRY)
    go_on(play, {"a": 1})
    assert play.end == ("succeeded", None)
    assert play.output == {"left": 1, "right": None}


def test_a_parallel_may_be_skipped() -> None:
    play = drive(flow(fork("both", on_exhausted=PARK, left=[act("a")])), {"a": REFUSED})
    play.resolve("both", Resolution.SKIP)
    assert play.end == ("succeeded", None)


def test_a_dead_letter_that_the_run_moves_on_from_is_closed() -> None:
    race = fork("race", wait_for="any", left=[act("a", on_exhausted=PARK)], right=[act("b")])
    play = Play(flow(race))
    play.start()
    play.finish("a", REFUSED)
    decision = play.finish("b")
    assert [command for command in decision.commands if isinstance(command, CloseDeadLetter)]
    assert play.end == ("succeeded", None)
    assert not play.dead_letters


def test_a_step_that_cannot_note_its_success_becomes_a_dead_letter_again() -> None:
    play = drive(flow(act("a", on_exhausted=PARK, assign={"n": "${ output.n }"})), {"a": REFUSED})
    play.resolve("a", Resolution.DONE, output={})
    assert play.dead_letters[1].fault.name == "ExpressionError"
    play.resolve("a", Resolution.DONE, output={"n": 1})
    assert play.end == ("succeeded", None)
