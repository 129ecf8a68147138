"""Cancelling: nothing new is begun, what is out is awaited, and what was done is undone if so wished."""

from designer.graph import OnExhausted, Succeed, Wait
from runs.engine import Resolution, Status
from runs.engine import events as e

from .flows import REFUSED, act, ask, chain, flow, fork, saga
from .play import LOST, Play, drive, go_on


def started(*steps: object, **more: object) -> Play:
    play = Play(flow(*steps, **more))  # type: ignore[arg-type]
    play.start()
    return play


def test_a_run_that_has_not_started_is_not_cancelled_by_the_engine() -> None:
    """The shell starts it in the same breath, so that the journal tells the whole story."""
    assert Play(flow(act("a"))).cancel().ignored == "the run has not started yet"


def test_a_step_that_nobody_has_begun_is_never_begun() -> None:
    play = started(act("a"))
    play.cancel()
    assert play.fate("a") is Status.CANCELLED
    assert play.end == ("cancelled", None)
    assert play.begin(1, 1).ignored == "attempt 1 is not to be made"


def test_with_undo_the_finished_steps_are_undone() -> None:
    play = started(*chain(saga("a"), saga("b"), act("c")))
    play.finish("a")
    play.finish("b")
    play.cancel()
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["b", "a"]
    assert play.end == ("cancelled", "rolled_back")


def test_without_undo_they_are_kept() -> None:
    play = started(*chain(saga("a"), act("b")))
    play.finish("a")
    play.cancel(undo=False)
    assert play.end == ("cancelled", None)
    assert play.fate("a") is Status.SUCCEEDED


def test_without_undo_what_comes_in_late_is_kept_as_well() -> None:
    play = started(saga("a"))
    play.take("a")
    play.cancel(undo=False)
    play.finish("a", {"n": 1})
    assert play.fate("a") is Status.CANCELLED
    assert play.told(e.StepCancelled)[-1].reason == "late_success"
    assert play.end == ("cancelled", None)


def test_without_undo_a_lost_attempt_is_not_made_again() -> None:
    play = started(saga("a"))
    play.take("a")
    play.cancel(undo=False)
    play.finish("a", LOST)
    assert not play.orders
    assert play.end == ("cancelled", None)


def test_an_attempt_that_is_out_is_awaited_first() -> None:
    play = started(*chain(saga("a"), saga("b")))
    play.finish("a")
    play.take("b")
    play.cancel()
    assert play.fate("b") is Status.ABANDONED
    assert not play.told(e.RollbackStarted)
    play.finish("b", REFUSED)
    assert play.find("a").status is Status.UNDOING


def test_a_report_that_comes_in_late_is_undone_first() -> None:
    play = started(*chain(saga("a"), saga("b")))
    play.finish("a")
    play.take("b")
    play.cancel()
    play.finish("b")
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["b", "a"]
    assert play.end == ("cancelled", "rolled_back")


def test_a_failure_after_cancelling_is_not_retried() -> None:
    play = started(act("a", tries=9))
    play.take("a")
    play.cancel()
    play.finish("a", REFUSED)
    assert len(play.told(e.AttemptOrdered)) == 1
    assert play.end == ("cancelled", None)


def test_a_worker_that_dies_after_cancelling_leaves_nothing_to_do_when_nothing_could_undo_it() -> None:
    play = started(act("a"))
    play.take("a")
    play.cancel()
    play.finish("a", LOST)
    assert play.end == ("cancelled", None)


def test_a_worker_that_dies_after_cancelling_may_have_done_what_has_to_be_undone() -> None:
    play = started(saga("a"))
    play.take("a")
    play.cancel()
    play.finish("a", LOST)
    assert play.orders[1].attempt == 1
    play.finish("a", {"n": 1})
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["a"]


def test_branches_reviews_waits_and_dead_letters_are_all_ended() -> None:
    inside = [ask("ask", approve="yes"), Succeed(key="yes")]
    letter = [act("a", on_exhausted=OnExhausted.DEAD_LETTER)]
    play = started(fork("all", one=inside, two=[Wait(key="w", duration="1h")], three=letter))
    play.finish("a", REFUSED)
    play.cancel()
    assert play.end == ("cancelled", None)
    assert not (play.orders or play.timers or play.reviews or play.dead_letters)


def test_a_run_that_is_being_undone_cannot_be_cancelled() -> None:
    play = started(*chain(saga("a"), act("b")))
    play.finish("a")
    play.finish("b", REFUSED)
    assert play.state.status == "undoing"
    assert play.cancel().ignored == "the run is ending already"


def test_a_run_that_is_ending_cannot_be_cancelled_again() -> None:
    play = started(act("a"))
    play.take("a")
    play.cancel()
    assert play.cancel(undo=False).ignored == "the run is ending already"


def test_a_run_that_is_over_cannot_be_cancelled() -> None:
    assert drive(flow(act("a"))).cancel().ignored == "the run is over"


def test_the_reason_is_kept() -> None:
    play = started(act("a"))
    play.cancel()
    fault = play.told(e.RunEnded)[0].fault
    assert (fault.name, fault.message) == ("Cancelled", "Ordered twice.")


def test_a_cancelled_run_whose_rollback_got_stuck_can_be_taken_up_again() -> None:
    play = started(*chain(saga("a"), act("b")))
    play.finish("a")
    play.cancel()
    go_on(play, {"undo a": REFUSED})
    assert play.end == ("cancelled", "rollback_incomplete")
    play.resolve("a", Resolution.DONE)
    assert play.end == ("cancelled", "rolled_back")
