"""Loops end, and the state does not grow with the history."""

import pytest

from designer.graph import OnExhausted, SetVariables, Succeed
from runs.engine import Resolution, dump_state
from runs.engine import events as e

from .flows import act, either, flow, fork, saga, to
from .play import Play, drive


def test_a_loop_ends_at_the_visit_limit() -> None:
    play = drive(flow(act("a", "b"), act("b", "a"), visit_limit=4))
    assert play.steps_told(e.AttemptStarted).count("a") == 4
    assert play.told(e.RunEnded)[0].fault.name == "VisitLimit"
    assert play.told(e.RunEnded)[0].fault.step == "a"


def test_what_was_done_in_the_loop_is_undone() -> None:
    play = drive(flow(saga("a", "a"), visit_limit=3))
    assert play.steps_told(e.StepUndone) == ["a"] * 3


@pytest.mark.parametrize(
    "round_and_round",
    [
        [SetVariables(key="a", next="a")],
        [either("a", "true", "b", None), either("b", "true", "a", None)],
        [SetVariables(key="a", assign={"n": "${ input.n }"}, catch=(to("a"),))],
        [
            SetVariables(key="a", next="b", catch=(to("b"),)),
            SetVariables(key="b", next="a", catch=(to("a"),)),
        ],
        [SetVariables(key="a", next="a", on_exhausted=OnExhausted.CONTINUE)],
        fork("a", "a", left=[SetVariables(key="b", next="b", catch=(to("b"),))], catch=(to("a"),)),
    ],
    ids=["set", "choices", "caught", "caught limit", "continued", "nested"],
)
def test_a_loop_without_a_worker_s_step_ends_too(round_and_round: list) -> None:
    assert drive(flow(*round_and_round, visit_limit=3)).end == ("failed", None)


def test_each_time_a_branch_is_opened_its_steps_count_anew() -> None:
    both = fork("both", "enough", left=[act("a")])
    enough = either("enough", "steps.both.output.left >= 3", "done", "both")
    play = drive(flow(both, enough, Succeed(key="done"), visit_limit=3), {"a": [1, 2, 3]})
    assert play.end == ("succeeded", None)


def test_a_person_may_have_a_loop_go_round_again() -> None:
    play = drive(flow(act("a", "a", on_exhausted=OnExhausted.DEAD_LETTER), visit_limit=2))
    assert play.dead_letters[3].fault.name == "VisitLimit"
    play.resolve("a", Resolution.RETRY)
    assert play.orders


def test_the_state_of_a_long_run_is_as_small_as_that_of_a_short_one() -> None:
    def size(rounds: int) -> int:
        play = Play(flow(act("a", "a"), visit_limit=10_000))
        play.start()
        for _ in range(rounds):
            play.finish("a", {"n": "x" * 1_000})
        return len(dump_state(play.state))

    assert size(100) - size(10) < 20


def test_an_ended_run_keeps_nothing_but_what_is_stuck() -> None:
    play = drive(flow(saga("a", "both"), fork("both", left=[act("b")], right=[act("c")])))
    assert (play.state.steps, play.state.scopes, play.state.visits) == ({}, {}, {})
