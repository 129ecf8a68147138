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
    """An output made of other step runs' outputs: name to step run."""

    parts: Mapping[str, int | None]


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
class ScopeEnded(Event):
    scope: str
    last: int | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeJoined(StepEvent):
    passed: bool


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
            CancelRequested,
            DeadLetterResolved,
            StepEntered,
            AttemptOrdered,
            StepParked,
            TimerSet,
            ReviewOverdue,
        ),
        *(BranchTaken, VariableSet, StepSucceeded, StepFailed, StepSkipped, StepCancelled, StepAbandoned),
        *(
            CompensationOwed,
            ScopeOpened,
            ScopeEnded,
            ScopeJoined,
            EndDecided,
            RollbackStarted,
            RollbackResumed,
        ),
        *(UndoEntered, StepUndone, UndoFailed, RunEnded),
    )
}
