"""Signals: published by a step, waited for by a step."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from designer.graph import ANY_ERROR, Arrival, Awaited, Catch, Emit, OnExhausted, Retry, Wait
from runs.engine import Fault, Publish, Resolution, Status
from runs.engine import events as e

from .flows import act, flow
from .play import NOON, Play, drive, go_on

DECLINED = Fault(name="Declined", message="The card has expired.")


def listening(key: Any = "ORD-1", input: Any = None, **more: Any) -> Play:
    wait = Wait(key="wait", next="go", signal=Awaited(name="order.paid", key=key), **more)
    play = Play(flow(wait, act("go")), input=input or {})
    play.start()
    return play


def test_a_wait_says_which_signal_it_waits_for() -> None:
    play = listening("${ input.order }", {"order": "ORD-1"})
    assert [(no, one.name, one.key) for (no, _), one in play.subscriptions.items()] == [
        (1, "order.paid", "ORD-1")
    ]
    assert play.state.condition() == "awaiting_signal"
    assert play.told(e.SignalAwaited)[0].key == "ORD-1"


def test_the_signal_wakes_it_and_is_its_output() -> None:
    play = listening()
    play.signal("wait", data={"amount": 12})
    assert play.find("go").status is Status.READY
    assert play.outputs[1] == {
        "name": "order.paid",
        "key": "ORD-1",
        "data": {"amount": 12},
        "id": "s1",
        "source": "/bank",
        "time": NOON.isoformat(),
    }
    assert not play.subscriptions


def test_a_second_signal_is_ignored_with_a_sentence() -> None:
    play = listening()
    play.signal("wait")
    assert play.receive(1, "").ignored == "nobody waits for the signal paid any more"


def test_a_signal_for_another_arrival_is_ignored() -> None:
    assert listening().receive(1, "other").ignored == "the signal paid is not what the step waits for"


def test_what_the_signal_carries_is_kept_aside() -> None:
    play = listening()
    play.signal("wait", data={"large": True})
    assert "data" in e.SignalReceived.__struct_fields__
    assert play.told(e.SignalReceived)[0].data == {"large": True}


def test_a_number_may_be_a_key() -> None:
    play = listening("${ input.order }", {"order": 17})
    assert play.subscriptions[1, ""].key == "17"


@pytest.mark.parametrize("key", ["", "x" * 201, "${ input.list }", "${ input.nothing }", "${ input.yes }"])
def test_a_key_that_is_none_is_a_fault_with_a_sentence(key: str) -> None:
    fault = listening(key, {"list": [1], "nothing": None, "yes": True}).told(e.RunEnded)[0].fault
    assert (fault.name, fault.step) == ("BadKey", "wait")
    assert "The key of the signal order.paid must be a text" in fault.message


def test_a_deadline_ends_the_wait_and_nobody_is_subscribed_any_more() -> None:
    play = listening(deadline=timedelta(hours=1))
    play.fire("wait", "deadline")
    assert play.told(e.RunEnded)[0].fault.name == "DeadlinePassed"
    assert not play.subscriptions


def test_who_cancels_takes_the_subscription_back() -> None:
    play = listening()
    play.cancel()
    assert not play.subscriptions
    assert play.end == ("cancelled", None)


def test_a_person_may_say_that_it_came_or_have_it_waited_for_again() -> None:
    play = listening(deadline=timedelta(hours=1), on_exhausted=OnExhausted.DEAD_LETTER)
    play.fire("wait", "deadline")
    assert not play.subscriptions
    play.resolve("wait", Resolution.RETRY)
    assert play.subscriptions
    play.fire("wait", "deadline")
    play.resolve("wait", Resolution.DONE, {"data": 1})
    assert go_on(play).end == ("succeeded", None)


def test_a_signal_that_tells_of_a_failure_fails_the_step() -> None:
    play = listening()
    play.signal("wait", fault=DECLINED)
    assert play.told(e.RunEnded)[0].fault == replace(DECLINED, step="wait")
    assert not play.subscriptions


@pytest.mark.parametrize("error", ["Declined", ANY_ERROR])
def test_a_fallback_takes_that_failure(error: str) -> None:
    play = listening(catch=(Catch(on=(error,), next="go"),))
    play.signal("wait", fault=DECLINED)
    assert play.find("go").status is Status.READY


def test_a_retry_waits_anew_for_the_same_signal() -> None:
    play = listening(retry=Retry(attempts=2, jitter=False))
    play.signal("wait", fault=DECLINED)
    assert not play.subscriptions
    play.fire("wait", "again")
    assert [one.key for one in play.subscriptions.values()] == ["ORD-1"]
    play.signal("wait", data=12)
    assert go_on(play).end == ("succeeded", None)


def test_one_of_several_arrivals_fails_them_all() -> None:
    paid = Arrival(name="paid", signal=Awaited(name="order.paid", key="k"), next="go")
    late = Arrival(name="late", duration="1h", next="go")
    play = Play(flow(Wait(key="wait", first=(paid, late)), act("go")))
    play.start()
    play.signal("wait", "paid", fault=DECLINED)
    assert play.told(e.RunEnded)[0].fault == replace(DECLINED, step="wait")
    assert not play.timers


def test_an_emit_publishes_and_goes_on_at_once() -> None:
    emit = Emit(
        key="tell",
        next="go",
        signal="order.paid",
        correlation="${ input.order }",
        data={"order": "${ input.order }"},
        keep=timedelta(hours=2),
    )
    play = Play(flow(emit, act("go")), input={"order": "ORD-1"})
    play.start()
    [published] = play.commands(Publish)
    assert (published.signal, published.name, published.key) == ("run-1.1", "order.paid", "ORD-1")
    assert (published.data, published.keep) == ({"order": "ORD-1"}, timedelta(hours=2))
    assert play.outputs[1] == {"id": "run-1.1", "name": "order.paid", "key": "ORD-1"}
    assert play.find("go").status is Status.READY


def test_an_emit_without_a_key_publishes_nothing() -> None:
    play = drive(flow(Emit(key="tell", signal="order.paid")))
    assert play.told(e.RunEnded)[0].fault.name == "BadKey"
    assert not play.published


def test_each_visit_publishes_a_signal_of_its_own() -> None:
    again = Emit(key="again", signal="order.paid", correlation="k")
    play = drive(flow(Emit(key="tell", next="again", signal="order.paid", correlation="k"), again))
    assert list(play.published) == ["run-1.1", "run-1.2"]
