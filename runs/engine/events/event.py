"""What all events are, and what some of them hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from runs.engine.state import Fault


def kept_aside() -> Any:
    return field(default=None, metadata={"kept_aside": True})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent(Event):
    no: int
