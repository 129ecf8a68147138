"""Derived events: what follows from a fact while `decide` settles."""

from datetime import datetime

from runs.engine.state import Ending, Fault, Phase
from runs.engine.status import Reason, RunStatus

from .event import Event, KeptAside, StepEvent


class StepEntered(StepEvent, frozen=True, kw_only=True):
    key: str
    scope: str


class AttemptOrdered(StepEvent, frozen=True, kw_only=True):
    attempt: int
    phase: Phase = Phase.DO
    due: datetime
    tries: int
    fault: Fault | None = None  # why there is another
    rule: int | None = None  # which of several rules has granted it


class RetryOrdered(StepEvent, frozen=True, kw_only=True):
    """The step as a whole begins anew at ``due``."""

    due: datetime
    tries: int
    fault: Fault
    rule: int = 0  # which rule has granted it


class StepGiven(StepEvent, frozen=True, kw_only=True):
    """What the scopes inside a step begin with."""

    value: KeptAside = None


class ChildOrdered(StepEvent, frozen=True, kw_only=True):
    attempt: int
    runs: str
    awaited: bool = True


class LockAsked(StepEvent, frozen=True, kw_only=True):
    name: str


class LockReleased(StepEvent, frozen=True, kw_only=True):
    name: str


class RunDeadlineSet(Event, frozen=True, kw_only=True):
    due: datetime


class StepParked(StepEvent, frozen=True, kw_only=True):
    reason: Reason
    until: datetime | None = None
    fault: Fault | None = None
    out: bool = False  # an attempt is still out; if it succeeds after all, it counts


class TimerSet(StepEvent, frozen=True, kw_only=True):
    timer: str
    due: datetime


class ReviewOverdue(StepEvent, frozen=True, kw_only=True):
    response: str  # remind or escalate


class SignalAwaited(StepEvent, frozen=True, kw_only=True):
    arrival: str
    name: str
    key: str


class SignalEmitted(StepEvent, frozen=True, kw_only=True):
    signal: str
    name: str
    key: str


class BranchTaken(StepEvent, frozen=True, kw_only=True):
    label: str
    next: str


class VariableSet(StepEvent, frozen=True, kw_only=True):
    scope: str
    name: str
    value: KeptAside = None


class StepSucceeded(StepEvent, frozen=True, kw_only=True):
    scope: str
    next: str | None = None
    compensable: bool = False
    ends_run: bool = False  # not only its scope, but the whole run
    hands_on: bool = False  # its output is what the next step of its scope is given
    reason: Reason | None = None
    output: KeptAside = None


class StepFailed(StepEvent, frozen=True, kw_only=True):
    scope: str
    fault: Fault
    reason: Reason
    next: str | None = None
    goes_on: bool = False  # the token goes on in spite of it, to ``next`` or to the end of the scope
    fatal: bool = False  # the whole run fails, whatever the enclosing steps would catch
    abandoned: bool = False  # an attempt is still out
    compensable: bool = False  # it is undone all the same
    hands_on: bool = False  # its fallback is given ``output``
    output: KeptAside = None


class StepSkipped(StepEvent, frozen=True, kw_only=True):
    scope: str
    next: str | None = None


class StepCancelled(StepEvent, frozen=True, kw_only=True):
    reason: Reason


class StepAbandoned(StepEvent, frozen=True, kw_only=True):
    reason: Reason = Reason.OVERTAKEN


class CompensationOwed(StepEvent, frozen=True, kw_only=True):
    output: KeptAside = None


class ScopeOpened(StepEvent, frozen=True, kw_only=True):
    scope: str
    branch: str


class ScopeSkipped(StepEvent, frozen=True, kw_only=True):
    """A branch is not opened."""

    scope: str
    branch: str
    why: str


class ItemsListed(StepEvent, frozen=True, kw_only=True):
    count: int
    closed: bool = True
    at_once: int | None = None
    tolerate: int | None = None
    items: KeptAside = None


class ItemsRedriven(StepEvent, frozen=True, kw_only=True):
    """The items that have not succeeded are done again, or ``afresh`` all of them."""

    afresh: bool = False


class ScopeEnded(Event, frozen=True, kw_only=True):
    scope: str
    last: int | None = None
    fault: Fault | None = None
    skipped: bool = False  # cancelled from outside


class ScopeJoined(StepEvent, frozen=True, kw_only=True):
    passed: bool
    absorbed: bool = False  # what is still open goes on, and nobody waits for it


class EndDecided(Event, frozen=True, kw_only=True):
    ending: Ending


class RollbackStarted(Event, frozen=True, kw_only=True):
    pass


class RollbackResumed(Event, frozen=True, kw_only=True):
    pass


class UndoEntered(StepEvent, frozen=True, kw_only=True):
    key: str
    scope: str
    completed: int  # the journal entry of its success
    attempt: int  # the newest attempt it had


class StepUndone(StepEvent, frozen=True, kw_only=True):
    reason: Reason | None = None


class UndoFailed(StepEvent, frozen=True, kw_only=True):
    fault: Fault


class RunEnded(Event, frozen=True, kw_only=True):
    status: RunStatus
    reason: Reason | None = None
    fault: Fault | None = None
    output_of: int | None = None
