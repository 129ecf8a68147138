"""Events and states as they are stored."""

import pytest

from runs.engine import Gathered, UnknownEvent, dump_event, dump_state, load_event, load_state
from runs.engine import events as e
from runs.engine.decide import RULES
from runs.engine.replay import APPLY
from runs.engine.stale import STALE

from .flows import REFUSED, act, chain, flow, saga
from .play import NOON, drive


def test_what_is_kept_aside_is_no_part_of_the_entry() -> None:
    name, data = dump_event(e.AttemptSucceeded(at=NOON, no=1, attempt=1, output={"large": True}))
    assert name == "AttemptSucceeded"
    assert data == {"at": "2026-11-22T12:00:00Z", "no": 1, "attempt": 1, "phase": "do"}
    assert load_event(name, data) == e.AttemptSucceeded(at=NOON, no=1, attempt=1)


def test_a_gathered_output_is_kept_aside_like_any_other() -> None:
    _, data = dump_event(e.StepSucceeded(at=NOON, no=1, scope="", output=Gathered({"left": 2})))
    assert "output" not in data


def test_an_event_of_a_later_version_is_named() -> None:
    with pytest.raises(UnknownEvent, match="The journal holds a “StepSang”, which this version"):
        load_event("StepSang", {})


def test_a_run_that_nothing_has_happened_to_has_no_state_stored() -> None:
    assert load_state("").seq == 0


def test_a_state_in_the_middle_of_a_rollback_is_stored_whole() -> None:
    play = drive(flow(*chain(saga("a"), saga("b"), act("c"))), {"c": REFUSED, "undo a": REFUSED})
    assert play.end == ("failed", "rollback_incomplete")
    assert load_state(dump_state(play.state)) == play.state


def test_every_event_can_be_applied_and_every_rule_and_refusal_is_of_an_event() -> None:
    assert set(APPLY) == set(e.EVENTS.values())
    assert set(RULES) <= set(APPLY)
    assert set(STALE) <= set(APPLY)


def test_a_derived_event_is_no_fact() -> None:
    play = drive(flow(act("a")))
    with pytest.raises(KeyError):
        play.feed(e.StepEntered(at=NOON, no=9, key="a", scope=""))
