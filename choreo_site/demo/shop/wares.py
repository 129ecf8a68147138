"""What the shop sells and how it judges an order. Money is counted in cents."""

from dataclasses import dataclass
from typing import Any

from choreo_site.demo.shop.answers import Refused


@dataclass(frozen=True, slots=True)
class Ware:
    title: str
    cents: int
    stock: int


WARES = {
    "MUG-01": Ware("Stoneware mug", 18_00, 1_000_000),
    "TEA-07": Ware("Darjeeling, 250 g", 12_50, 1_000_000),
    "POT-03": Ware("Cast iron teapot", 64_00, 1_000_000),
    "LAMP-09": Ware("Desk lamp", 149_00, 1_000_000),
    "PIANO-88": Ware("Grand piano", 18_900_00, 1_000),
    "UNICORN-0": Ware("Unicorn", 99_00, 0),
}
CURRENCY = "EUR"
COURIER_CENTS = 7_90
MOST_OF_ONE = 100
SUSPECT_MAIL = ("mailinator.com", "trashmail.example")
HOME = "DE"


def read_items(body: dict[str, Any]) -> list[tuple[str, int]]:
    """The items of an order as (sku, quantity).

    Raises Refused.
    """
    items = body.get("items")
    if not isinstance(items, list) or not items:
        raise Refused(422, "OrderRefused", "The order has no items.")
    return [_read_item(item, number) for number, item in enumerate(items, start=1)]


def _read_item(item: Any, number: int) -> tuple[str, int]:
    sku, quantity = (item.get("sku"), item.get("quantity")) if isinstance(item, dict) else (None, None)
    if not isinstance(sku, str) or sku not in WARES:
        raise Refused(
            422,
            "OrderRefused",
            f"Item {number}: the shop does not sell {sku!r}; it sells {', '.join(WARES)}.",
        )
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= MOST_OF_ONE:
        raise Refused(
            422, "OrderRefused", f"Item {number}: the quantity must be a number from 1 to {MOST_OF_ONE}."
        )
    return sku, quantity


def check_order(order: dict[str, Any]) -> None:
    """Raises Refused with the first thing that is wrong."""
    read_items(order)
    if "@" not in str(_part(order, "customer").get("email", "")):
        raise Refused(422, "OrderRefused", "The customer's mail address has no @.")
    if not str(_part(order, "ship_to").get("postcode", "")).strip():
        raise Refused(422, "OrderRefused", "The address has no postcode.")
    if not str(_part(order, "card").get("token", "")).startswith("tok_"):
        raise Refused(422, "OrderRefused", "The card is not a token; a token begins with tok_.")


def _part(order: dict[str, Any], name: str) -> dict[str, Any]:
    part = order.get(name)
    return part if isinstance(part, dict) else {}


def quote(items: list[tuple[str, int]]) -> dict[str, Any]:
    lines = [
        {
            "sku": sku,
            "title": WARES[sku].title,
            "quantity": quantity,
            "price": WARES[sku].cents / 100,
            "amount": WARES[sku].cents * quantity / 100,
        }
        for sku, quantity in items
    ]
    total = sum(WARES[sku].cents * quantity for sku, quantity in items)
    return {"total": total / 100, "currency": CURRENCY, "lines": lines}


def risk(body: dict[str, Any], told_points: int) -> dict[str, Any]:
    """A score from 0 to 100 with the reasons for it, always the same for the same order."""
    found = [(name, points) for name, points in _contributions(body) if points]
    if told_points:
        found.append(("The shop was told to find this order risky", told_points))
    contributions = [{"name": name, "points": points} for name, points in found]
    return {"score": min(100, sum(points for _, points in found)), "contributions": contributions}


def _contributions(body: dict[str, Any]) -> list[tuple[str, int]]:
    amount = read_cents(body) / 100
    domain = str(body.get("email", "")).rpartition("@")[2].lower()
    return [
        ("Value of 1,000 or more", 75 if amount >= 1_000 else 0),
        ("Value from 200 to 1,000", 15 if 200 <= amount < 1_000 else 0),
        ("Throw-away mail address", 25 if domain in SUSPECT_MAIL else 0),
        ("Delivery abroad", 10 if body.get("country", HOME) != HOME else 0),
        ("First order", 5),
    ]


def read_cents(body: dict[str, Any]) -> int:
    """Raises Refused."""
    amount = body.get("amount")
    if not isinstance(amount, int | float) or isinstance(amount, bool) or not 0 < amount < 1e9:
        raise Refused(422, "AmountRefused", f"The amount must be a number above 0, not {amount!r}.")
    return round(amount * 100)
