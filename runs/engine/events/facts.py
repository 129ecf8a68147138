"""Facts: what arrives from outside, and what `decide` is asked about."""

from datetime import datetime

from runs.engine.state import Fault, Phase
from runs.engine.status import RunStatus

from .event import Event, KeptAside, Resolution, StepEvent


class RunStarted(Event, frozen=True, kw_only=True):
    pass


class AttemptStarted(StepEvent, frozen=True, kw_only=True):
    attempt: int
    phase: Phase = Phase.DO
    worker: str = ""


class AttemptSucceeded(StepEvent, frozen=True, kw_only=True):
    attempt: int
    phase: Phase = Phase.DO
    output: KeptAside = None


class AttemptFailed(StepEvent, frozen=True, kw_only=True):
    attempt: int
    phase: Phase = Phase.DO
    fault: Fault


class AttemptLost(StepEvent, frozen=True, kw_only=True):
    attempt: int
    phase: Phase = Phase.DO
    worker: str = ""


class ReportRefused(StepEvent, frozen=True, kw_only=True):
    """A worker that had lost its claim reported after all."""

    attempt: int
    phase: Phase = Phase.DO
    worker: str = ""


class TimerFired(StepEvent, frozen=True, kw_only=True):
    timer: str


class ReviewDecided(StepEvent, frozen=True, kw_only=True):
    outcome: str
    by: str
    reason: str = ""
    data: KeptAside = None


class SignalReceived(StepEvent, frozen=True, kw_only=True):
    """What a wait has waited for; ``arrival`` is empty where it waits for nothing else. With a fault it never comes."""

    arrival: str
    signal: str  # the id that its source has given it
    name: str
    key: str
    source: str
    sent_at: datetime
    fault: Fault | None = None
    data: KeptAside = None


class CancelRequested(Event, frozen=True, kw_only=True):
    by: str
    reason: str = ""
    undo: bool = True


class DeadLetterResolved(StepEvent, frozen=True, kw_only=True):
    how: Resolution
    by: str
    reason: str = ""
    output: KeptAside = None


class ItemsAdded(StepEvent, frozen=True, kw_only=True):
    """Somebody has added items to a map that is open for them."""

    count: int
    by: str
    items: KeptAside = None


class ItemsClosed(StepEvent, frozen=True, kw_only=True):
    """No more items will be added."""

    by: str


class JoinForced(StepEvent, frozen=True, kw_only=True):
    """A person has an opener go on with what there is."""

    by: str
    reason: str = ""


class ChildStarted(StepEvent, frozen=True, kw_only=True):
    """The run that was ordered is there. ``child`` is its id."""

    attempt: int
    child: str
    version: str = ""


class ChildRefused(StepEvent, frozen=True, kw_only=True):
    """The run that was ordered could not be started."""

    attempt: int
    fault: Fault


class ChildEnded(StepEvent, frozen=True, kw_only=True):
    """The run that this attempt started has ended: for the first time, or again after it was undone."""

    attempt: int
    child: str
    status: RunStatus
    incomplete: bool = False  # not all that it did could be undone
    fault: Fault | None = None
    output: KeptAside = None


class UndoRequested(Event, frozen=True, kw_only=True):
    """The run that started this one undoes what it has done, and this was a part of it."""

    by: str = ""


class LockGranted(StepEvent, frozen=True, kw_only=True):
    pass


class RunDeadlinePassed(Event, frozen=True, kw_only=True):
    pass
