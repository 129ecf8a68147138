"""Commands: what the engine orders. The shell carries them out in the transaction that records the decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from .state import Fault, Phase

AS_BEFORE: Final = object()  # the inputs of the attempt before


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformStep(Command):
    """Have a worker make this attempt, with these inputs or those of the attempt before."""

    attempt: int
    phase: Phase
    does: str
    due: datetime
    timeout: timedelta | None = None
    inputs: Any = AS_BEFORE


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer(Command):
    timer: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StartChild(Command):
    """Start a run of another workflow. The answer is `ChildStarted` or `ChildRefused`, before any other fact."""

    attempt: int
    runs: str
    inputs: Mapping[str, Any]
    awaited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelChild(Command):
    """Have the run that this attempt started cancelled. It will say when it has ended."""

    attempt: int
    undo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoChild(Command):
    """Have the run that this attempt started undone. It will say when it has ended."""

    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquireLock(Command):
    """Let the step in when nobody holds this lock and nobody has waited longer: then `LockGranted` comes."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLock(Command):
    """Give the lock up, or the place in its queue."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReview(Command):
    due: datetime | None
    evidence: tuple[tuple[str, Any], ...]
    editable: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindReviewers(Command):
    escalate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeadLetter(Command):
    phase: Phase
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Retract(Command):
    """Take back the attempt and the timers that are ordered for this step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractAttempt(Command):
    """Take back the attempt. Its timers stay set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearTimers(Command):
    """Take back this step's timers. An attempt that is out stays out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseReview(Command):
    """The limit has decided: nobody did in time, and the definition says what that means."""

    outcome: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawReview(Command):
    """Nobody needs to decide any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDeadLetter(Command):
    """Nobody needs to look at it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe(Command):
    """Have this step told of the next signal of this name and key, or of one that is kept."""

    arrival: str
    name: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe(Command):
    """The step waits for no signal any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Command):
    """Publish a signal once this decision is committed."""

    signal: str
    name: str
    key: str
    data: Any
    keep: timedelta
