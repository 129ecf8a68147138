"""Choices: the first condition that holds, and what happens when none does."""

from designer.graph import Choice, Option, Succeed
from runs.engine import events as e

from .flows import act, either, flow, to
from .play import Play, drive


def ways(*options: Option, otherwise: str | None = "usual") -> Play:
    choice = Choice(key="look", options=options, otherwise=otherwise)
    steps = [Succeed(key=key) for key in ("usual", "first", "second")]
    return drive(flow(choice, *steps), input={"n": 5})


def test_the_first_condition_that_holds_wins() -> None:
    play = ways(Option("${ input.n > 9 }", "usual"), Option("input.n > 1", "first"), Option("true", "second"))
    assert play.steps_told(e.StepSucceeded) == ["look", "first"]


def test_without_a_condition_that_holds_the_otherwise_is_taken() -> None:
    play = ways(Option("input.n > 9", "first"))
    assert play.steps_told(e.StepSucceeded) == ["look", "usual"]
    assert play.told(e.BranchTaken)[0].label == "otherwise"


def test_the_journal_tells_which_way_was_taken_by_its_label() -> None:
    play = ways(Option("input.n > 1", "first", label="more than one"))
    assert play.told(e.BranchTaken)[0].label == "more than one"


def test_a_choice_without_a_way_fails_the_run() -> None:
    play = ways(Option("input.n > 9", "first"), otherwise=None)
    assert play.end == ("failed", None)
    assert play.told(e.RunEnded)[0].fault.name == "NoChoice"


def test_a_condition_without_an_answer_fails_the_step_and_names_what_is_missing() -> None:
    play = ways(Option("input.weight > 9", "first"))
    fault = play.told(e.RunEnded)[0].fault
    assert (fault.name, fault.step) == ("ExpressionError", "look")
    assert "input.weight" in fault.message


def test_a_condition_that_is_neither_true_nor_false_fails_the_step() -> None:
    assert ways(Option("input.n", "first")).told(e.RunEnded)[0].fault.name == "ExpressionError"


def test_a_choice_can_lead_back() -> None:
    again = either("enough", "steps.count.output.n >= 3", "done", "count")
    play = drive(
        flow(act("count", "enough"), again, Succeed(key="done", output="${ steps.count.output.n }")),
        {"count": [{"n": 1}, {"n": 2}, {"n": 3}]},
    )
    assert play.steps_told(e.StepEntered).count("count") == 3
    assert play.output == 3


def test_a_choice_that_cannot_be_made_may_be_caught() -> None:
    look = either("look", "input.weight > 9", "first", None, catch=(to("usual", "ExpressionError"),))
    play = drive(flow(look, Succeed(key="first"), Succeed(key="usual")))
    assert play.steps_told(e.StepSucceeded) == ["usual"]
