"""Events and states as JSON, and back. What is kept aside of an event is left out."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any

import msgspec

from . import events as e
from .state import RunState


class UnknownEvent(ValueError):
    """A journal entry of a kind that this version does not know."""


def dump_event(event: e.Event) -> tuple[str, dict[str, Any]]:
    """The event's name, and what the journal keeps of it."""
    name = type(event).__name__
    return name, msgspec.to_builtins({field: getattr(event, field) for field in _kept(name)})


def values_aside(event: e.Event) -> Iterator[Any]:
    """What is kept aside of it: outputs, inputs, items."""
    return (getattr(event, field) for field in _aside(type(event).__name__))


def load_event(name: str, data: Mapping[str, Any]) -> e.Event:
    """Raises UnknownEvent."""
    try:
        kind = e.EVENTS[name]
    except KeyError:
        raise UnknownEvent(
            f"The journal holds a “{name}”, which this version of Choreo does not know."
        ) from None
    return msgspec.convert(data, kind)


def dump_state(state: RunState) -> str:
    return msgspec.json.encode(state).decode()


def load_state(text: str) -> RunState:
    return msgspec.json.decode(text, type=RunState) if text else RunState()


@cache
def _kept(name: str) -> tuple[str, ...]:
    return tuple(field.name for field in fields(e.EVENTS[name]) if not field.metadata.get("kept_aside"))


@cache
def _aside(name: str) -> tuple[str, ...]:
    return tuple(field.name for field in fields(e.EVENTS[name]) if field.metadata.get("kept_aside"))
