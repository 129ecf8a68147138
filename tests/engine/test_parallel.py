"""Parallels: branches side by side, joined when enough of them have ended well."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.graph import Fail, Join, OnExhausted, SetVariables, Succeed, Wait
from runs.engine import Status
from runs.engine import events as e

from .flows import REFUSED, act, chain, either, flow, fork, saga, to
from .play import LOST, STAYS_OUT, Play, drive


@given(branches=st.integers(1, 50), data=st.data())
def test_a_join_waits_exactly_as_long_as_both_ends_are_possible(branches: int, data: st.DataObject) -> None:
    need = data.draw(st.integers(1, branches))
    succeeded = data.draw(st.integers(0, branches))
    failed = data.draw(st.integers(0, branches - succeeded))
    answers = {
        succeeded + later >= need for later in range(branches - succeeded - failed + 1)
    }  # for each number of the branches still going that may yet succeed
    expected = answers.pop() if len(answers) == 1 else None
    assert Join(wait_for=need).verdict(branches, succeeded, failed) is expected


def test_all_branches_start_at_once() -> None:
    play = Play(flow(fork("both", left=[act("a")], right=[act("b")])))
    play.start()
    assert [play.keys[no] for no in play.orders] == ["a", "b"]
    assert play.find("both").status is Status.WAITING


def test_it_waits_for_all_and_its_output_is_an_object_by_branch() -> None:
    done = Succeed(key="done", output="${ steps.both.output.left.n + steps.both.output.right.n }")
    play = Play(flow(fork("both", "done", left=[act("a")], right=[act("b")]), done))
    play.start()
    play.finish("a", {"n": 1})
    assert not play.told(e.ScopeJoined)
    play.finish("b", {"n": 2})
    assert play.output == 3


def test_a_branch_gives_the_output_of_its_last_step() -> None:
    play = drive(flow(fork("both", left=chain(act("a"), act("b")), right=[act("c")])), {"b": 7, "c": 8})
    assert play.output == {"left": 7, "right": 8}


def test_any_goes_on_with_the_first_branch_and_cancels_what_has_not_started() -> None:
    play = Play(flow(fork("race", "done", wait_for="any", left=[act("a")], right=[act("b")]), act("done")))
    play.start()
    play.finish("a", {"n": 1})
    assert play.fate("b") is Status.CANCELLED
    assert play.fate("race") is Status.SUCCEEDED
    assert [play.keys[no] for no in play.orders] == ["done"]


def test_any_abandons_the_attempt_of_a_slower_branch_and_the_run_awaits_its_report() -> None:
    play = Play(flow(fork("race", wait_for="any", left=[act("a")], right=[act("b")])))
    play.start()
    play.take("b")
    play.finish("a")
    assert play.fate("b") is Status.ABANDONED
    assert play.state.condition() == "awaiting_report"
    play.finish("b")
    assert play.fate("b") is Status.CANCELLED
    assert play.end == ("succeeded", None)


def test_a_number_of_branches_is_enough() -> None:
    branches: Any = {"one": [act("a")], "two": [act("b")], "three": [act("c")]}
    play = Play(flow(fork("some", wait_for=2, **branches)))
    play.start()
    play.finish("a")
    play.finish("b", REFUSED)
    assert play.fate("some") is Status.WAITING
    play.finish("c")
    assert play.fate("some") is Status.SUCCEEDED
    assert play.told(e.StepSucceeded)[-1].output.parts.keys() == {"one", "three"}


def test_a_join_that_cannot_pass_any_more_stops_the_other_branches() -> None:
    play = Play(
        flow(
            fork(
                "both",
                left=[act("a")],
                right=[
                    act("b"),
                ],
            )
        )
    )
    play.start()
    play.finish("a", REFUSED)
    assert play.fate("b") is Status.CANCELLED
    assert play.end == ("failed", None)
    assert play.told(e.RunEnded)[0].fault.name == "Refused"


def test_a_patient_join_lets_the_others_finish_before_it_fails() -> None:
    play = Play(flow(fork("both", patient=True, left=[act("a")], right=[act("b")])))
    play.start()
    play.finish("a", REFUSED)
    assert not play.state.status.is_over
    play.finish("b")
    assert play.fate("b") is Status.SUCCEEDED
    assert play.end == ("failed", None)


def test_the_error_of_a_branch_can_be_caught_by_the_parallel() -> None:
    both = fork("both", left=[act("a")], right=[act("b")], catch=(to("sorry", "Refused"),))
    play = drive(flow(both, Succeed(key="sorry", output="${ error.step }")), {"a": REFUSED})
    assert play.output == "a"


def test_a_fail_step_ends_its_branch_alone() -> None:
    play = drive(flow(fork("race", wait_for="any", left=[Fail(key="no")], right=[act("b")])))
    assert play.end == ("succeeded", None)


def test_a_branch_that_ends_at_once_may_join_before_the_others_are_opened() -> None:
    race = fork("race", wait_for="any", left=[SetVariables(key="now")], right=[act("b")])
    play = drive(flow(race, act("b2")))
    assert play.steps_told(e.StepEntered) == ["race", "now"]
    assert play.end == ("succeeded", None)


def test_no_branch_is_opened_once_the_parallel_is_a_dead_letter() -> None:
    both = fork("both", on_exhausted=OnExhausted.DEAD_LETTER, left=[Fail(key="no")], right=[act("b")])
    play = drive(flow(both))
    assert play.steps_told(e.StepEntered) == ["both", "no"]
    assert play.fate("both") is Status.WAITING
    assert not play.orders


def test_branches_nest() -> None:
    inner = fork("inner", wait_for="any", fast=[act("a")], slow=[act("b")])
    play = Play(flow(fork("outer", left=inner, right=[act("c")])))
    play.start()
    play.finish("a", {"n": 1})
    assert play.find("c").scope == "outer#1/right"
    assert play.told(e.StepEntered)[2].scope == "outer#1/left.inner#2/fast"
    play.finish("c", {"n": 3})
    assert play.output == {"left": {"fast": {"n": 1}}, "right": {"n": 3}}


def test_a_branch_sees_its_own_variables_first_then_those_around_it() -> None:
    note = SetVariables(key="note", assign={"who": "outer", "where": "here"}, next="both")
    left = chain(SetVariables(key="own", assign={"who": "left"}), Succeed(key="l", output="${ vars.who }"))
    right = [Succeed(key="r", output="${ vars.who + vars.where }")]
    done = Succeed(key="done", output=["${ steps.both.output }", "${ vars.who }"])
    play = drive(flow(note, fork("both", "done", left=left, right=right), done))
    assert play.output == [{"left": "left", "right": "outerhere"}, "outer"]


def test_a_parallel_entered_again_opens_its_branches_anew() -> None:
    both = fork("both", "enough", left=[act("a")], right=[act("b")])
    enough = either("enough", "steps.both.output.left.n > 1", "done", "both")
    play = drive(flow(both, enough, Succeed(key="done")), {"a": [{"n": 1}, {"n": 2}]})
    assert play.steps_told(e.ScopeOpened) == ["both"] * 4
    assert play.steps_told(e.ScopeJoined) == ["both"] * 2
    assert play.end == ("succeeded", None)


def test_the_deadline_of_a_parallel_stops_its_branches() -> None:
    both = fork("both", deadline=timedelta(minutes=1), left=[act("a")], right=[Wait(key="w", duration="1h")])
    play = drive(flow(both), {"a": STAYS_OUT})
    assert play.fate("w") is Status.CANCELLED
    assert play.fate("a") is Status.ABANDONED
    play.report(play.find("a").no, 1, {})
    assert play.end == ("failed", None)
    assert play.told(e.RunEnded)[0].fault.name == "DeadlinePassed"


def test_an_assignment_that_breaks_after_the_join_fails_the_parallel() -> None:
    both = fork("both", left=[act("a")], right=[act("b")], assign={"sum": "${ output.left.n + 1 }"})
    play = drive(flow(both), {"a": {"m": 1}})
    assert play.told(e.RunEnded)[0].fault.name == "ExpressionError"
    assert play.told(e.StepFailed)[0].fault.step == "both"


@pytest.mark.parametrize("late", [{"n": 1}, REFUSED])
def test_a_stopped_branch_s_attempt_is_awaited_before_the_rollback(late: object) -> None:
    both = fork("both", left=[act("a")], right=[act("b")])
    play = Play(flow(saga("first", "both"), both))
    play.start()
    play.finish("first")
    play.take("b")
    play.finish("a", REFUSED)
    assert not play.told(e.RollbackStarted)
    play.finish("b", late)
    assert play.fate("first") is Status.UNDOING


def test_an_overtaken_attempt_that_is_lost_is_not_made_again_when_nothing_could_undo_it() -> None:
    play = Play(flow(fork("race", wait_for="any", left=[act("a")], right=[act("b")])))
    play.start()
    play.take("b")
    play.finish("a")
    play.finish("b", LOST)
    assert play.fate("b") is Status.CANCELLED
    assert play.told(e.StepCancelled)[0].reason == "lost"
    assert play.end == ("succeeded", None)
