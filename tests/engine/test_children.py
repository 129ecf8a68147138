"""Runs that a step starts: awaited like attempts, cancelled and undone with the run that started them."""

from datetime import timedelta
from typing import Any

import pytest

from designer.graph import OnExhausted, RunWorkflow
from runs.engine import CancelChild, Resolution, Status, UndoChild
from runs.engine import events as e

from .beside import NOWHERE
from .flows import REFUSED, act, chain, flow, fork, saga, to
from .play import Play

MINUTE = timedelta(minutes=1)


def sub(key: str = "sub", next: str | None = None, runs: str = "order@^2", **more: Any) -> RunWorkflow:
    return RunWorkflow(key=key, next=next, runs=runs, **more)


def begun(*steps: Any, **more: Any) -> Play:
    play = Play(flow(*steps, **more), input={"n": 3})
    play.start()
    return play


def test_it_starts_a_run_and_its_output_is_that_runs() -> None:
    play = Play(flow(sub(inputs={"amount": "${ input.n }"})), input={"n": 3})
    play.start()
    order = play.child("sub").order
    assert (order.runs, order.inputs, order.attempt) == ("order@^2", {"amount": 3}, 1)
    assert play.state.condition() == "awaiting_child"
    play.end_child("sub", {"total": 9})
    assert (play.end, play.output) == (("succeeded", None), {"total": 9})


def test_one_that_is_not_awaited_is_only_set_going() -> None:
    play = begun(sub(awaited=False))
    assert (play.end, play.output) == (("succeeded", None), {"run": "child-1-1"})
    assert play.child("sub").cancelled is None


def test_its_failure_is_the_failure_of_the_step_and_has_its_name() -> None:
    play = begun(sub(catch=(to("mend", "Refused"),)), act("mend"))
    play.end_child("sub", REFUSED)
    assert play.find("mend").status is Status.READY
    assert play.told(e.StepFailed)[0].fault.step == "sub"


def test_one_that_cannot_be_started_fails_by_a_name_that_can_be_caught() -> None:
    play = begun(sub(runs=NOWHERE, catch=(to("mend", "UnknownWorkflow"),)), act("mend"))
    assert play.find("mend").status is Status.READY


def test_cancelling_reaches_it_and_the_end_waits_for_its_end() -> None:
    play = begun(chain(saga("first"), sub()))
    play.finish("first")
    play.cancel()
    assert (play.child("sub").cancelled, play.fate("sub")) == (True, Status.ABANDONED)
    assert not play.state.status.is_over
    play.end_child("sub", REFUSED)
    play.finish("first")
    assert play.end == ("cancelled", "rolled_back")
    assert play.fate("sub") is Status.CANCELLED


def test_cancelling_without_undo_says_so() -> None:
    play = begun(sub())
    play.cancel(undo=False)
    assert play.child("sub").cancelled is False
    play.end_child("sub", {"total": 1})
    assert play.end == ("cancelled", None)


def test_one_that_succeeds_after_all_is_undone() -> None:
    play = begun(sub())
    play.cancel()
    play.end_child("sub", {"total": 1})
    assert play.child("sub").undoing
    play.end_child("sub")
    assert (play.end, play.fate("sub")) == (("cancelled", "rolled_back"), Status.UNDONE)


def test_a_branch_that_is_overtaken_takes_its_run_along() -> None:
    play = begun(fork("both", wait_for="any", left=[act("quick")], right=[sub()]))
    play.finish("quick")
    assert play.child("sub").cancelled is True
    play.end_child("sub", REFUSED)
    assert play.end == ("succeeded", None)


def test_a_deadline_that_passes_takes_it_along() -> None:
    play = begun(sub(deadline=MINUTE, catch=(to("mend", "DeadlinePassed"),)), act("mend"))
    play.fire("sub", "deadline")
    assert play.child("sub").cancelled is True
    play.finish("mend")
    assert not play.state.status.is_over
    play.end_child("sub", REFUSED)
    assert play.end == ("succeeded", None)


