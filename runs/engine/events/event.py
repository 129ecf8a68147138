"""What all events are, and what some of them hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Struct

from runs.engine.state import Fault

KeptAside = Annotated[Any, "kept aside"]  # what a field holds that is no part of the journal's entry


class Resolution(StrEnum):
    """What a person may do with a dead letter."""

    RETRY = "retry"
    SKIP = "skip"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Gathered:
    """A parallel's output, made of other step runs' outputs: branch to step run; and what its failed ones failed of."""

    parts: Mapping[str, int | None]
    faults: Mapping[str, Fault] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collected:
    """A map's output: those of its items, in their order."""

    no: int


class Event(Struct, frozen=True, kw_only=True):
    at: datetime


class StepEvent(Event, frozen=True, kw_only=True):
    no: int
