"""The page of signals: who tells whom, what nobody wanted, and one to try."""

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from runs.actions import publish_signal
from runs.models import Run, Signal, Trigger, Work
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_run, a_version
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db

PAID = {"name": "order.paid", "key": "${ input.order }"}
LISTENS = {**flow(wait={"kind": "wait", "signal": PAID, "next": "go"}, go=echo()), "key": "shipping"}
EMITS = {**flow(tell={"kind": "emit", "signal": "order.paid", "key": "k"}), "key": "billing"}
NUMBERED = {"type": "object", "properties": {"amount": {"type": "number"}}}
SENT = {"name": "order.paid", "key": "ORD-1", "data": '{"amount": 12}'}


@pytest.fixture
def operator(db: None) -> Client:
    return signed_in(person("operator"))


def a_trigger(condition: str = "") -> Trigger:
    workflow = a_version({**flow(go=echo()), "key": "thanks"}).workflow
    fields: dict[str, Any] = {"signal": "order.paid", "condition": condition, "made_at": timezone.now()}
    return Trigger.objects.create(workflow=workflow, kind="signal", title="On payment", **fields)


def test_it_says_who_publishes_and_who_listens(operator: Client):
    a_version(LISTENS), a_version(EMITS), a_trigger()
    publish_signal(name="order.paid", key="ORD-1", source="/bank")
    page = operator.get("/signals/").text
    for said in ("billing", "shipping", "thanks", "order.paid", "/bank", "1 a day"):
        assert said in page


def test_it_stands_in_the_navigation_and_is_empty_at_first(operator: Client):
    page = operator.get("/signals/").text
    assert 'href="/signals/" aria-current="page"' in page
    assert "No signals yet" in page
    assert "Every signal has found somebody." in page


def test_what_nobody_wanted_is_listed(operator: Client):
    publish_signal(name="order.lost", key="ORD-9", source="/bank")
    assert "ORD-9" in operator.get("/signals/").text


def test_who_would_react_is_said_before_it_is_sent(operator: Client, hand: Hand):
    run = a_run(LISTENS, {"order": "ORD-1"})
    hand.claim()
    a_trigger()
    page = operator.post("/signals/try/", {**SENT, "do": "look"}).text
    assert f"/runs/{run.pk}/" in page
    assert "thanks is started by “On payment”" in page
    assert not Signal.objects.exists() and not Work.objects.exists()


def test_a_condition_that_does_not_hold_is_said(operator: Client):
    a_trigger("input.data.amount > 100")
    page = operator.post("/signals/try/", {**SENT, "do": "look"}).text
    assert "Its condition does not hold." in page
    assert "Nobody would react" in page


@pytest.mark.parametrize(
    ("condition", "data", "said"),
    [
        ("input.data.amount > 100", '{"sum": 1}', "Its condition has no answer"),
        ("", '{"amount": "much"}', "amount: must be a number"),
    ],
)
def test_a_payload_that_would_start_nothing_is_said_with_its_reason(
    operator: Client, condition: str, data: str, said: str
):
    trigger = a_trigger(condition)
    a_version({**flow(one=echo("x")), "key": trigger.workflow.key, "input": NUMBERED})
    page = unescape(operator.post("/signals/try/", {**SENT, "data": data, "do": "look"}).text)
    assert said in page and "is started by" not in page
    assert not Signal.objects.exists() and not Run.objects.exists()


def test_it_is_sent(operator: Client):
    answer = operator.post("/signals/try/", {**SENT, "do": "send"})
    assert answer["Location"] == "/signals/"
    signal = Signal.objects.get()
    assert (signal.name, signal.key, signal.data, signal.source) == (
        "order.paid",
        "ORD-1",
        {"amount": 12},
        "/people/otto",
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "required"),
        ({"key": ""}, "required"),
        ({"data": "{"}, "line 1"),
        ({"name": "x" * 101}, "at most 100"),
        ({"key": "a\u0007"}, "in one line"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(operator: Client, wrong: dict[str, str], said: str):
    answer = operator.post("/signals/try/", {**SENT, **wrong, "do": "send"})
    assert answer.status_code == 422
    assert said in answer.text
    assert not Signal.objects.exists()


def test_who_only_looks_cannot_send(db: None):
    viewer = signed_in(person("viewer"))
    assert "Try a signal" not in viewer.get("/signals/").text
    assert viewer.post("/signals/try/", {**SENT, "do": "send"}).status_code == 403
