"""Locks: asked for on the way in, held until nothing of the step is at work any more."""

from datetime import timedelta
from typing import Any

import pytest

from designer.graph import OnExhausted, Review, SetVariables
from runs.engine import AcquireLock, ReleaseLock, Resolution, Status
from runs.engine import events as e

from .flows import BUSY, REFUSED, act, ask, chain, flow, fork, saga, to
from .play import LOST, Play

MINUTE = timedelta(minutes=1)


def begun(*steps: Any, input: Any = None) -> Play:
    play = Play(flow(*steps), input=input or {"name": "x"})
    play.start()
    return play


def test_it_asks_and_begins_when_it_is_let_in() -> None:
    play = begun(act("one", lock="sku-${ input.name }"))
    assert [c.name for c in play.commands(AcquireLock)] == ["sku-x"]
    assert play.state.condition() == "awaiting_lock" and not play.orders
    play.let_in("one")
    assert play.find("one").status is Status.READY
    play.finish("one")
    assert [c.name for c in play.commands(ReleaseLock)] == ["sku-x"]
    assert play.end == ("succeeded", None)


def test_it_is_held_through_all_tries() -> None:
    play = begun(act("one", lock="sku", tries=3))
    play.let_in("one")
    play.finish("one", BUSY)
    play.finish("one", LOST)
    assert play.beside.holding == {1: "sku"}
    play.finish("one")
    assert not play.beside.holding


@pytest.mark.parametrize("way", ["fail", "catch", "deadline", "cancel", "dead_letter"])
def test_it_is_released_on_every_way_out(way: str) -> None:
    more: dict[str, Any] = {"deadline": MINUTE}
    if way == "catch":
        more["catch"] = (to("mend"),)
    if way == "dead_letter":
        more["on_exhausted"] = OnExhausted.DEAD_LETTER
    play = begun(act("one", lock="sku", **more), act("mend"))
    play.let_in("one")
    if way == "cancel":
        play.cancel()
    elif way == "deadline":
        play.fire("one", "deadline")
    else:
        play.finish("one", REFUSED)
    assert not play.beside.holding and not play.state.locks


def test_who_waits_and_is_cancelled_gives_up_its_place() -> None:
    play = begun(act("one", lock="sku"))
    play.cancel()
    assert not play.beside.waiting
    assert play.end == ("cancelled", None)


def test_waiting_for_it_counts_for_the_deadline() -> None:
    play = begun(act("one", lock="sku", deadline=MINUTE, catch=(to("mend", "DeadlinePassed"),)), act("mend"))
    play.fire("one", "deadline")
    assert play.find("mend").status is Status.READY
    assert not play.beside.waiting


def test_an_attempt_that_is_left_out_still_holds_it() -> None:
    play = begun(act("one", lock="sku", deadline=MINUTE, catch=(to("mend"),)), act("mend"))
    play.let_in("one")
    play.take("one")
    play.fire("one", "deadline")
    assert play.beside.holding == {1: "sku"}
    play.finish("one")
    assert not play.beside.holding


def test_a_section_holds_it_for_all_inside() -> None:
    play = begun(fork("both", lock="sku", left=[act("a")], right=[act("b")]))
    assert play.let_in("both").ignored is None
    play.finish("a")
    assert play.beside.holding == {1: "sku"}
    play.finish("b")
    assert not play.beside.holding


def test_a_section_that_fails_holds_it_while_an_attempt_inside_is_out() -> None:
    play = begun(fork("both", lock="sku", left=[act("a")], right=[act("b")]))
    play.let_in("both")
    play.take("b")
    play.finish("a", REFUSED)
    assert play.beside.holding == {1: "sku"}
    play.finish("b")
    assert play.end == ("failed", None) and not play.beside.holding


def test_inside_a_section_the_same_lock_is_held_already() -> None:
    play = begun(fork("both", lock="sku", left=[act("a", lock="sku")], right=[act("b", lock="other")]))
    play.let_in("both")
    assert play.find("a").status is Status.READY
    assert play.beside.waiting == {play.find("b").no: "other"}


def test_two_steps_of_one_run_take_turns() -> None:
    play = begun(fork("both", left=[act("a", lock="sku")], right=[act("b", lock="sku")]))
    assert play.beside.can_be_let_in == [play.find("a").no]
    play.let_in("a")
    assert not play.beside.can_be_let_in
    play.finish("a")
    play.let_in("b")
    play.finish("b")
    assert play.end == ("succeeded", None)


def test_undoing_takes_no_lock() -> None:
    play = begun(chain(saga("one", lock="sku"), act("two")))
    play.let_in("one")
    play.finish("one")
    play.finish("two", REFUSED)
    assert play.find("one").status is Status.UNDOING and not play.state.locks
    play.finish("one")
    assert play.end == ("failed", "rolled_back")


def test_a_person_who_has_it_tried_again_sends_it_back_to_the_queue() -> None:
    play = begun(act("one", lock="sku", on_exhausted=OnExhausted.DEAD_LETTER))
    play.let_in("one")
    play.finish("one", REFUSED)
    play.resolve("one", Resolution.RETRY)
    assert play.beside.waiting == {1: "sku"}
    play.let_in("one")
    play.finish("one")
    assert play.end == ("succeeded", None)


def test_a_review_that_waits_for_its_lock_is_not_open() -> None:
    review: Review = ask("look", yes="done", lock="desk")
    play = begun(review, act("done"))
    said = play.decide_review("look", "yes").ignored
    assert said == "the review is closed"
    play.let_in("look")
    assert play.decide_review("look", "yes").ignored is None


@pytest.mark.parametrize("name", ["", " ", "x" * 201])
def test_a_lock_needs_a_name_that_can_be_kept(name: str) -> None:
    play = begun(SetVariables(key="one", lock="${ input.name }"), input={"name": name})
    assert play.told(e.RunEnded)[0].fault.name == "BadLock"


def test_a_turn_that_comes_too_late_changes_nothing() -> None:
    play = begun(act("one", lock="sku"))
    play.let_in("one")
    assert play.let_in("one").ignored == "the lock is not awaited any more"
