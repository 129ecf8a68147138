"""The shop's books, open to anyone who wants to check them."""

import json

from choreo_site.demo.shop.answers import Answer
from choreo_site.demo.shop.ledger import Ledger, Row

UNDOING = ("stock.release", "payments.refund", "courier.cancel", "billing.void", "mail.apology")


def ledger_of_order(ledger: Ledger, order_id: str) -> Answer:
    rows = ledger.rows("SELECT * FROM ledger WHERE order_id = ? ORDER BY id", order_id)
    return Answer(200, {"order": order_id, "effects": [_shown(row) for row in rows]})


def summary(ledger: Ledger) -> Answer:
    """`twice` lists the orders with two effects of a kind; where each order is run once it must be empty."""
    kinds = ledger.rows("SELECT kind, count(*) AS n FROM ledger GROUP BY kind ORDER BY kind")
    twice = ledger.rows(
        "SELECT order_id, kind, count(*) AS n FROM ledger GROUP BY order_id, kind HAVING n > 1 "
        "ORDER BY order_id, kind"
    )
    standing = ledger.rows(
        "SELECT kind, count(*) AS n FROM ledger WHERE undone_by IS NULL GROUP BY kind ORDER BY kind"
    )
    raw = ledger.row("SELECT count(*) AS n, count(DISTINCT kind || key) AS keys FROM calls") or {}
    return Answer(
        200,
        {
            "effects": sum(row["n"] for row in kinds),
            "kinds": {row["kind"]: row["n"] for row in kinds},
            "standing": {row["kind"]: row["n"] for row in standing if row["kind"] not in UNDOING},
            "twice": twice,
            "calls": raw["n"],
            "repeated_calls": raw["n"] - raw["keys"],
        },
    )


def calls(ledger: Ledger, order_id: str | None) -> Answer:
    if order_id is None:
        return Answer(200, {"calls": ledger.rows("SELECT * FROM calls ORDER BY id")})
    return Answer(200, {"calls": ledger.rows("SELECT * FROM calls WHERE order_id = ? ORDER BY id", order_id)})


def stock(ledger: Ledger) -> Answer:
    rows = ledger.rows("SELECT sku, on_hand FROM stock ORDER BY sku")
    return Answer(200, {"stock": {row["sku"]: row["on_hand"] for row in rows}})


def _shown(row: Row) -> Row:
    amount = None if row["amount"] is None else row["amount"] / 100
    return row | {"amount": amount, "body": json.loads(row["body"])}
