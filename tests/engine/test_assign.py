"""Variables: set after success, seen from inside, never from outside."""

from designer.graph import SetVariables, Succeed
from runs.engine import ABSENT
from runs.engine import events as e

from .flows import act, chain, either, flow, fork
from .play import drive


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
