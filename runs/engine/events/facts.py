"""Facts: what arrives from outside, and what `decide` is asked about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runs.engine.state import Fault, Phase
from runs.engine.status import RunStatus

from .event import Event, Resolution, StepEvent, kept_aside


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted(StepEvent):
    attempt: int
    phase: Phase = Phase.DO
    worker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSucceeded(StepEvent):
    attempt: int
    phase: Phase = Phase.DO
    output: Any = kept_aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailed(StepEvent):
    attempt: int
    phase: Phase = Phase.DO
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLost(StepEvent):
    attempt: int
    phase: Phase = Phase.DO
    worker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRefused(StepEvent):
    """A worker that had lost its claim reported after all."""

    attempt: int
    phase: Phase = Phase.DO
    worker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired(StepEvent):
    timer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDecided(StepEvent):
    outcome: str
    by: str
    reason: str = ""
    data: Any = kept_aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReceived(StepEvent):
    """What a wait has waited for; ``arrival`` is empty where it waits for nothing else. With a fault it never comes."""

    arrival: str
    signal: str  # the id that its source has given it
    name: str
    key: str
    source: str
    sent_at: datetime
    fault: Fault | None = None
    data: Any = kept_aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested(Event):
    by: str
    reason: str = ""
    undo: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterResolved(StepEvent):
    how: Resolution
    by: str
    reason: str = ""
    output: Any = kept_aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsAdded(StepEvent):
    """Somebody has added items to a map that is open for them."""

    count: int
    by: str
    items: Any = kept_aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsClosed(StepEvent):
    """No more items will be added."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinForced(StepEvent):
    """A person has an opener go on with what there is."""

    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStarted(StepEvent):
    """The run that was ordered is there. ``child`` is its id."""

    attempt: int
    child: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRefused(StepEvent):
    """The run that was ordered could not be started."""

    attempt: int
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEnded(StepEvent):
    """The run that this attempt started has ended: for the first time, or again after it was undone."""

    attempt: int
    child: str
    status: RunStatus
    incomplete: bool = False  # not all that it did could be undone
    fault: Fault | None = None
    output: Any = kept_aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoRequested(Event):
    """The run that started this one undoes what it has done, and this was a part of it."""

    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockGranted(StepEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDeadlinePassed(Event):
    pass
