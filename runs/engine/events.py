"""Events: the facts of a run's life. The journal is a list of these, and the state is a fold over it.

Facts arrive from outside; the rest is derived while `decide` settles. All carry ``at``, the moment, and names
in the past tense. Large things (outputs, inputs, evidence) are kept in rows beside the journal: fields marked
``kept_aside`` are handed to whoever records the event and are not part of the entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from .state import Ending, Fault, Phase
from .status import Reason, RunStatus


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


# --- facts ---------------------------------------------------------------------------------------------------


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
    """What a wait has waited for; ``arrival`` is empty where it waits for nothing else."""

    arrival: str
    signal: str  # the id that its source has given it
    name: str
    key: str
    source: str
    sent_at: datetime
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


# --- derived -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEntered(StepEvent):
    key: str
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOrdered(StepEvent):
    attempt: int
    phase: Phase = Phase.DO
    due: datetime
    tries: int
    fault: Fault | None = None  # why there is another


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildOrdered(StepEvent):
    attempt: int
    runs: str
    awaited: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LockAsked(StepEvent):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockReleased(StepEvent):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDeadlineSet(Event):
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepParked(StepEvent):
    reason: Reason
    until: datetime | None = None
    fault: Fault | None = None
    out: bool = False  # an attempt is still out; if it succeeds after all, it counts


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerSet(StepEvent):
    timer: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOverdue(StepEvent):
    response: str  # remind or escalate


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalAwaited(StepEvent):
    arrival: str
    name: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalEmitted(StepEvent):
    signal: str
    name: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchTaken(StepEvent):
    label: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableSet(StepEvent):
    scope: str
    name: str
    value: Any = kept_aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSucceeded(StepEvent):
    scope: str
    next: str | None = None
    compensable: bool = False
    ends_run: bool = False  # not only its scope, but the whole run
    reason: Reason | None = None
    output: Any = kept_aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed(StepEvent):
    scope: str
    fault: Fault
    reason: Reason
    next: str | None = None
    goes_on: bool = False  # the token goes on in spite of it, to ``next`` or to the end of the scope
    fatal: bool = False  # the whole run fails, whatever the enclosing steps would catch
    abandoned: bool = False  # an attempt is still out


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped(StepEvent):
    scope: str
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCancelled(StepEvent):
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAbandoned(StepEvent):
    reason: Reason = Reason.OVERTAKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class CompensationOwed(StepEvent):
    output: Any = kept_aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeOpened(StepEvent):
    scope: str
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeSkipped(StepEvent):
    """A branch is not opened."""

    scope: str
    branch: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsListed(StepEvent):
    count: int
    closed: bool = True
    items: Any = kept_aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsRedriven(StepEvent):
    """The items that have not succeeded are done again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeEnded(Event):
    scope: str
    last: int | None = None
    fault: Fault | None = None
    skipped: bool = False  # cancelled from outside


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeJoined(StepEvent):
    passed: bool
    absorbed: bool = False  # what is still open goes on, and nobody waits for it


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDecided(Event):
    ending: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackStarted(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackResumed(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoEntered(StepEvent):
    key: str
    scope: str
    completed: int  # the journal entry of its success
    attempt: int  # the newest attempt it had


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUndone(StepEvent):
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoFailed(StepEvent):
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(Event):
    status: RunStatus
    reason: Reason | None = None
    fault: Fault | None = None
    output_of: int | None = None


EVENTS: Mapping[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        *(
            RunStarted,
            AttemptStarted,
            AttemptSucceeded,
            AttemptFailed,
            AttemptLost,
            ReportRefused,
            TimerFired,
        ),
        *(
            ReviewDecided,
            SignalReceived,
            CancelRequested,
            DeadLetterResolved,
            StepEntered,
            AttemptOrdered,
            StepParked,
            TimerSet,
            ReviewOverdue,
            SignalAwaited,
            SignalEmitted,
        ),
        *(BranchTaken, VariableSet, StepSucceeded, StepFailed, StepSkipped, StepCancelled, StepAbandoned),
        *(
            CompensationOwed,
            ItemsAdded,
            ItemsClosed,
            JoinForced,
            ItemsListed,
            ItemsRedriven,
            ScopeOpened,
            ScopeSkipped,
            ScopeEnded,
            ScopeJoined,
            EndDecided,
            RollbackStarted,
            RollbackResumed,
        ),
        *(UndoEntered, StepUndone, UndoFailed, RunEnded),
        *(ChildOrdered, ChildStarted, ChildRefused, ChildEnded, UndoRequested),
        *(LockAsked, LockGranted, LockReleased, RunDeadlineSet, RunDeadlinePassed),
    )
}
