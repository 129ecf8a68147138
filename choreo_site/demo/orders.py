"""What an order is, and what the shop gives back for it."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict

from designer.catalog import Ge, Le, MinLen, Pattern, Title

type Amount = Annotated[float, Ge(0), Title("Amount in EUR")]
type OrderId = Annotated[str, MinLen(1), Title("Order number")]
# The shop's own name for something it did. It becomes part of an address, so it is nothing but a name.
type EffectId = Annotated[str, Pattern("^[a-z]+_[0-9]+$")]
type Simulation = Literal[
    "none",
    "high_risk",
    "card_declined",
    "rate_limited",
    "charge_answer_lost",
    "slow_stock",
    "courier_recovers",
    "courier_fails",
    "refund_fails",
]


class Item(TypedDict):
    sku: Annotated[str, MinLen(1)]
    quantity: Annotated[int, Ge(1), Le(100)]


class Customer(TypedDict):
    name: str
    email: str


class Address(TypedDict):
    name: str
    street: str
    postcode: str
    city: str
    country: str


class Card(TypedDict):
    """A token from the payment gateway, never a card number."""

    token: str
    last4: str


class _Order(TypedDict):
    order_id: OrderId
    customer: Customer
    items: Annotated[list[Item], MinLen(1)]
    ship_to: Address
    card: Card


class Order(_Order, total=False):
    simulate: Simulation


@dataclass(frozen=True, slots=True)
class Validated:
    items: int


@dataclass(frozen=True, slots=True)
class Reservation:
    id: EffectId
    items: list[Item]


class Line(TypedDict):
    sku: str
    title: str
    quantity: int
    price: float
    amount: float


@dataclass(frozen=True, slots=True)
class Quote:
    total: Amount
    currency: str
    lines: list[Line]


class Contribution(TypedDict):
    name: str
    points: int


@dataclass(frozen=True, slots=True)
class Risk:
    score: Annotated[int, Ge(0), Le(100)]
    contributions: list[Contribution]


@dataclass(frozen=True, slots=True)
class Charge:
    id: EffectId
    amount: Amount
    currency: str


@dataclass(frozen=True, slots=True)
class Booking:
    id: EffectId
    tracking: str
    price: Amount


@dataclass(frozen=True, slots=True)
class Invoice:
    id: EffectId
    number: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Message:
    id: EffectId
    to: str


@dataclass(frozen=True, slots=True)
class Delivery:
    id: EffectId
    delivered: bool
    signed_by: str


@dataclass(frozen=True, slots=True)
class Undone:
    id: EffectId
