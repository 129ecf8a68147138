"""Waits and signals: what ends each wait, and whether a signal says which one it is."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from designer.graph.edits.operations import ReplaceStep
from designer.graph.keys import spoken
from designer.graph.model import AnyStep, Emit, Wait
from designer.graph.parts import Arrival, Awaited

from .problem import Fix, Found, asked, closest
from .view import View

WAYS = {
    "duration": "for a while",
    "until": "until a moment",
    "signal": "for a signal",
    "first": "for the first of several",
}
ARRIVALS = {
    "duration": "a while",
    "until": "a moment",
    "signal": "a signal",
    "person": "a person",
}
TIMES_OF_FLOWS = {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"}
NONE: dict[str, Any] = {"duration": "", "until": "", "signal": None, "person": None, "first": ()}


def wait_unclear(view: View) -> Iterator[Found]:
    for step in view.of(Wait):
        given = [way for way in WAYS if getattr(step, way)]
        if not given and not (step.flow and step.flow.fields.keys() & TIMES_OF_FLOWS):
            message = (
                f"“{step.name}” does not say how long it waits, or for what. Write a duration such as 30m, a moment,"
                " or a signal."
            )
            fix = Fix("Wait for a minute", ReplaceStep(replace(step, duration="1m")))
            yield Found(message, step.key, "duration", fix)
        elif len(given) > 1:
            first, *others = given
            said = " and ".join(WAYS[way] for way in given)
            amount = "two" if len(given) == 2 else "ways"
            message = f"“{step.name}” is to wait {said}. Keep one of the {amount}."
            kept = replace(step, **{way: NONE[way] for way in others})
            yield Found(message, step.key, others[0], Fix(f"Wait only {WAYS[first]}", ReplaceStep(kept)))


def arrival_unclear(view: View) -> Iterator[Found]:
    """Exactly one thing may come by each arrival."""
    for step, one in _arrivals(view):
        given = [way for way in ARRIVALS if getattr(one, way)]
        place = f"first.{one.name}"
        if not given:
            message = f"“{_named(one)}” of “{step.name}” is nothing yet. Name a time, a signal or a person."
            fix = Fix("Wait for a minute", _with(step, one, duration="1m"))
            yield Found(message, step.key, f"{place}.duration", fix)
        elif len(given) > 1:
            said = " and ".join(ARRIVALS[way] for way in given)
            message = (
                f"“{_named(one)}” of “{step.name}” is {said} at once. Keep one, and make others of the rest."
            )
            fix = Fix(f"Keep {ARRIVALS[given[0]]}", _with(step, one, **{way: NONE[way] for way in given[1:]}))
            yield Found(message, step.key, f"{place}.{given[1]}", fix)


def person_without_title(view: View) -> Iterator[Found]:
    for step, one in _arrivals(view):
        if one.person is not None and not one.title:
            message = f"The answer “{one.name}” of “{step.name}” has no title: it is what the button says."
            fix = Fix(f"Call it {spoken(one.name)}", _with(step, one, title=spoken(one.name)))
            yield Found(message, step.key, f"first.{one.name}.title", fix)


def signal_without_name(view: View) -> Iterator[Found]:
    for step, field, name, _, _ in _signals(view):
        if not name.strip():
            does = "publishes" if isinstance(step, Emit) else "waits for"
            message = f"“{step.name}” {does} a signal without a name. Give it one, such as order.paid."
            yield Found(message, step.key, field)


def signal_without_key(view: View) -> Iterator[Found]:
    """Without a key nobody could tell whom a signal is about."""
    for step, _, _, field, key in _signals(view):
        if key in ("", None):
            message = f"“{step.name}” does not say which one is meant: its signal has no key."
            usual = view.graph.business_key
            fix = Fix(f"Use {usual}", ReplaceStep(_keyed(step, field, usual))) if usual else None
            yield Found(message, step.key, field, fix)


def signal_nobody_emits(view: View) -> Iterator[Found]:
    """Of the workflows that are known; it may still come from outside."""
    if view.signals is None:
        return
    own = {step.signal for step in view.graph.steps.values() if isinstance(step, Emit)}
    known = own | set(view.signals)
    for step, field, name, _, _ in _signals(view):
        if not isinstance(step, Emit) and name and name not in known:
            meant = closest(name, known)
            message = (
                f"“{step.name}” waits for {name}, which no workflow publishes: it has to come from outside."
            )
            fix = Fix(f"Wait for {meant}", ReplaceStep(_called(step, field, meant))) if meant else None
            yield Found(message + asked(meant), step.key, field, fix)


type _Signal = tuple[AnyStep, str, str, str, Any]  # the step, the field of the name, the name, and of the key


def _signals(view: View) -> Iterator[_Signal]:
    for step in view.graph.steps.values():
        if isinstance(step, Emit):
            yield step, "signal", step.signal, "correlation", step.correlation
        elif isinstance(step, Wait):
            if step.signal is not None:
                yield step, "signal.name", step.signal.name, "signal.key", step.signal.key
            for one in step.first:
                if one.signal is not None:
                    at = f"first.{one.name}.signal"
                    yield step, f"{at}.name", one.signal.name, f"{at}.key", one.signal.key


def _keyed(step: AnyStep, field: str, key: str) -> AnyStep:
    return replace(step, correlation=key) if isinstance(step, Emit) else _amended(step, field, key=key)


def _called(step: AnyStep, field: str, name: str) -> AnyStep:
    return _amended(step, field, name=name)


def _amended(step: AnyStep, field: str, **changes: Any) -> AnyStep:
    assert isinstance(step, Wait)
    if field.startswith("signal."):
        return replace(step, signal=replace(step.signal or Awaited(), **changes))
    name = field.split(".")[1]
    arrivals = tuple(
        replace(one, signal=replace(one.signal, **changes)) if one.name == name and one.signal else one
        for one in step.first
    )
    return replace(step, first=arrivals)


def _with(step: Wait, arrival: Arrival, **changes: Any) -> ReplaceStep:
    first = tuple(replace(one, **changes) if one is arrival else one for one in step.first)
    return ReplaceStep(replace(step, first=first))


def _named(arrival: Arrival) -> str:
    return arrival.title or spoken(arrival.name)


def _arrivals(view: View) -> Iterator[tuple[Wait, Arrival]]:
    return ((step, one) for step in view.of(Wait) for one in step.first)
