"""What may be wrong with waits and signals, and what is right."""

from collections.abc import Mapping
from typing import Any

from designer.graph import Arrival, Awaited, Emit, Reviewers, Wait

from .examples import Example, graph

SIGNALS = ("order.paid", "order.shipped")
PAID = Awaited(name="order.paid", key="${ input.order_id }")
HEARD = Arrival(name="paid", next="done", signal=PAID)
LATE = Arrival(name="late", next="done", duration="2h")
WAIVED = Arrival(name="waived", next="done", title="Waive it", person=Reviewers())
KEYED = {"business_key": "${ input.order_id }"}


def first(*arrivals: Arrival, **fields: Any) -> Any:
    """A wait for the first of these."""
    return graph(Wait(key="w", first=arrivals), Emit(key="done", **SOUND_EMIT), start="w", **fields)


def waits(**fields: Any) -> Any:
    return graph(Wait(key="w", **fields))


def emits(**fields: Any) -> Any:
    return graph(Emit(key="e", **{**SOUND_EMIT, **fields}))


SOUND_EMIT: dict[str, Any] = {"signal": "order.paid", "correlation": "${ input.order_id }"}
OF_WAITS: Mapping[str, tuple[Example, ...]] = {
    "wait_unclear": (
        Example(waits(), waits(duration="1m"), "w", "duration", "how long"),
        Example(waits(duration="1m", until="2026-01-01"), waits(until="2026-01-01"), "w", "until",
                "Keep one of the two"),
        Example(waits(until="2026-01-01", signal=PAID), waits(signal=PAID), "w", "signal",
                "to wait until a moment and for a signal"),
        Example(graph(Wait(key="w", duration="1m", signal=PAID, first=(LATE,)), Emit(key="done", **SOUND_EMIT)),
                first(LATE), "w", "signal", "Keep one of the ways"),
    ),
    "arrival_unclear": (
        Example(first(HEARD, Arrival(name="other", next="done")), first(HEARD, LATE), "w", "first.other.duration",
                "“Other” of “W” is nothing yet"),
        Example(first(Arrival(name="paid", next="done", duration="2h", signal=PAID)), first(HEARD), "w",
                "first.paid.signal", "is a while and a signal at once"),
    ),
    "person_without_title": (
        Example(first(Arrival(name="waived", next="done", person=Reviewers())), first(WAIVED), "w",
                "first.waived.title", "has no title"),
    ),
    "signal_without_name": (
        Example(waits(signal=Awaited(key="k")), waits(signal=PAID), "w", "signal.name", "waits for a signal without",
                mends=False),
        Example(first(LATE, Arrival(name="paid", next="done", signal=Awaited(key="k"))), first(LATE, HEARD), "w",
                "first.paid.signal.name", "without a name", mends=False),
        Example(emits(signal=" "), emits(), "e", "signal", "publishes a signal without", mends=False),
    ),
    "signal_without_key": (
        Example(waits(signal=Awaited(name="order.paid")), waits(signal=PAID), "w", "signal.key", "has no key",
                mends=False),
        Example(graph(Wait(key="w", signal=Awaited(name="order.paid")), **KEYED), waits(signal=PAID), "w",
                "signal.key", "has no key"),
        Example(first(LATE, Arrival(name="paid", next="done", signal=Awaited(name="order.paid")), **KEYED),
                first(LATE, HEARD), "w", "first.paid.signal.key", "has no key"),
        Example(graph(Emit(key="e", signal="order.paid"), **KEYED), emits(), "e", "correlation", "has no key"),
    ),
    "signal_nobody_emits": (
        Example(waits(signal=Awaited(name="order.payed", key="k")), waits(signal=PAID), "w", "signal.name",
                "Did you mean “order.paid”?"),
        Example(first(LATE, Arrival(name="paid", next="done", signal=Awaited(name="order.payed", key="k"))),
                first(LATE, HEARD), "w", "first.paid.signal.name", "which no workflow publishes"),
        Example(waits(signal=Awaited(name="customer.born", key="k")),
                graph(Wait(key="w", next="e", signal=Awaited(name="customer.born", key="k")),
                      Emit(key="e", signal="customer.born", correlation="k")),
                "w", "signal.name", "from outside", mends=False),
    ),
}  # fmt: skip
