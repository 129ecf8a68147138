"""Milestones, ends that end it all, and the deadline of the run."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from designer.graph import Fail, OnFailure, SetVariables, Succeed, Wait
from runs.engine import Status
from runs.engine import events as e

from .flows import BUSY, act, ask, chain, flow, fork, saga, to
from .play import NOON, Play

HOUR = timedelta(hours=1)


def begun(*steps: Any, **more: Any) -> Play:
    play = Play(flow(*steps, **more), input={"n": 3})
    play.start()
    return play


# --- milestones ----------------------------------------------------------------------------------------------


def beside(**more: Any) -> list[Any]:
    """A step that is made only while the packing in the other branch is not over."""
    open_door = {"only_while": "'pack' in run.active", **more}
    return fork(
        "both", left=[act("pack")], right=chain(Wait(key="rest", duration="1m"), act("add", **open_door))
    )


def test_it_is_made_while_its_milestone_holds() -> None:
    play = begun(beside())
    play.fire("rest", "wake")
    assert play.find("add").status is Status.READY


def test_afterwards_it_fails_by_a_name_that_can_be_caught() -> None:
    play = begun(
        beside(catch=(to("add_later", "NotAllowed"),)), replace(act("add_later"), scope="both/right")
    )
    play.finish("pack")
    play.fire("rest", "wake")
    assert play.find("add_later").status is Status.READY


def test_it_is_asked_before_every_further_try() -> None:
    play = begun(beside(tries=5))
    play.fire("rest", "wake")
    play.take("add")
    play.finish("pack")
    play.finish("add", BUSY)
    assert play.told(e.RunEnded)[0].fault.name == "NotAllowed"


def test_a_review_cannot_be_decided_when_it_has_passed() -> None:
    review = ask("look", yes="", only_while="'pack' in run.active")
    play = begun(fork("both", left=[act("pack")], right=[review]))
    play.finish("pack")
    play.decide_review("look", "yes")
    assert play.told(e.StepFailed)[0].fault.name == "NotAllowed"
    assert play.end == ("failed", None)


def test_a_wait_that_is_over_too_late_has_failed() -> None:
    wait = Wait(key="rest", duration="1m", only_while="'pack' in run.active")
    play = begun(fork("both", left=[act("pack")], right=[wait]))
    play.finish("pack")
    play.fire("rest", "wake")
    assert play.told(e.StepFailed)[0].fault.name == "NotAllowed"


def test_with_a_lock_it_is_asked_again_when_it_is_let_in() -> None:
    play = begun(beside(lock="sku"))
    play.fire("rest", "wake")
    play.finish("pack")
    play.let_in("add")
    assert play.told(e.StepFailed)[0].fault.name == "NotAllowed"
    assert not play.beside.holding


def test_what_is_active_is_only_there_for_who_reads_it() -> None:
    play = begun(SetVariables(key="note", assign={"seen": "${ run.active }", "id": "${ run.id }"}))
    assert play.variable("seen") == ["note"]


# --- ends ----------------------------------------------------------------------------------------------------


def test_a_good_end_of_all_cancels_the_others() -> None:
    found = Succeed(key="found", output="gold", ends_run=True)
    play = begun(fork("both", "after", left=[found], right=[saga("dig")]), act("after"))
    assert play.end == ("succeeded", None)
    assert play.output == "gold"


def test_what_it_leaves_behind_is_undone_if_it_succeeds() -> None:
    left = chain(act("look"), Succeed(key="found", output="gold", ends_run=True))
    play = begun(fork("both", left=left, right=[saga("dig")]))
    play.take("dig")
    play.finish("look")
    assert play.fate("dig") is Status.ABANDONED
    play.finish("dig")
    play.finish("dig")
    assert (play.end, play.fate("dig"), play.output) == (("succeeded", None), Status.UNDONE, "gold")


@pytest.mark.parametrize(
    ("how", "policy", "undone"),
    [
        ({}, OnFailure.COMPENSATE, True),
        ({"compensate": False}, OnFailure.COMPENSATE, False),
        ({}, OnFailure.KEEP, False),
    ],
)
def test_a_bad_end_of_all_is_caught_by_nobody(how: dict[str, Any], policy: OnFailure, undone: bool) -> None:
    stop = Fail(key="stop", error="Fraud", ends_run=True, **how)
    inner = fork("both", left=[stop], right=[act("dig")], catch=(to("mend"),))
    play = begun([saga("first", "both"), *inner, act("mend")], on_failure=policy)
    play.finish("first")
    assert play.state.ending is not None and play.state.ending.fault is not None
    assert play.state.ending.fault.name == "Fraud"
    assert (play.find("first").status is Status.UNDOING) if undone else play.state.status.is_over


# --- the deadline of the run ---------------------------------------------------------------------------------


def test_when_it_passes_the_run_fails_and_undoes() -> None:
    play = begun(chain(saga("one"), act("two")), deadline=HOUR)
    assert play.beside.due == NOON + HOUR
    play.finish("one")
    play.time_is_up()
    assert play.state.ending is not None and play.state.ending.fault is not None
    assert (play.state.ending.fault.name, play.fate("two")) == ("DeadlinePassed", Status.CANCELLED)
    play.finish("one")
    assert play.end == ("failed", "rolled_back")


def test_it_leaves_what_was_done_where_the_workflow_says_so() -> None:
    play = begun(chain(saga("one"), act("two")), deadline=HOUR, on_failure=OnFailure.KEEP)
    play.finish("one")
    play.time_is_up()
    assert play.end == ("failed", None)


def test_who_is_done_in_time_hears_nothing_of_it() -> None:
    play = begun(act("one"), deadline=HOUR)
    play.finish("one")
    assert play.beside.due is None
    assert play.time_is_up().ignored == "the run is ending already, or has no deadline"
