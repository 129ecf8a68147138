"""What happens, as rows. `actions.advance` alone changes a run; everything else here is read, or ordered by it."""

from .journal import JournalEntry
from .people import DeadLetter, Review, ReviewEntry
from .run import Run, StepRun, idempotency_key
from .trigger import HookSecret, Limits, Trigger, Upload
from .values import Keeper, StoredValue, Variable
from .work import Work, Worker

__all__ = [
    "DeadLetter",
    "HookSecret",
    "JournalEntry",
    "Keeper",
    "Limits",
    "Review",
    "ReviewEntry",
    "Run",
    "StepRun",
    "StoredValue",
    "Trigger",
    "Upload",
    "Variable",
    "Work",
    "Worker",
    "idempotency_key",
]
