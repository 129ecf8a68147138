"""What a line of the shipments file must be, and what it becomes in the table."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TypedDict

HEADER = ["shipment", "shipped_on", "sender", "city", "country", "weight_kg", "price", "currency"]
COUNTRIES = {"DE", "AT", "CH", "FR", "NL", "PL"}
EUR = {"EUR": Decimal("1"), "USD": Decimal("0.92"), "CHF": Decimal("1.04"), "GBP": Decimal("1.17")}
DATES = ("%Y-%m-%d", "%d.%m.%Y")
LARGEST = Decimal(1_000_000)
LONGEST = 100


class RawRow(TypedDict):
    line: int
    cells: list[str]


class Rejected(TypedDict):
    line: int
    reason: str


class TableRow(TypedDict):
    line: int
    number: str
    shipped_on: str
    sender: str
    city: str
    country: str
    weight_g: int
    price_cents: int


class Totals(TypedDict):
    weight_g: int
    price_cents: int
    by_country: dict[str, int]


class BadRow(ValueError):
    """The line cannot be imported; the sentence is the reason given in the report."""


def sort_out(rows: Iterable[RawRow]) -> tuple[list[RawRow], list[Rejected]]:
    """The rows that can be imported, and the others with the reason. The first of two equal numbers wins."""
    valid: list[RawRow] = []
    rejected: list[Rejected] = []
    seen: dict[str, int] = {}
    for row in rows:
        try:
            number = table_row(row)["number"]
            if number in seen:
                raise BadRow(f"shipment {number} stands in line {seen[number]} already")
        except BadRow as bad:
            rejected.append({"line": row["line"], "reason": str(bad)})
            continue
        seen[number] = row["line"]
        valid.append(row)
    return valid, rejected


def table_row(row: RawRow) -> TableRow:
    """Raises BadRow."""
    if len(row["cells"]) != len(HEADER):
        raise BadRow(f"{len(row['cells'])} columns instead of {len(HEADER)}")
    cell = {name: text.strip() for name, text in zip(HEADER, row["cells"], strict=True)}
    if not cell["shipment"]:
        raise BadRow("no shipment number")
    if any(len(text) > LONGEST or "\0" in text for text in cell.values()):
        raise BadRow(f"a cell with more than {LONGEST} characters, or with a NUL")
    country = cell["country"].upper()
    if country not in COUNTRIES:
        raise BadRow(f"unknown country {cell['country']!r}")
    return {
        "line": row["line"],
        "number": cell["shipment"],
        "shipped_on": _date(cell["shipped_on"]).isoformat(),
        "sender": cell["sender"],
        "city": cell["city"],
        "country": country,
        "weight_g": _rounded(_positive(cell["weight_kg"], "weight") * 1000),
        "price_cents": _rounded(_positive(cell["price"], "price") * _rate(cell["currency"]) * 100),
    }


def add_up(rows: Iterable[TableRow]) -> Totals:
    rows = list(rows)
    return {
        "weight_g": sum(row["weight_g"] for row in rows),
        "price_cents": sum(row["price_cents"] for row in rows),
        "by_country": dict(sorted(Counter(row["country"] for row in rows).items())),
    }


def _date(text: str) -> date:
    for form in DATES:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise BadRow(f"{text!r} is not a date")


def _positive(text: str, what: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise BadRow(f"the {what} {text!r} is not a number") from None
    if not number.is_finite() or not 0 < number < LARGEST:
        raise BadRow(f"the {what} {text!r} is not between 0 and {LARGEST:,}")
    return number


def _rate(currency: str) -> Decimal:
    if currency not in EUR:
        raise BadRow(f"unknown currency {currency!r}")
    return EUR[currency]


def _rounded(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP))
