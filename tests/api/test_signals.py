"""Signals over the interface: plain, and as CloudEvents in both modes."""

import json
from typing import Any

import pytest

from runs.models import Run, Signal, Subscription
from tests.actions.flows import echo
from tests.api.asking import Program, refused
from tests.factories import Hand, a_run

EVENT = {
    "specversion": "1.0",
    "id": "e-7",
    "source": "/bank",
    "type": "order.paid",
    "subject": "ORD-1",
    "time": "2026-11-22T12:00:00Z",
    "datacontenttype": "application/json",
    "data": {"amount": 12},
}
PLAIN = {"name": "order.paid", "key": "ORD-1", "data": {"amount": 12}}


def structured(program: Program, event: Any) -> Any:
    return program.send("POST", "/signals/", json.dumps(event), "application/cloudevents+json")


def test_a_plain_signal_is_sent(operator: Program):
    answer = operator.post("/signals/", PLAIN)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["name"], told["key"], told["data"], told["taken"]) == (
        "order.paid",
        "ORD-1",
        {"amount": 12},
        0,
    )
    assert told["source"] == "/people/otto"


def test_an_id_of_one_s_own_makes_it_the_same_signal(operator: Program):
    first = operator.post("/signals/", {**PLAIN, "id": "e-7"})
    again = operator.post("/signals/", {**PLAIN, "id": "e-7"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert Signal.objects.count() == 1


def test_a_cloud_event_is_taken_whole(operator: Program):
    told = structured(operator, EVENT).json()
    assert (told["id"], told["source"], told["name"]) == ("e-7", "/bank", "order.paid")
    assert (told["key"], told["subject"], told["time"]) == ("ORD-1", "ORD-1", "2026-11-22T12:00:00Z")


def test_a_cloud_event_is_taken_from_headers(operator: Program):
    headers = {
        "ce_specversion": "1.0",
        "ce_id": "e-7",
        "ce_source": "/bank",
        "ce_type": "order.paid",
        "ce_partitionkey": "ORD-2",
        "ce_subject": "payments",
    }
    told = operator.post("/signals/", {"amount": 12}, **headers).json()
    assert (told["id"], told["name"], told["key"]) == ("e-7", "order.paid", "ORD-2")
    assert told["data"] == {"amount": 12}


def test_attributes_that_nobody_here_knows_are_let_pass(operator: Program):
    assert structured(operator, {**EVENT, "traceparent": "00-1"}).status_code == 201


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"specversion": "0.3"}, "#/specversion"),
        ({"id": ""}, "#/id"),
        ({"source": None}, "#/source"),
        ({"type": 7}, "#/type"),
        ({"subject": ""}, "#/key"),
        ({"data_base64": "aGk="}, "#/data_base64"),
        ({"time": "yesterday"}, "#/time"),
    ],
)
def test_what_is_no_cloud_event_is_refused_at_its_place(
    operator: Program, wrong: dict[str, Any], pointer: str
):
    problem = refused(structured(operator, {**EVENT, **wrong}), 422, "invalid")
    assert [each["pointer"] for each in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "name"),
        ({"key": "a\nb"}, "Say the key"),
        ({"keep": "soon"}, "keep"),
        ({"keep": "9000d"}, "keep"),
        ({"nmae": "x"}, "There is no field of this name. Did you mean “name”?"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(operator: Program, wrong: dict[str, Any], said: str):
    refused(operator.post("/signals/", {**PLAIN, **wrong}), 422, "invalid", said)
    assert not Signal.objects.exists()


# --- the answer that it failed -------------------------------------------------------------------------------

FAILED = {"name": "card.charged", "key": "tok-1", "fault": {"name": "Declined", "message": "It has expired."}}


def charging(hand: Hand, **more: Any) -> Run:
    """It has asked for a card to be charged, and waits for whoever gives the token back."""
    wait = {"kind": "wait", "signal": {"name": "card.charged", "key": "tok-1"}, "next": "done", **more}
    run = a_run({"start": "wait", "steps": {"wait": wait, "done": {"kind": "succeed"}, "ask": echo()}})
    hand.claim()
    return run


def test_what_is_waited_for_may_fail(operator: Program, hand: Hand):
    run = charging(hand)
    answer = operator.post("/signals/", FAILED)
    assert (answer.status_code, answer.json()["fault"]) == (201, FAILED["fault"])
    hand.claim()
    told = operator.get(f"/runs/{run.pk}/").json()
    assert (told["status"], told["fault"]["name"], told["fault"]["message"]) == (
        "failed",
        "Declined",
        "It has expired.",
    )


def test_a_retry_asks_again_and_a_fallback_takes_over(operator: Program, hand: Hand):
    fallback = [{"on": ["Declined"], "next": "ask"}]
    charging(hand, retry={"attempts": 2, "wait": "0s"}, catch=fallback)
    operator.post("/signals/", FAILED)
    assert hand.claim() == []
    assert hand.claim() == []
    assert Subscription.objects.get().key == "tok-1"
    operator.post("/signals/", FAILED)
    assert [each.key for each in hand.claim()] == ["ask"]


def test_nobody_who_answers_late_is_told_more_of_a_failure_than_of_a_success(operator: Program, hand: Hand):
    charging(hand)
    operator.post("/signals/", FAILED)
    hand.claim()
    success = {"name": "card.charged", "key": "tok-1", "data": 1}
    late = [operator.post("/signals/", {**sent, "keep": "0s"}) for sent in (FAILED, success)]
    assert [(answer.status_code, answer.json()["taken"]) for answer in late] == [(201, 0)] * 2


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"fault": "Declined"}, "#/fault"),
        ({"fault": {}}, "#/fault/name"),
        ({"fault": {"name": ""}}, "#/fault/name"),
        ({"fault": {"name": "two\nlines"}}, "#/fault/name"),
        ({"fault": {"name": "x" * 101}}, "#/fault/name"),
        ({"fault": {"name": "Declined", "message": 5}}, "#/fault/message"),
        ({"fault": {"name": "Declined", "message": "x" * 2_001}}, "#/fault/message"),
        ({"fault": {"name": "Declined", "why": "x"}}, "#/fault/why"),
        ({"data": {"amount": 12}}, "#/data"),
    ],
)
def test_a_failure_that_is_none_is_refused_at_its_place(operator: Program, wrong: Any, pointer: str):
    problem = refused(operator.post("/signals/", {**FAILED, **wrong}), 422, "invalid")
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert not Signal.objects.exists()


