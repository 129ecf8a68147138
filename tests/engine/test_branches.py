"""Branches that are opened on a condition or after others, and joins that let failures pass."""

from typing import Any

import pytest

from designer.graph import Join, OnBranchFailure, Rest, Succeed
from runs.engine import Status
from runs.engine import events as e

from .flows import REFUSED, act, again, each, flow, fork
from .play import Play, drive


def ordered(play: Play) -> list[str]:
    return [play.keys[no] for no in play.orders]


def visited(play: Play) -> set[str]:
    return set(play.keys.values())


def test_only_the_branches_whose_condition_holds_are_opened() -> None:
    opened = fork(
        "some",
        left=[act("a")],
        right=[act("b")],
        third=[act("c")],
        when={"left": "input.n > 2", "right": "input.n > 9"},
    )
    play = drive(flow(opened), {"a": 1, "c": 3}, input={"n": 5})
    assert visited(play) == {"some", "a", "c"}
    assert play.output == {"left": 1, "third": 3}


def test_no_branch_at_all_is_an_empty_output() -> None:
    play = drive(flow(fork("none", left=[act("a")], when={"left": "false"})))
    assert (play.end, play.output) == (("succeeded", None), {})


def test_a_branch_begins_when_those_that_it_needs_have_ended() -> None:
    play = Play(flow(fork("dag", a=[act("one")], b=[act("two")], c=[act("three")], needs={"c": ["a", "b"]})))
    play.start()
    assert ordered(play) == ["one", "two"]
    play.finish("one")
    assert ordered(play) == ["two"]
    play.finish("two")
    assert ordered(play) == ["three"]


def test_a_branch_sees_the_steps_of_those_that_it_needs() -> None:
    after = [Succeed(key="told", output="${ steps.one.output.n + steps.two.output.n }")]
    needs = {"b": ["a"], "c": ["b"]}
    play = drive(
        flow(fork("dag", a=[act("one")], b=[act("two")], c=after, needs=needs)),
        {"one": {"n": 1}, "two": {"n": 2}},
    )
    assert play.output["c"] == 3


def test_what_needs_a_failed_branch_is_not_opened() -> None:
    join = Join(on_failure=OnBranchFailure.CONTINUE)
    play = drive(
        flow(fork("dag", a=[act("one")], b=[act("two")], c=[act("three")], needs={"b": ["a"]}, join=join)),
        {"one": REFUSED},
    )
    assert visited(play) == {"dag", "one", "three"}
    assert play.told(e.ScopeSkipped)[0].why == "a has failed"
    assert play.end[0] == "succeeded"


@pytest.mark.parametrize(
    ("wait_for", "done", "passed"), [("60%", 2, False), ("60%", 3, True), (2, 2, True), ("any", 1, True)]
)
def test_a_join_has_enough(wait_for: Any, done: int, passed: bool) -> None:
    branches = {name: [act(f"{name}1")] for name in "abcde"}
    play = Play(flow(fork("some", wait_for=wait_for, **branches)))
    play.start()
    for name in "abcde"[:done]:
        play.finish(f"{name}1")
    assert (play.end[0] == "succeeded") is passed


@pytest.mark.parametrize(
    ("tolerate", "end"), [(0, "failed"), (1, "succeeded"), ("34%", "succeeded"), ("33%", "failed")]
)
def test_a_join_lets_failures_pass(tolerate: Any, end: str) -> None:
    join = Join(tolerate=tolerate)
    play = drive(
        flow(fork("all", a=[act("one")], b=[act("two")], c=[act("three")], join=join)), {"two": REFUSED}
    )
    assert play.end[0] == end


def test_errors_are_handed_on_beside_what_succeeded() -> None:
    told = Succeed(key="told", output="${ steps.all.errors.b.name + ' in ' + steps.all.errors.b.step }")
    join = Join(on_failure=OnBranchFailure.CONTINUE)
    graph = flow(fork("all", "told", a=[act("one")], b=[act("two")], join=join), told)
    assert drive(graph, {"two": REFUSED}).output == "Refused in two"


def test_what_is_absorbed_goes_on_and_nobody_waits_for_it() -> None:
    join = Join(wait_for="any", rest=Rest.ABSORB)
    play = Play(
        flow(
            fork("race", "after", a=[act("one")], b=[act("two", "more"), act("more")], join=join),
            act("after"),
        )
    )
    play.start()
    play.finish("one")
    assert ordered(play) == ["two", "after"]
    play.finish("two")
    assert ordered(play) == ["after", "more"]
    play.finish("after")
    assert play.fate("more") is Status.CANCELLED
    assert play.end[0] == "succeeded"


def test_a_failure_in_what_is_absorbed_harms_nobody() -> None:
    join = Join(wait_for="any", rest=Rest.ABSORB)
    play = Play(flow(fork("race", "after", a=[act("one")], b=[act("two")], join=join), act("after")))
    play.start()
    play.finish("one")
    play.finish("two", REFUSED)
    play.finish("after")
    assert play.end == ("succeeded", None)


def test_a_person_has_it_go_on_with_what_there_is() -> None:
    play = Play(flow(fork("all", "after", a=[act("one")], b=[act("two")]), act("after")))
    play.start()
    play.finish("one", 1)
    play.force("all")
    assert ordered(play) == ["after"]
    told = play.feed(e.JoinForced(at=play.now, no=1, by="omar")).ignored
    assert told is not None and told.startswith("the step is over")


def test_a_step_cancels_another_branch() -> None:
    graph = flow(fork("both", a=[act("one", cancels=("two",))], b=[act("two", "more"), act("more")]))
    play = Play(graph)
    play.start()
    play.take("two")
    play.finish("one", 1)
    assert play.fate("two") is Status.ABANDONED
    play.finish("two")
    assert play.end[0] == "succeeded"
    assert play.output == {"a": 1}


@pytest.mark.parametrize(
    "around",
    [
        lambda race: again("around", race, "after", times=1),
        lambda race: each("around", [1], race, "after"),
        lambda race: [*fork("around", "after", x=race[:1], y=[act("three")]), *race[1:]],
    ],
    ids=["a round", "an item", "a branch"],
)
def test_what_is_absorbed_ends_with_the_scope_around_it(around: Any) -> None:
    join = Join(wait_for="any", rest=Rest.ABSORB)
    play = Play(flow(around(fork("race", a=[act("one")], b=[act("two")], join=join)), act("after")))
    play.start()
    play.finish("one")
    assert play.fate("two") is Status.CANCELLED


def test_a_scope_that_is_cancelled_takes_along_what_was_absorbed_in_it() -> None:
    join = Join(wait_for="any", rest=Rest.ABSORB)
    race = fork("race", "rest", a=[act("one")], b=[act("two")], join=join)
    stop = act("stop", cancels=("rest", "two"))
    outer = fork("both", "after", left=[race[0], act("rest")], right=[stop])
    play = Play(flow(outer, race[1:], act("after")))
    play.start()
    play.finish("one")
    play.finish("stop")
    assert (play.fate("two"), play.fate("rest")) == (Status.CANCELLED, Status.CANCELLED)
    assert ordered(play) == ["after"]
