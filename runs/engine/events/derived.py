"""Derived events: what follows from a fact while `decide` settles."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runs.engine.state import Ending, Fault, Phase
from runs.engine.status import Reason, RunStatus

from .event import Event, StepEvent, kept_aside


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
    rule: int | None = None  # which of several rules has granted it


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryOrdered(StepEvent):
    """The step as a whole begins anew at ``due``."""

    due: datetime
    tries: int
    fault: Fault
    rule: int = 0  # which rule has granted it


@dataclass(frozen=True, slots=True, kw_only=True)
class StepGiven(StepEvent):
    """What the scopes inside a step begin with."""

    value: Any = kept_aside()


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
    hands_on: bool = False  # its output is what the next step of its scope is given
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
    compensable: bool = False  # it is undone all the same
    hands_on: bool = False  # its fallback is given ``output``
    output: Any = kept_aside()


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
    at_once: int | None = None
    tolerate: int | None = None
    items: Any = kept_aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsRedriven(StepEvent):
    """The items that have not succeeded are done again, or ``afresh`` all of them."""

    afresh: bool = False


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
