"""What the shop does. Each function runs inside the transaction that also stores its answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from choreo_site.demo.shop import wares
from choreo_site.demo.shop.answers import Answer, Refused
from choreo_site.demo.shop.ledger import Ledger, Row


@dataclass(frozen=True, slots=True)
class Call:
    """`subject` is the earlier effect that this call is about, such as the charge to refund."""

    kind: str
    key: str
    order_id: str
    body: Row
    subject: Row | None = None


def reserve(ledger: Ledger, call: Call) -> Answer:
    items = wares.read_items(call.body)
    for sku, quantity in items:
        if not ledger.take_from_stock(sku, quantity):
            raise Refused(
                409, "OutOfStock", f"There are not {quantity} of {sku} ({wares.WARES[sku].title}) in stock."
            )
    number = _enter(ledger, call)
    return Answer(201, {"id": f"reservation_{number}", "items": call.body["items"]})


def charge(ledger: Ledger, call: Call) -> Answer:
    cents = wares.read_cents(call.body)
    number = _enter(ledger, call, cents)
    return Answer(201, {"id": f"charge_{number}", "amount": cents / 100, "currency": wares.CURRENCY})


def book(ledger: Ledger, call: Call) -> Answer:
    number = _enter(ledger, call, wares.COURIER_CENTS)
    return Answer(
        201, {"id": f"booking_{number}", "tracking": f"CO{number:08}DE", "price": wares.COURIER_CENTS / 100}
    )


def invoice(ledger: Ledger, call: Call) -> Answer:
    cents = wares.read_cents(call.body)
    number = _enter(ledger, call, cents)
    return Answer(201, {"id": f"invoice_{number}", "number": f"INV-{number:06}", "amount": cents / 100})


def mail(ledger: Ledger, call: Call) -> Answer:
    number = _enter(ledger, call)
    return Answer(201, {"id": f"message_{number}", "to": str(call.body.get("to", ""))})


def confirm(ledger: Ledger, call: Call) -> Answer:
    if _subject(call)["undone_by"]:
        raise Refused(409, "BookingCancelled", "The booking was cancelled; nothing will be delivered.")
    number = _enter(ledger, call)
    return Answer(
        201, {"id": f"delivery_{number}", "delivered": True, "signed_by": str(call.body.get("name", ""))}
    )


def undo(ledger: Ledger, call: Call) -> Answer:
    """Release, refund, cancel, void or apologise: once for each effect, whatever the key."""
    subject = _subject(call)
    if subject["undone_by"]:
        raise Refused(409, "AlreadyUndone", f"{call.kind} was done already for this {subject['kind']}.")
    number = _enter(ledger, call, subject["amount"])
    ledger.mark_undone(subject["id"], number)
    if subject["kind"] == "stock.reserve":
        for item in json.loads(subject["body"])["items"]:
            ledger.put_back(item["sku"], item["quantity"])
    return Answer(201, {"id": f"undo_{number}"})


def _enter(ledger: Ledger, call: Call, cents: int | None = None) -> int:
    return ledger.enter(call.kind, call.key, call.order_id, cents, call.body)


def _subject(call: Call) -> Row:
    if call.subject is None or call.subject["kind"] != SUBJECTS[call.kind]:
        raise Refused(404, "NotFound", f"{call.kind} is about something the shop has never done.")
    return call.subject


# What each call that is about an earlier effect may be about.
SUBJECTS = {
    "stock.release": "stock.reserve",
    "payments.refund": "payments.charge",
    "courier.cancel": "courier.book",
    "courier.await_pod": "courier.book",
    "billing.void": "billing.invoice",
    "mail.apology": "mail.order_placed",
}
EFFECTS: dict[str, Callable[[Ledger, Call], Answer]] = {
    "stock.reserve": reserve,
    "stock.release": undo,
    "payments.charge": charge,
    "payments.refund": undo,
    "courier.book": book,
    "courier.cancel": undo,
    "courier.await_pod": confirm,
    "billing.invoice": invoice,
    "billing.void": undo,
    "mail.order_placed": mail,
    "mail.apology": undo,
}


def validate(ledger: Ledger, call: Call, entry: Row) -> Answer:
    wares.check_order(call.body)
    return Answer(200, {"items": len(call.body["items"])})


def quote(ledger: Ledger, call: Call, entry: Row) -> Answer:
    return Answer(200, wares.quote(wares.read_items(call.body)))


def score(ledger: Ledger, call: Call, entry: Row) -> Answer:
    return Answer(200, wares.risk(call.body, entry.get("points", 0)))


QUESTIONS: dict[str, Callable[[Ledger, Call, dict[str, Any]], Answer]] = {
    "orders.validate": validate,
    "pricing.quote": quote,
    "risk.score": score,
}