def test_undoing_goes_backwards_through_it() -> None:
    play = begun(chain(saga("first"), sub(), act("last")))
    play.finish("first")
    play.end_child("sub", {"total": 1})
    play.finish("last", REFUSED)
    assert [c.no for c in play.commands(UndoChild)] == [2]
    play.end_child("sub")
    play.finish("first")
    assert play.end == ("failed", "rolled_back")


def failed_with_stuck_child() -> Play:
    play = begun(chain(saga("first"), sub(), act("last")))
    play.finish("first")
    play.end_child("sub", {"total": 1})
    play.finish("last", REFUSED)
    play.end_child("sub", incomplete=True)
    return play


def test_what_it_cannot_undo_holds_the_rollback_up() -> None:
    play = failed_with_stuck_child()
    assert play.end == ("failed", "rollback_incomplete")
    assert play.dead_letters[2].fault.name == "RollbackIncomplete"


def test_once_it_is_seen_to_there_it_goes_on_here_by_itself() -> None:
    play = failed_with_stuck_child()
    play.end_child("sub")
    assert not play.dead_letters
    play.finish("first")
    assert (play.end, play.fate("sub")) == (("failed", "rolled_back"), Status.UNDONE)


def test_a_person_may_have_it_asked_again() -> None:
    play = failed_with_stuck_child()
    play.resolve("sub", Resolution.RETRY)
    assert play.child("sub").undoing
    play.end_child("sub")
    play.finish("first")
    assert play.end == ("failed", "rolled_back")


def test_a_person_may_have_another_run_started() -> None:
    play = begun(sub(on_exhausted=OnExhausted.DEAD_LETTER))
    play.end_child("sub", REFUSED)
    play.resolve("sub", Resolution.RETRY)
    assert play.child("sub").order.attempt == 2
    play.end_child("sub", {"total": 1})
    assert play.end == ("succeeded", None)


def test_what_a_person_did_in_its_place_no_run_undoes() -> None:
    play = begun(chain(sub(on_exhausted=OnExhausted.DEAD_LETTER), act("last")))
    play.end_child("sub", REFUSED)
    play.resolve("sub", Resolution.DONE, {"total": 1})
    play.finish("last", REFUSED)
    assert play.end == ("failed", None)


def test_while_it_is_under_way_nobody_can_start_another_one() -> None:
    play = begun(sub(deadline=MINUTE, on_exhausted=OnExhausted.DEAD_LETTER))
    play.fire("sub", "deadline")
    said = play.resolve("sub", Resolution.RETRY).ignored
    assert said and "still being made" in said
    play.end_child("sub", {"total": 1})
    assert play.end == ("succeeded", None)


def test_an_end_that_is_told_again_changes_nothing() -> None:
    play = begun(sub(on_exhausted=OnExhausted.DEAD_LETTER))
    play.end_child("sub", REFUSED)
    assert play.end_child("sub", REFUSED).ignored == "the run that was started has ended already"


def test_it_is_told_only_once() -> None:
    play = begun(sub(deadline=MINUTE, on_exhausted=OnExhausted.DEAD_LETTER))
    play.fire("sub", "deadline")
    play.cancel()
    assert not play.commands(CancelChild)


# --- from the other side -------------------------------------------------------------------------------------


def test_a_run_that_has_succeeded_can_be_undone_by_the_one_that_started_it() -> None:
    play = begun(chain(saga("one"), saga("two")))
    play.finish("one")
    play.finish("two")
    assert play.end == ("succeeded", None)
    play.undo_all()
    play.finish("two")
    play.finish("one")
    assert (play.end, play.steps_told(e.StepUndone)) == (("cancelled", "rolled_back"), ["two", "one"])


def test_one_with_nothing_to_undo_is_undone_at_once() -> None:
    play = begun(act("one"))
    play.finish("one")
    play.undo_all()
    assert play.end == ("cancelled", None)


@pytest.mark.parametrize("outcome", [REFUSED, None])
def test_what_failed_or_goes_on_is_not_undone_from_outside(outcome: object) -> None:
    play = begun(saga("one"))
    if outcome:
        play.finish("one", outcome)
    assert play.undo_all().ignored
