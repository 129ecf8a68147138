"""The order's step types against the real shop: what they do, and how they fail."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import get_args
from unittest.mock import Mock

import pytest

from choreo_site.demo import order_steps as steps
from choreo_site.demo import shop_client
from choreo_site.demo.orders import Simulation
from choreo_site.demo.shop.behaviour import KINDS, SIMULATIONS
from designer.catalog import StepError, get, loose_ends, step_type_of
from designer.catalog.testing import perform

ITEMS = [{"sku": "MUG-01", "quantity": 2}, {"sku": "TEA-07", "quantity": 1}]
ADDRESS = {"name": "Ada", "street": "Torstraße 12", "postcode": "10119", "city": "Berlin", "country": "DE"}
CUSTOMER = {"name": "Ada", "email": "ada@example.org"}


def failure(function, **inputs) -> tuple[str, bool, str]:
    with pytest.raises(StepError) as caught:
        perform(function, **inputs)
    assert caught.value.declared
    return caught.value.name, caught.value.retryable, caught.value.message


def test_an_order_goes_through_and_each_effect_happens_once(shop, order_id):
    order = {"order_id": order_id, "customer": CUSTOMER, "items": ITEMS, "ship_to": ADDRESS}
    card = {"token": "tok_demo", "last4": "4242"}
    assert perform(steps.validate_order, order=order | {"card": card}) == {"items": 2}
    perform(steps.reserve_stock, order_id=order_id, items=ITEMS, idempotency_key=f"{order_id}-1")
    quote = perform(steps.quote_price, order_id=order_id, items=ITEMS)
    assert (quote["total"], quote["currency"]) == (48.5, "EUR")
    risk = perform(steps.score_risk, order_id=order_id, amount=48.5, email="ada@example.org", country="DE")
    assert risk == {"score": 5, "contributions": [{"name": "First order", "points": 5}]}
    perform(
        steps.charge_card, order_id=order_id, amount=48.5, card="tok_demo", idempotency_key=f"{order_id}-2"
    )
    booking = perform(steps.book_courier, order_id=order_id, ship_to=ADDRESS, idempotency_key=f"{order_id}-3")
    perform(
        steps.issue_invoice,
        order_id=order_id,
        amount=48.5,
        customer=CUSTOMER,
        idempotency_key=f"{order_id}-4",
    )
    perform(steps.send_order_placed, order_id=order_id, to="ada@example.org", idempotency_key=f"{order_id}-5")
    told = perform(steps.confirm_delivery, booking=booking["id"], name="Ada", idempotency_key=f"{order_id}-6")
    assert (told["delivered"], told["signed_by"]) == (True, "Ada")
    assert shop.effects(order_id) == [
        "stock.reserve",
        "payments.charge",
        "courier.book",
        "billing.invoice",
        "mail.order_placed",
        "courier.await_pod",
    ]


@pytest.mark.parametrize(
    ("do", "undo", "name", "inputs", "kinds"),
    [
        (
            steps.reserve_stock,
            steps.release_stock,
            "reservation",
            {"items": ITEMS},
            ["stock.reserve", "stock.release"],
        ),
        (
            steps.charge_card,
            steps.refund_card,
            "charge",
            {"amount": 5, "card": "tok_1"},
            ["payments.charge", "payments.refund"],
        ),
        (
            steps.book_courier,
            steps.cancel_courier,
            "booking",
            {"ship_to": ADDRESS},
            ["courier.book", "courier.cancel"],
        ),
        (
            steps.issue_invoice,
            steps.void_invoice,
            "invoice",
            {"amount": 5, "customer": CUSTOMER},
            ["billing.invoice", "billing.void"],
        ),
        (
            steps.send_order_placed,
            steps.send_apology,
            "message",
            {"to": "a@b.de"},
            ["mail.order_placed", "mail.apology"],
        ),
    ],
)
def test_what_a_step_does_its_partner_undoes(shop, order_id, do, undo, name, inputs, kinds):
    done = perform(do, order_id=order_id, idempotency_key=f"{order_id}-do", **inputs)
    undone = [
        perform(undo, **{name: done["id"]}, idempotency_key=f"{order_id}-undo", phase="undo")
        for _ in range(2)
    ]
    assert undone[0] == undone[1]
    assert shop.effects(order_id) == kinds
    assert step_type_of(do).contract.undone_by == step_type_of(undo).key


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            {"status": 503},
            ("GatewayUnavailable", True, "The payment gateway answered 503 Service Unavailable."),
        ),
        (
            {"status": 500},
            ("GatewayUnavailable", True, "The payment gateway answered 500 Internal Server Error."),
        ),
        (
            {"status": 429, "retry_after": 2},
            ("RateLimited", True, "The payment gateway answered 429 Too Many Requests. It asks to wait 2 s."),
        ),
        ({"status": 429}, ("RateLimited", True, "The payment gateway answered 429 Too Many Requests.")),
        (
            {"decline": True},
            (
                "CardDeclined",
                False,
                "The payment gateway answered 402 Payment Required. The bank declined the card.",
            ),
        ),
    ],
)
def test_an_answer_becomes_a_declared_error(shop, order_id, told, expected):
    shop.behave(order_id, {"payments.charge": {"always": told}})
    assert (
        failure(steps.charge_card, order_id=order_id, amount=5, card="tok_1", idempotency_key=order_id)
        == expected
    )


def test_a_lost_answer_may_be_asked_for_again(shop, order_id):
    shop.behave(order_id, {"payments.charge": [{"drop": True}]})
    charge = {"order_id": order_id, "amount": 5, "card": "tok_1", "idempotency_key": order_id}
    name, retryable, message = failure(steps.charge_card, **charge)
    assert (name, retryable) == ("GatewayUnavailable", True)
    assert message.startswith("The payment gateway could not be reached: Server disconnected")
    perform(steps.charge_card, **charge, attempt=2)
    assert shop.effects(order_id) == ["payments.charge"]
    assert len(shop.calls(order_id)) == 2


def test_a_silent_service_is_given_up(shop, order_id, monkeypatch):
    monkeypatch.setattr(shop_client, "PATIENCE", shop_client.httpx.Timeout(0.2))
    shop.behave(order_id, {"courier.book": [{"timeout": True}]})
    told = failure(steps.book_courier, order_id=order_id, ship_to=ADDRESS, idempotency_key=order_id)
    assert told == ("CourierUnavailable", True, "The courier did not answer within 0.2 seconds.")
    assert shop.effects(order_id) == ["courier.book"]


def test_a_lost_answer_keeps_no_worker_waiting(shop, order_id, monkeypatch):
    """The desk makes charges beside each other, a hundred and more: all are out before the first is answered."""
    assert get("payments.charge").waits
    orders = [f"{order_id}-{number}"[-64:] for number in range(120)]
    for order in orders:
        shop.behave(order, {"payments.charge": [{"delay": 3.0}]})
    client = Mock(wraps=shop_client.httpx.Client)
    monkeypatch.setattr(shop_client.httpx, "Client", client)
    begun = time.monotonic()
    with ThreadPoolExecutor(len(orders)) as desk:
        done = desk.map(charged, orders)
    assert time.monotonic() - begun < 2 * 3.0
    assert len({charge["id"] for charge in done}) == len(orders)
    assert client.call_count == 1


def charged(order: str):
    return perform(steps.charge_card, order_id=order, amount=1, card="tok_1", idempotency_key=order)


def test_a_shop_on_another_port_is_found_there(monkeypatch):
    monkeypatch.delenv("CHOREO_SHOP_URL", raising=False)
    monkeypatch.setenv("CHOREO_SHOP_PORT", "8149")
    assert shop_client.shop_url() == "http://127.0.0.1:8149"
    monkeypatch.setenv("CHOREO_SHOP_URL", "http://shop.example:80")
    assert shop_client.shop_url() == "http://shop.example:80"


def test_a_service_that_is_not_there_cannot_be_reached(own_clients, monkeypatch):
    monkeypatch.setenv("CHOREO_SHOP_URL", "http://127.0.0.1:9")
    told = failure(steps.book_courier, order_id="o", ship_to=ADDRESS)
    assert told == (
        "CourierUnavailable",
        True,
        "The courier could not be reached: [Errno 111] Connection refused.",
    )


@pytest.mark.parametrize(
    ("function", "inputs", "name"),
    [
        (steps.reserve_stock, {"items": [{"sku": "UNICORN-0", "quantity": 1}]}, "OutOfStock"),
        (steps.quote_price, {"items": [{"sku": "NIX", "quantity": 1}]}, "OrderRefused"),
        (steps.charge_card, {"amount": 0, "card": "tok_1"}, "AmountRefused"),
    ],
)
def test_a_refusal_of_the_shop_is_final(shop, order_id, function, inputs, name):
    assert failure(function, order_id=order_id, idempotency_key=order_id, **inputs)[:2] == (name, False)


def test_undoing_twice_under_two_keys_is_refused(shop, order_id):
    done = perform(steps.book_courier, order_id=order_id, ship_to=ADDRESS, idempotency_key=order_id)
    perform(steps.cancel_courier, booking=done["id"], idempotency_key=f"{order_id}-1")
    assert failure(steps.cancel_courier, booking=done["id"], idempotency_key=f"{order_id}-2")[:2] == (
        "AlreadyUndone",
        False,
    )
    assert failure(steps.cancel_courier, booking="booking_999999")[:2] == ("NotFound", False)


def test_every_call_of_the_shop_is_a_step_type_and_every_undoing_is_registered():
    assert [kind for kind in KINDS if get(kind).contract.owner == ""] == []
    assert loose_ends() == []


def test_the_order_offers_the_simulations_the_shop_knows():
    assert get_args(Simulation.__value__) == tuple(SIMULATIONS)
