"""Steps one after the other, and what they pass on."""

from designer.graph import SetVariables, Succeed
from runs.engine import PerformStep, RunStatus, Status
from runs.engine import events as e

from .flows import act, chain, flow
from .play import Play, drive


def test_a_run_that_has_not_started_awaits_a_worker() -> None:
    assert Play(flow(act("pack"))).state.status is RunStatus.READY


def test_steps_follow_one_another_to_the_end() -> None:
    play = drive(flow(*chain(act("pack"), act("send"), act("tell"))))
    assert play.steps_told(e.StepSucceeded) == ["pack", "send", "tell"]
    assert play.end == ("succeeded", None)


def test_the_next_step_is_ordered_in_the_decision_that_completes_the_one_before() -> None:
    play = Play(flow(*chain(act("pack"), act("send"))))
    play.start()
    decision = play.finish("pack")
    assert [type(event).__name__ for event in decision.events] == [
        *("AttemptSucceeded", "StepSucceeded", "StepEntered", "AttemptOrdered")
    ]
    assert [order.no for order in play.commands(PerformStep)] == [2]


def test_a_step_gets_its_input_from_the_run_and_from_the_steps_before_it() -> None:
    inputs = {
        "order": "${ input.id }",
        "parcel": "${ steps.pack.output.parcel }",
        "text": "No. ${ input.id }",
    }
    play = Play(flow(*chain(act("pack"), act("send", inputs=inputs))), input={"id": 7})
    play.start()
    play.finish("pack", {"parcel": [1, 2]})
    assert play.orders[2].inputs == {"order": 7, "parcel": [1, 2], "text": "No. 7"}


def test_a_step_that_has_started_is_running() -> None:
    play = Play(flow(act("pack")))
    play.start()
    assert play.find("pack").status is Status.READY
    play.take("pack")
    assert play.find("pack").status is Status.RUNNING


def test_the_output_of_the_last_step_is_the_run_s() -> None:
    play = drive(flow(*chain(act("pack"), act("send"))), {"send": {"parcel": 4}})
    assert play.output == {"parcel": 4}


def test_a_succeed_step_says_what_the_output_is() -> None:
    done = Succeed(key="done", output={"parcel": "${ steps.pack.output.n }"})
    play = drive(flow(act("pack", "done"), done), {"pack": {"n": 4}})
    assert play.output == {"parcel": 4}


def test_a_workflow_without_a_worker_s_step_ends_in_the_decision_that_starts_it() -> None:
    play = Play(flow(SetVariables(key="note", assign={"n": 1})))
    play.start()
    assert play.end == ("succeeded", None)