def test_a_list_is_no_event(operator: Program):
    refused(structured(operator, [EVENT]), 422, "invalid", "Send one event")


def test_another_kind_of_body_is_refused(operator: Program):
    refused(operator.send("POST", "/signals/", "<a/>", "application/xml"), 415)


def test_signals_are_listed_newest_first_and_filtered(operator: Program, viewer: Program):
    for key in ("ORD-1", "ORD-2", "ORD-3"):
        operator.post("/signals/", {**PLAIN, "key": key})
    Signal.objects.filter(key="ORD-2").update(taken=1)

    def keys(asked: str) -> list[str]:
        return [each["key"] for each in viewer.get(f"/signals/?{asked}").json()["items"]]

    assert keys("") == ["ORD-3", "ORD-2", "ORD-1"]
    assert keys("key=ORD-2") == ["ORD-2"]
    assert keys("name=order.lost") == []
    assert (keys("unmatched=true"), keys("unmatched=false")) == (["ORD-3", "ORD-1"], ["ORD-2"])
    page = viewer.get("/signals/?limit=2").json()
    assert [each["key"] for each in viewer.get(page["next"]).json()["items"]] == ["ORD-1"]


def test_only_who_may_send_sends(viewer: Program, designer: Program):
    for who in (viewer, designer):
        refused(who.post("/signals/", PLAIN), 403, "forbidden", "operator")
