"""Signals over the interface: plain, and as CloudEvents in both modes."""

import json
from typing import Any

import pytest

from runs.models import Signal
from tests.api.asking import Program, refused

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
