"""Variables: set after success, seen from inside, never from outside."""

from designer.graph import Action, Compensate, OnExhausted, SetVariables, Succeed
from runs.engine import ABSENT, Resolution, Status
from runs.engine import events as e

from .flows import REFUSED, act, chain, either, flow, fork, saga, to
from .play import LOST, Play, drive, go_on

MISSING = {"n": "${ output.n }"}  # of an output that does not have it
READING = Compensate(does="demo.count@1.0.0", inputs={"n": "${ output.id }"})


def test_a_step_assigns_from_its_output() -> None:
    play = drive(flow(act("a", assign={"n": "${ output.n * 2 }"})), {"a": {"n": 4}})
    assert play.variable("n") == 8


def test_a_set_step_does_nothing_else() -> None:
    play = drive(
        flow(SetVariables(key="note", assign={"who": "${ input.who }", "n": 3})), input={"who": "Ada"}
    )
    assert (play.variable("who"), play.variable("n")) == ("Ada", 3)
    assert play.output is None


def test_later_steps_of_the_same_decision_see_what_was_just_assigned() -> None:
    steps = chain(
        SetVariables(key="one", assign={"n": 1}),
        SetVariables(key="two", assign={"n": "${ vars.n + 1 }"}),
        Succeed(key="done", output="${ vars.n }"),
    )
    assert drive(flow(*steps)).output == 2


def test_the_assignments_of_one_step_do_not_see_each_other() -> None:
    step = SetVariables(key="swap", assign={"a": "${ vars.b }", "b": "${ vars.a }"})
    play = drive(flow(*chain(SetVariables(key="set", assign={"a": 1, "b": 2}), step)))
    assert (play.variable("a"), play.variable("b")) == (2, 1)


def test_a_loop_counts() -> None:
    count = SetVariables(key="count", assign={"n": "${ vars.n + 1 }"}, next="enough")
    again = either("enough", "vars.n >= 5", "done", "count")
    play = drive(
        flow(SetVariables(key="zero", assign={"n": 0}, next="count"), count, again, Succeed(key="done"))
    )
    assert play.variable("n") == 5


def test_a_failed_step_assigns_nothing() -> None:
    play = drive(flow(act("a", assign={"n": 1, "m": "${ output.m }"})), {"a": {}})
    assert play.variable("n") is ABSENT
    assert play.told(e.RunEnded)[0].fault.name == "ExpressionError"


def forgetful(next: str | None = None, **more: object) -> Action:
    """A step that does its work and cannot note it; what undoes it reads what it gave."""
    return saga("a", next, assign=MISSING, compensate=READING, **more)


def undone_by(play: Play) -> object:
    return play.inputs[1, "undo"]


def test_what_was_done_and_could_not_be_noted_is_undone() -> None:
    play = drive(flow(*chain(saga("first"), saga("a", assign=MISSING))))
    assert play.steps_told(e.StepUndone) == ["a", "first"]
    assert play.end == ("failed", "rolled_back")


def test_it_is_undone_where_a_fallback_goes_on() -> None:
    play = drive(flow(forgetful(catch=(to("b"),)), act("b")), {"a": {"id": 7}})
    assert undone_by(play) == {"n": 7}
    assert play.end == ("succeeded", None)


def test_it_is_undone_where_the_run_goes_on_without_it_and_has_no_output() -> None:
    seen = Succeed(key="seen", output="${ steps.a.output }")
    play = drive(flow(forgetful("seen", on_exhausted=OnExhausted.CONTINUE), seen), {"a": {"id": 7}})
    assert undone_by(play) == {"n": 7}
    assert (play.output, play.end) == (None, ("succeeded", None))


def parked() -> Play:
    step = forgetful("b", on_exhausted=OnExhausted.DEAD_LETTER)
    return drive(flow(step, act("b")), {"a": {"id": 7}})


def test_a_person_who_is_asked_about_it_may_skip_it_and_it_is_undone() -> None:
    play = parked()
    assert not play.told(e.UndoEntered)
    play.resolve("a", Resolution.SKIP)
    go_on(play)
    assert undone_by(play) == {"n": 7}
    assert play.fate("a") is Status.UNDONE


def test_a_person_who_has_it_tried_again_may_set_it_right() -> None:
    play = parked()
    play.resolve("a", Resolution.RETRY)
    go_on(play, {"a": {"id": 7, "n": 1}})
    assert play.end == ("succeeded", None)
    assert not play.told(e.UndoEntered)


def test_it_is_undone_when_trying_again_fails_and_the_run_is_cancelled() -> None:
    play = parked()
    play.resolve("a", Resolution.RETRY)
    go_on(play, {"a": REFUSED})
    play.cancel()
    go_on(play)
    assert undone_by(play) == {"n": 7}


def test_it_is_not_undone_while_it_is_being_tried_again() -> None:
    play = parked()
    play.resolve("a", Resolution.RETRY)
    play.take("a")
    play.cancel()
    assert not play.told(e.UndoEntered)
    play.finish("a", REFUSED)
    go_on(play)
    assert undone_by(play) == {"n": 7}
    assert play.end == ("cancelled", "rolled_back")


def test_a_second_try_that_is_lost_leaves_the_debt_of_the_first() -> None:
    play = parked()
    play.resolve("a", Resolution.RETRY)
    play.take("a")
    play.cancel()
    play.finish("a", LOST)
    go_on(play)
    assert play.steps_told(e.StepUndone) == ["a"]


def test_what_a_person_did_by_hand_and_could_not_note_is_undone_too() -> None:
    play = drive(flow(forgetful(on_exhausted=OnExhausted.DEAD_LETTER)), {"a": REFUSED})
    play.resolve("a", Resolution.DONE, output={"id": 8})
    play.cancel()
    go_on(play)
    assert undone_by(play) == {"n": 8}


def test_a_variable_of_a_branch_is_not_seen_outside() -> None:
    both = fork("both", "done", left=[SetVariables(key="in", assign={"n": 1})])
    play = drive(flow(both, Succeed(key="done", output="${ vars.n }")))
    assert play.told(e.RunEnded)[0].fault.step == "done"
    assert play.variable("n", "both#1/left") == 1


def test_branches_do_not_see_each_other_s_variables() -> None:
    left, right = (SetVariables(key=key, assign={"n": key}) for key in ("l", "r"))
    play = drive(flow(fork("both", left=[left], right=[right])))
    assert (play.variable("n", "both#1/left"), play.variable("n", "both#1/right")) == ("l", "r")


def test_the_run_itself_can_be_read() -> None:
    assert drive(flow(Succeed(key="done", output="${ run.id }"))).output == "run-1"


def test_the_moment_can_be_read() -> None:
    assert drive(flow(Succeed(key="done", output="${ now }"))).output == "2026-11-22T12:00:00Z"
