"""What happens, as rows. `actions.advance` alone changes a run; everything else here is read, or ordered by it."""

from .item import Item
from .journal import JournalEntry
from .limits import Limits
from .lock import NamedLock
from .people import DeadLetter, Review, ReviewEntry
from .run import Run, StepRun, idempotency_key
from .signal import Reception, Signal, Subscription
from .trigger import HookSecret, Trigger
from .upload import Upload
from .values import Keeper, StoredValue, Variable, is_inline
from .work import Work, Worker

__all__ = [
    "DeadLetter",
    "HookSecret",
    "Item",
    "JournalEntry",
    "Keeper",
    "Limits",
    "NamedLock",
    "Reception",
    "Review",
    "ReviewEntry",
    "Run",
    "Signal",
    "StepRun",
    "StoredValue",
    "Subscription",
    "Trigger",
    "Upload",
    "Variable",
    "Work",
    "Worker",
    "idempotency_key",
    "is_inline",
]
