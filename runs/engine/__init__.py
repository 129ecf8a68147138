"""What happens, decided. Pure: no Django, no clock, no randomness, no I/O.

Read `decide` first; it explains the rest.
"""

from . import events, scopes
from .commands import (
    ClearTimers,
    CloseDeadLetter,
    CloseReview,
    Command,
    OpenDeadLetter,
    OpenReview,
    PerformStep,
    RemindReviewers,
    Retract,
    RetractAttempt,
    SetTimer,
    WithdrawReview,
)
from .decide import Decision, Needs, decide
from .events import Event, Gathered, Resolution
from .journal import UnknownEvent, dump_event, dump_state, load_event, load_state
from .replay import apply, replay
from .state import ActiveStep, Ending, Fault, Phase, RunState, Scope
from .status import MOVES, OVER, RUN_MOVES, IllegalMove, Reason, RunStatus, Status
from .storable import storage_flaw
from .values import (
    ABSENT,
    LedgerEntry,
    NewestSuccess,
    OutputOf,
    Reference,
    RunInput,
    StepOutput,
    Values,
    Variable,
)

__all__ = [
    "ABSENT",
    "MOVES",
    "OVER",
    "RUN_MOVES",
    "ActiveStep",
    "ClearTimers",
    "CloseDeadLetter",
    "CloseReview",
    "Command",
    "Decision",
    "Ending",
    "Event",
    "Fault",
    "Gathered",
    "IllegalMove",
    "LedgerEntry",
    "Needs",
    "NewestSuccess",
    "OpenDeadLetter",
    "OpenReview",
    "OutputOf",
    "PerformStep",
    "Phase",
    "Reason",
    "Reference",
    "RemindReviewers",
    "Resolution",
    "Retract",
    "RetractAttempt",
    "RunInput",
    "RunState",
    "RunStatus",
    "Scope",
    "SetTimer",
    "Status",
    "StepOutput",
    "UnknownEvent",
    "Values",
    "Variable",
    "WithdrawReview",
    "apply",
    "decide",
    "dump_event",
    "dump_state",
    "events",
    "load_event",
    "load_state",
    "replay",
    "scopes",
    "storage_flaw",
]
