"""Closing: what is due once nothing else follows. Debts first, then the rollback, then the end."""

from collections.abc import Iterable

from designer.graph import AfterFailedUndo, UndoOrder
from runs.engine import events as e
from runs.engine.situation import Situation
from runs.engine.state import ActiveStep, Ending
from runs.engine.status import Reason, RunStatus, Status
from runs.engine.values import LedgerEntry

from .derived import Derived

UNDONE_APART = {Status.UNDO_FAILED, Status.ABANDONED}  # those that `_apart` looks for
NOT_AWAITED = {Status.UNDO_FAILED, Status.UNDOING}  # a stuck undo awaits a person, not the run


def close(sit: Situation) -> Derived:
    """Called when settling has come to rest; an empty answer means the run waits for something outside.

    Compensation works alone, one step at a time, newest success first: the rollback of a saga
    (Garcia-Molina and Salem, 1987). Only a workflow that says so has all of it done at once.
    """
    steps, undoing = sit.state.steps.values(), sit.graph.undoing
    found = {step.status for step in steps}
    at_work = Status.UNDOING in found
    if at_work and undoing.order is UndoOrder.REVERSE:
        return []
    if found & UNDONE_APART and (step := _apart(steps)) is not None:
        return [_undo_apart(sit, step)]
    ending = sit.state.ending
    if ending is None or sit.state.status.is_over or found - NOT_AWAITED:
        return []
    if ending.rollback and not (undoing.after_failure is AfterFailedUndo.STOP and _has_stopped(steps)):
        entry = sit.values.newest_success(sit.state.undo_below)
        if entry is not None:
            return _roll_back(sit, entry)
    return [] if at_work else [_end(sit, ending)]


def _roll_back(sit: Situation, entry: LedgerEntry) -> Derived:
    if sit.state.status is not RunStatus.UNDOING:
        return [e.RollbackStarted(at=sit.at)]
    return [
        e.UndoEntered(
            at=sit.at,
            no=entry.no,
            key=entry.key,
            scope=entry.scope,
            completed=entry.completed,
            attempt=entry.attempt,
        )
    ]


def _has_stopped(steps: Iterable[ActiveStep]) -> bool:
    """Whether a compensation that gave up holds up the rollback. A debt that cannot be paid does not."""
    return any(step.is_stuck and not step.let_go and not step.owed for step in steps)


def _apart(steps: Iterable[ActiveStep]) -> ActiveStep | None:
    """The step to be undone that is not in the ledger: one a person has sent back, or the newest debt."""
    sent_back = (step for step in steps if step.status is Status.UNDO_FAILED and not step.is_stuck)
    debts = [step for step in steps if step.status is Status.ABANDONED and step.owed and not step.out]
    return next(sent_back, None) or max(debts, key=lambda step: step.owed, default=None)


def _undo_apart(sit: Situation, step: ActiveStep) -> e.UndoEntered:
    return e.UndoEntered(
        at=sit.at,
        no=step.no,
        key=step.key,
        scope=step.scope,
        completed=sit.state.undo_below or 0,
        attempt=step.attempt,
    )


def _end(sit: Situation, ending: Ending) -> e.RunEnded:
    incomplete = any(step.status is Status.UNDO_FAILED for step in sit.state.steps.values())
    rolled_back = ending.rollback and sit.state.undo_count > 0
    reason = Reason.ROLLBACK_INCOMPLETE if incomplete else Reason.ROLLED_BACK if rolled_back else None
    return e.RunEnded(
        at=sit.at, status=ending.status, reason=reason, fault=ending.fault, output_of=ending.output_of
    )
