"""Loops: one round after the other, each a scope of its own."""

from datetime import timedelta
from typing import Any

import pytest

from designer.graph import SetVariables, Succeed
from runs.engine import events as e

from .flows import REFUSED, act, again, chain, flow, saga, to
from .play import Play, drive


def rounds(play: Play) -> int:
    return len(play.told(e.ScopeOpened))


def test_it_goes_round_so_many_times() -> None:
    play = drive(flow(again("loop", [act("one", inputs={"n": "${ index }"})], times=3)))
    assert [play.inputs[no, "do"]["n"] for no in sorted(play.keys) if play.keys[no] == "one"] == [
        0,
        1,
        2,
    ]
    assert play.end[0] == "succeeded"


@pytest.mark.parametrize("times", ["${ input.times }", 0])
def test_no_rounds_are_done_at_once(times: Any) -> None:
    play = drive(flow(again("loop", [act("one")], times=times)), input={"times": 0})
    assert (rounds(play), play.end, play.output) == (0, ("succeeded", None), None)


def test_a_loop_that_is_over_at_once_leaves_no_timer() -> None:
    loop = again("loop", [act("one")], "after", times=0, deadline=timedelta(minutes=1))
    play = Play(flow(loop, act("after")))
    play.start()
    assert not play.timers


@pytest.mark.parametrize("times", ["${ 'three' }", -1, True, 1.5])
def test_a_number_of_rounds_is_a_whole_number(times: Any) -> None:
    play = drive(flow(again("loop", [act("one")], times=times)))
    assert play.told(e.StepFailed)[0].fault.name == "BadTimes"


def test_it_goes_on_while_a_condition_holds() -> None:
    body = [SetVariables(key="count", assign={"n": "${ vars.n + 1 }"})]
    loop = again("loop", body, "done", goes_on="vars.n < 4")
    done = Succeed(key="done", output="${ vars.n }")
    graph = flow(chain(SetVariables(key="begin", assign={"n": 0}, next="loop"), loop[0])[0], loop, done)
    assert drive(graph).output == 4


def test_it_ends_as_seen_from_inside_the_round() -> None:
    play = drive(
        flow(
            again("loop", [act("poll")], "done", until="steps.poll.output.ready"),
            Succeed(key="done", output="${ steps.loop.output.n }"),
        ),
        {"poll": [{"ready": False, "n": 1}, {"ready": False, "n": 2}, {"ready": True, "n": 3}]},
    )
    assert (rounds(play), play.output) == (3, 3)


def test_a_variable_of_the_round_is_new_in_each() -> None:
    body = chain(
        act("look", inputs={"n": "${ has(vars.seen) ? 1 : 0 }"}),
        SetVariables(key="note", assign={"seen": True}),
    )
    play = drive(flow(again("loop", body, times=2)))
    assert {told["n"] for told in play.inputs.values()} == {0}


def test_more_rounds_than_its_limit_are_an_error() -> None:
    play = drive(flow(again("loop", [act("one")], goes_on="true", limit=5)))
    assert rounds(play) == 5
    assert play.told(e.StepFailed)[-1].fault.name == "LoopLimit"


def test_a_failed_round_fails_the_loop_and_its_fallback_takes_over() -> None:
    graph = flow(again("loop", [act("one")], times=3, catch=(to("instead"),)), act("instead"))
    play = drive(graph, {"one": [{}, REFUSED]})
    assert (rounds(play), play.end[0]) == (2, "succeeded")
    assert "instead" in play.steps_told(e.StepSucceeded)


def test_each_round_is_undone_with_its_own_values() -> None:
    body = chain(act("reserve"), saga("charge"))
    play = drive(flow(again("loop", body, "last", times=2), act("last")), {"last": REFUSED})
    assert play.steps_told(e.UndoEntered) == ["charge", "charge"]
    assert play.end == ("failed", "rolled_back")


def test_the_deadline_is_for_all_rounds() -> None:
    play = Play(flow(again("loop", [act("one")], goes_on="true", deadline=timedelta(minutes=1))))
    play.start()
    play.finish("one")
    play.fire("loop", "deadline")
    assert play.end[0] == "failed"
    assert not play.orders
