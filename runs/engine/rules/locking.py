"""Locks: what only one step of all runs may hold at a time.

A step asks when it is entered, and really begins when it is let in. It holds the lock until nothing of it is at work
any more, whatever becomes of the step itself: not an attempt that is left out, nor one inside the scopes it has
opened. Undoing takes no locks: it must not wait for anybody.
"""

from runs.engine import events as e
from runs.engine.commands import AcquireLock, ReleaseLock
from runs.engine.situation import Broken, Situation
from runs.engine.state import ActiveStep, Fault, RunState
from runs.engine.status import Status

from .derived import Derived
from .timers import set_deadline

LONGEST = 200


def ask(sit: Situation, step: ActiveStep) -> Derived:
    """Empty where the step lies in a section that holds this very lock."""
    name = str(sit.fill(sit.definition(step).lock, step.scope)).strip()
    if not 0 < len(name) <= LONGEST:
        message = f"The name of a lock has 1 to {LONGEST} characters, and this one has {len(name)}."
        raise Broken(Fault(name="BadLock", message=message, step=step.key, retryable=False))
    if any(lock.name == name and step.scope.startswith(lock.area) for lock in sit.state.locks.values()):
        return []
    return [
        e.LockAsked(at=sit.at, no=step.no, name=name),
        *set_deadline(sit, step),
        AcquireLock(no=step.no, name=name),
    ]


def let_go(sit: Situation) -> Derived:
    """Called when settling has come to rest: what is not needed any more is given up."""
    derived: Derived = []
    for no, lock in sit.state.locks.items():
        if not _is_needed(sit.state, no, lock.area):
            derived += [
                e.LockReleased(at=sit.at, no=no, name=lock.name),
                ReleaseLock(no=no, name=lock.name),
            ]
    return derived


def _is_needed(state: RunState, no: int, area: str) -> bool:
    return any(
        _is_at_work(step) for step in state.steps.values() if step.no == no or step.scope.startswith(area)
    )


def _is_at_work(step: ActiveStep) -> bool:
    match step.status:
        case Status.READY | Status.RUNNING:
            return True
        case Status.WAITING:
            return step.fault is None or step.out
        case Status.ABANDONED:
            return step.out or not step.owed
    return False
