"""Waits: for a while, or until a moment."""

from datetime import timedelta

import pytest

from designer.graph import Wait
from runs.engine import Status
from runs.engine import events as e

from .flows import act, flow
from .play import NOON, Play, drive


def waiting(input: object = None, **how: object) -> Play:
    play = Play(flow(Wait(key="wait", next="go", **how), act("go")), input=input or {})  # type: ignore[arg-type]
    play.start()
    return play


@pytest.mark.parametrize(
    ("how", "seconds"),
    [
        ({"duration": "1h30m"}, 5400),
        ({"duration": "${ input.seconds }"}, 90),
        ({"duration": "${ input.text }"}, 2),
        ({"until": "2026-11-22T12:01:00Z"}, 60),
        ({"until": "2026-11-22T14:01:00+02:00"}, 60),
        ({"until": "2026-11-22T12:01:00"}, 60),
        ({"until": "${ input.moment }"}, 3600),
        ({"until": "${ now + duration('5s') }"}, 5),
    ],
)
def test_it_wakes_at_the_moment_that_is_written(how: dict[str, str], seconds: int) -> None:
    play = waiting({"seconds": 90, "text": "2s", "moment": "2026-11-22T13:00:00Z"}, **how)
    assert play.timers == {(1, "wake"): NOON + timedelta(seconds=seconds)}


def test_it_goes_on_when_its_time_has_come() -> None:
    play = waiting(duration="30m")
    assert play.state.condition() == "awaiting_timer"
    play.fire("wait", "wake")
    assert play.find("go").status is Status.READY


def test_a_moment_that_has_passed_is_due_at_once() -> None:
    play = drive(flow(Wait(key="wait", until="2020-01-01T00:00:00Z")))
    assert (play.end, play.now) == (("succeeded", None), NOON)


@pytest.mark.parametrize(
    "how", [{"duration": "soon"}, {"until": "tomorrow"}, {"duration": "${ input.endless }"}]
)
def test_a_time_that_cannot_be_read_is_a_fault_with_a_sentence(how: dict[str, str]) -> None:
    fault = waiting({"endless": 1e300}, **how).told(e.RunEnded)[0].fault
    assert (fault.name, fault.step) == ("BadTime", "wait")
    assert fault.message


def test_an_expression_without_an_answer_is_named_as_such() -> None:
    fault = waiting(until="${ input.moment }").told(e.RunEnded)[0].fault
    assert fault.name == "ExpressionError"
    assert "input.moment" in fault.message


def test_a_deadline_may_end_the_wait() -> None:
    play = drive(flow(Wait(key="wait", duration="2h", deadline=timedelta(hours=1))))
    assert play.told(e.RunEnded)[0].fault.name == "DeadlinePassed"
    assert play.now == NOON + timedelta(hours=1)
