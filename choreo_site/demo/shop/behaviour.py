"""How the shop was told to misbehave, per order and per kind of call.

A behaviour is a list, one entry for each raw call to come, or `always` one thing:

    {"courier.book": [{"status": 503}, {"status": 503}], "payments.charge": "always 503",
     "stock.reserve": [{"delay": 2.0}], "payments.refund": {"always": {"status": 500}}}
"""

import re
from typing import Any

from choreo_site.demo.shop.answers import Refused

KINDS = (
    "orders.validate",
    "stock.reserve",
    "stock.release",
    "pricing.quote",
    "risk.score",
    "payments.charge",
    "payments.refund",
    "courier.book",
    "courier.cancel",
    "courier.await_pod",
    "billing.invoice",
    "billing.void",
    "mail.order_placed",
    "mail.apology",
)
ENTRIES: dict[str, tuple[type, ...]] = {
    "status": (int,),  # answer this and do nothing
    "retry_after": (int, float),  # seconds, beside a status
    "delay": (int, float),  # seconds before anything else
    "decline": (bool,),  # the card is declined
    "timeout": (bool,),  # do it, and never answer
    "drop": (bool,),  # do it, and hang up without a word
    "points": (int,),  # so much more risk
}
ALWAYS = re.compile(r"always ([1-5]\d\d)")

# What a person can choose on the start form. Each is a behaviour of the shop, no branch in any step.
SIMULATIONS: dict[str, dict[str, Any]] = {
    "none": {},
    "high_risk": {"risk.score": {"always": {"points": 80}}},
    "card_declined": {"payments.charge": {"always": {"decline": True}}},
    "rate_limited": {
        "payments.charge": [{"status": 429, "retry_after": 1}, {"status": 429, "retry_after": 1}]
    },
    "charge_answer_lost": {"payments.charge": [{"timeout": True}]},
    "slow_stock": {"stock.reserve": [{"delay": 4}]},
    "courier_recovers": {"courier.book": [{"status": 503}, {"status": 503}]},
    "courier_fails": {"courier.book": "always 503"},
    "refund_fails": {"courier.book": "always 503", "payments.refund": "always 500"},
}


def read_behaviours(told: Any) -> dict[str, Any]:
    """What was told, in one form: a list of entries or `{"always": entry}` for each kind.

    Raises Refused.
    """
    if not isinstance(told, dict):
        raise Refused(
            400, "BehaviourRefused", 'A behaviour is an object such as {"courier.book": "always 503"}.'
        )
    if unknown := sorted(set(told) - set(KINDS)):
        raise Refused(400, "BehaviourRefused", f"There is no call {unknown[0]}; there is {', '.join(KINDS)}.")
    return {kind: _read_behaviour(kind, behaviour) for kind, behaviour in told.items()}


def _read_behaviour(kind: str, behaviour: Any) -> Any:
    if isinstance(behaviour, str) and (match := ALWAYS.fullmatch(behaviour)):
        return {"always": {"status": int(match[1])}}
    if isinstance(behaviour, dict) and set(behaviour) == {"always"}:
        return {"always": _read_entry(kind, behaviour["always"])}
    if isinstance(behaviour, list):
        return [_read_entry(kind, entry) for entry in behaviour]
    raise Refused(
        400, "BehaviourRefused", f'{kind}: write a list of entries, "always 503" or {{"always": entry}}.'
    )


def _read_entry(kind: str, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict) or not all(
        name in ENTRIES and isinstance(value, ENTRIES[name]) for name, value in entry.items()
    ):
        raise Refused(
            400, "BehaviourRefused", f"{kind}: {entry!r} is not an entry; it may say {', '.join(ENTRIES)}."
        )
    return entry


def take_entry(behaviour: Any) -> tuple[dict[str, Any], Any]:
    """The entry for this call, and the behaviour that remains for the next."""
    if isinstance(behaviour, dict):
        return behaviour["always"], behaviour
    return (behaviour[0], behaviour[1:]) if behaviour else ({}, behaviour)
