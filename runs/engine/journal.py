"""Events and states as JSON, and back. What is kept aside of an event is left out."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec.structs import fields

from . import events as e
from .state import RunState


class UnknownEvent(ValueError):
    """A journal entry of a kind that this version does not know."""


def dump_event(event: e.Event) -> tuple[str, dict[str, Any]]:
    """The event's name, and what the journal keeps of it."""
    kind = type(event)
    return kind.__name__, msgspec.to_builtins({name: getattr(event, name) for name in _kept(kind)})


def values_aside(event: e.Event) -> list[Any]:
    """What is kept aside of it: outputs, inputs, items."""
    return [getattr(event, name) for name in _aside(type(event))]


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
def _kept(kind: type[e.Event]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.type != e.KeptAside)


@cache
def _aside(kind: type[e.Event]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.type == e.KeptAside)
