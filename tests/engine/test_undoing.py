"""How a rollback goes about it, where a workflow says so: the failed step too, all at once, on after a failure."""

from datetime import timedelta

from designer.graph import AfterFailedUndo, Catch, Compensate, Undoing, UndoOrder
from runs.engine import Phase, Resolution, RunStatus, Status
from runs.engine import events as e

from .flows import BUSY, REFUSED, act, chain, flow, saga
from .play import LOST, STAYS_OUT, drive

FAILED_TOO = Undoing(failed_step=True)
ALL_AT_ONCE = Undoing(order=UndoOrder.AT_ONCE)
GOES_ON = Undoing(after_failure=AfterFailedUndo.GO_ON)
BY_OUTPUT = Compensate(does="demo.undo@1.0.0", inputs={"made": "${ output == null ? 'nothing' : output.id }"})


def test_a_failed_step_is_left_as_it_is():
    play = drive(flow(chain(saga("one"), saga("two"))), {"two": REFUSED})
    assert play.steps_told(e.UndoEntered) == ["one"]


def test_a_failed_step_is_undone_first_where_the_workflow_says_so():
    play = drive(flow(chain(saga("one"), saga("two")), undoing=FAILED_TOO), {"two": REFUSED})
    assert play.steps_told(e.UndoEntered) == ["two", "one"]
    assert play.end == ("failed", "rolled_back")


def test_the_undo_of_a_failed_step_sees_no_output():
    graph = flow(
        chain(saga("one", compensate=BY_OUTPUT), saga("two", compensate=BY_OUTPUT)), undoing=FAILED_TOO
    )
    play = drive(graph, {"one": {"id": "a"}, "two": REFUSED})
    assert play.inputs[2, Phase.UNDO] == {"made": "nothing"}
    assert play.inputs[1, Phase.UNDO] == {"made": "a"}


def test_a_step_that_was_never_tried_has_nothing_to_undo():
    flawed = saga("two", inputs={"n": "${ steps.nowhere.output }"})
    play = drive(flow(chain(saga("one"), flawed), undoing=FAILED_TOO))
    assert play.steps_told(e.UndoEntered) == ["one"]


def test_a_caught_failure_is_undone_when_the_run_fails_later():
    caught = saga("two", catch=(Catch(next="three"),))
    play = drive(
        flow(chain(saga("one"), caught, act("three")), undoing=FAILED_TOO), {"two": REFUSED, "three": REFUSED}
    )
    assert play.steps_told(e.UndoEntered) == ["two", "one"]


def test_a_run_that_succeeds_undoes_no_failure():
    caught = saga("one", catch=(Catch(next="two"),))
    play = drive(flow(chain(caught, act("two")), undoing=FAILED_TOO), {"one": REFUSED})
    assert (play.steps_told(e.UndoEntered), play.end) == ([], ("succeeded", None))


def test_what_fails_after_it_was_left_is_undone_too():
    late = saga("one", deadline=timedelta(minutes=1))
    play = drive(flow(late, undoing=FAILED_TOO), {"one": STAYS_OUT})
    assert play.state.steps[1].status is Status.ABANDONED
    play.report(1, 1, REFUSED)
    play.run_until_idle(lambda order: {})
    assert play.steps_told(e.UndoEntered) == ["one"]


def test_what_is_lost_after_it_was_left_is_undone_too():
    late = saga("one", does="demo.once@1.0.0", deadline=timedelta(minutes=1))
    play = drive(flow(late, undoing=FAILED_TOO), {"one": STAYS_OUT})
    play.report(1, 1, LOST)
    play.run_until_idle(lambda order: {})
    assert play.steps_told(e.UndoEntered) == ["one"]


def test_all_are_undone_at_once():
    graph = flow(chain(saga("one"), saga("two"), act("three")), undoing=ALL_AT_ONCE)
    play = drive(graph, {"three": REFUSED, "undo one": STAYS_OUT, "undo two": STAYS_OUT})
    assert [step.key for step in play.state.steps.values() if step.status is Status.UNDOING] == ["two", "one"]
    play.report(1, 2, {})
    assert play.state.status is RunStatus.UNDOING
    play.report(2, 2, {})
    assert play.end == ("failed", "rolled_back")


def test_one_that_cannot_be_undone_does_not_keep_the_others_that_are_at_work():
    graph = flow(chain(saga("one"), saga("two"), act("three")), undoing=ALL_AT_ONCE)
    play = drive(graph, {"three": REFUSED, "undo two": REFUSED})
    assert play.fate("one") is Status.UNDONE
    assert play.end == ("failed", "rollback_incomplete")


def test_a_rollback_stands_until_a_person_has_decided():
    play = drive(flow(chain(saga("one"), saga("two"), act("three"))), {"three": REFUSED, "undo two": REFUSED})
    assert (play.fate("one"), play.end) == (Status.SUCCEEDED, ("failed", "rollback_incomplete"))
    play.resolve("two", Resolution.DONE)
    play.run_until_idle(lambda order: {})
    assert (play.fate("one"), play.end) == (Status.UNDONE, ("failed", "rolled_back"))


def test_a_rollback_goes_on_where_the_workflow_says_so():
    graph = flow(chain(saga("one"), saga("two"), act("three")), undoing=GOES_ON)
    play = drive(graph, {"three": REFUSED, "undo two": REFUSED})
    assert play.fate("one") is Status.UNDONE
    assert (play.end, list(play.dead_letters)) == (("failed", "rollback_incomplete"), [2])


def test_an_undo_has_tries_of_its_own_after_a_failed_step():
    failing = saga("one", tries=2, undo_tries=2)
    play = drive(flow(failing, undoing=FAILED_TOO), {"one": BUSY, "undo one": [BUSY, {}]})
    assert play.end == ("failed", "rolled_back")
    assert [event.tries for event in play.told(e.AttemptOrdered)] == [1, 2, 1, 2]
