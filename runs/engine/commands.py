"""Commands: what the engine orders. The shell carries them out in the transaction that records the decision."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from .state import Fault, Phase

AS_BEFORE: Final = object()  # the inputs of the attempt before


class Command(Struct, frozen=True, kw_only=True):
    no: int


class PerformStep(Command, frozen=True, kw_only=True):
    """Have a worker make this attempt, with these inputs or those of the attempt before."""

    attempt: int
    phase: Phase
    does: str
    due: datetime
    timeout: timedelta | None = None
    inputs: Any = AS_BEFORE


class SetTimer(Command, frozen=True, kw_only=True):
    timer: str
    due: datetime


class StartChild(Command, frozen=True, kw_only=True):
    """Start a run of another workflow. The answer is `ChildStarted` or `ChildRefused`, before any other fact."""

    attempt: int
    runs: str
    inputs: Mapping[str, Any]
    awaited: bool


class CancelChild(Command, frozen=True, kw_only=True):
    """Have the run that this attempt started cancelled. It will say when it has ended."""

    attempt: int
    undo: bool


class UndoChild(Command, frozen=True, kw_only=True):
    """Have the run that this attempt started undone. It will say when it has ended."""

    attempt: int


class AcquireLock(Command, frozen=True, kw_only=True):
    """Let the step in when nobody holds this lock and nobody has waited longer: then `LockGranted` comes."""

    name: str


class ReleaseLock(Command, frozen=True, kw_only=True):
    """Give the lock up, or the place in its queue."""

    name: str


class OpenReview(Command, frozen=True, kw_only=True):
    due: datetime | None
    evidence: tuple[tuple[str, Any], ...]
    editable: Mapping[str, Any]


class RemindReviewers(Command, frozen=True, kw_only=True):
    escalate: bool


class OpenDeadLetter(Command, frozen=True, kw_only=True):
    phase: Phase
    fault: Fault


class Retract(Command, frozen=True, kw_only=True):
    """Take back the attempt and the timers that are ordered for this step."""


class RetractAttempt(Command, frozen=True, kw_only=True):
    """Take back the attempt. Its timers stay set."""


class ClearTimers(Command, frozen=True, kw_only=True):
    """Take back this step's timers. An attempt that is out stays out."""


class CloseReview(Command, frozen=True, kw_only=True):
    """The limit has decided: nobody did in time, and the definition says what that means."""

    outcome: str
    reason: str


class WithdrawReview(Command, frozen=True, kw_only=True):
    """Nobody needs to decide any more."""


class CloseDeadLetter(Command, frozen=True, kw_only=True):
    """Nobody needs to look at it any more."""


class Subscribe(Command, frozen=True, kw_only=True):
    """Have this step told of the next signal of this name and key, or of one that is kept."""

    arrival: str
    name: str
    key: str


class Unsubscribe(Command, frozen=True, kw_only=True):
    """The step waits for no signal any more."""


class Publish(Command, frozen=True, kw_only=True):
    """Publish a signal once this decision is committed."""

    signal: str
    name: str
    key: str
    data: Any
    keep: timedelta
