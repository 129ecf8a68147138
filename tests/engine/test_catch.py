"""Catches and the other answers to a step that has given up."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from designer.graph import Fail, OnExhausted, OnFailure, Succeed
from runs.engine import Status
from runs.engine import events as e

from .flows import BUSY, REFUSED, act, fault, flow, fork, saga, to
from .play import STAYS_OUT, drive

TELL = Succeed(
    key="sorry", output={"what": "${ error.name }", "why": "${ error.message }", "where": "${ error.step }"}
)


def test_a_caught_error_leads_on_and_can_be_read() -> None:
    play = drive(flow(act("a", catch=(to("sorry", "Refused"),)), TELL), {"a": REFUSED})
    assert play.output == {"what": "Refused", "why": "Not today.", "where": "a"}
    assert play.end == ("succeeded", None)


def test_an_error_is_caught_only_after_the_last_try() -> None:
    play = drive(flow(act("a", tries=3, catch=(to("sorry"),)), TELL), {"a": BUSY})
    assert len(play.told(e.AttemptOrdered)) == 3
    assert play.told(e.StepFailed)[0].reason == "caught"


def test_the_first_catch_that_matches_is_taken() -> None:
    catches = (to("other", "Busy"), to("sorry", "*"), to("other", "Refused"))
    play = drive(flow(act("a", catch=catches), TELL, act("other")), {"a": REFUSED})
    assert play.steps_told(e.StepEntered) == ["a", "sorry"]


def test_what_is_not_caught_fails_the_run() -> None:
    play = drive(flow(act("a", catch=(to("sorry", "Busy"),)), TELL), {"a": REFUSED})
    assert play.end == ("failed", None)
    assert play.told(e.RunEnded)[0].fault == replace(REFUSED, step="a")


def test_a_caught_step_is_not_undone() -> None:
    play = drive(flow(saga("a", catch=(to("no"),)), Fail(key="no")), {"a": REFUSED})
    assert not play.told(e.UndoEntered)
    assert play.end == ("failed", None)


def test_continue_goes_on_with_an_empty_output() -> None:
    done = Succeed(key="done", output=["${ steps.a.output }", "${ error.name }"])
    play = drive(flow(act("a", "done", on_exhausted=OnExhausted.CONTINUE), done), {"a": REFUSED})
    assert play.output == [None, "Refused"]
    assert play.told(e.StepFailed)[0].reason == "continued"


def test_continue_at_the_end_of_a_workflow_ends_it_well() -> None:
    play = drive(flow(act("a", on_exhausted=OnExhausted.CONTINUE)), {"a": REFUSED})
    assert play.end == ("succeeded", None)


def test_compensate_fails_the_run_from_within_a_branch_whatever_would_be_caught() -> None:
    inner = [act("a", on_exhausted=OnExhausted.COMPENSATE)]
    both = fork("both", left=inner, right=[act("b")], catch=(to("sorry"),))
    play = drive(flow(saga("first", "both"), both, TELL), {"a": REFUSED})
    assert play.fate("first") is Status.UNDONE
    assert play.fate("both") is Status.CANCELLED
    assert play.end == ("failed", "rolled_back")


def test_compensate_undoes_even_where_the_workflow_would_keep() -> None:
    steps = (saga("first", "a"), act("a", on_exhausted=OnExhausted.COMPENSATE))
    assert drive(flow(*steps, on_failure=OnFailure.KEEP), {"a": REFUSED}).end == ("failed", "rolled_back")


def test_a_fail_step_gives_its_own_error() -> None:
    no = Fail(key="no", error="TooBig", message="${ input.n } is too much.")
    play = drive(flow(no), input={"n": 9})
    assert play.told(e.RunEnded)[0].fault.message == "9 is too much."
    assert play.told(e.RunEnded)[0].fault.name == "TooBig"


def test_a_deadline_can_be_caught_while_the_attempt_is_out() -> None:
    slow = act("a", deadline=timedelta(minutes=1), catch=(to("sorry", "DeadlinePassed"),))
    play = drive(flow(slow, TELL), {"a": STAYS_OUT})
    assert play.fate("a") is Status.ABANDONED
    assert play.fate("sorry") is Status.SUCCEEDED
    play.finish("a")
    assert play.output == {"what": "DeadlinePassed", "why": "The step's deadline has passed.", "where": "a"}


@pytest.mark.parametrize(
    "how", [{"does": "demo.count@1.0.0"}, {"does": "demo.count@1.0.0", "inputs": {"n": "five"}}]
)
def test_an_input_that_its_contract_refuses_names_the_place(how: Any) -> None:
    told = drive(flow(act("a", **how))).told(e.RunEnded)[0].fault
    assert (told.name, told.step, told.retryable) == ("InputInvalid", "a", False)
    assert told.message.startswith("demo.count@1.0.0 refuses its input: input.n: ")


def test_an_expression_without_an_answer_names_the_place() -> None:
    told = drive(flow(act("a", inputs={"to": {"street": "${ input.street }"}}))).told(e.RunEnded)[0].fault
    assert (told.name, told.step) == ("ExpressionError", "a")
    assert "input.street" in told.message
    assert "to.street" in told.message


def test_flawed_inputs_are_not_tried_again() -> None:
    play = drive(flow(act("a", tries=5, inputs={"n": "${ input.n }"})))
    assert not play.told(e.AttemptOrdered)


def test_a_step_type_that_is_not_pinned_is_a_fault_and_no_crash() -> None:
    assert drive(flow(act("a", does="gone.away@1.0.0"))).told(e.RunEnded)[0].fault.name == "UnknownStepType"


def test_an_error_without_a_place_is_given_the_step_s() -> None:
    assert drive(flow(act("a")), {"a": fault("Odd")}).told(e.StepFailed)[0].fault.step == "a"
