"""Statuses and the legal moves between them. ``docs/states.md`` is drawn from these tables."""

from collections.abc import Mapping
from enum import StrEnum


class RunStatus(StrEnum):
    """What a run is doing. Few, because they steer."""

    READY = "ready"  # accepted, no worker has taken it up yet
    RUNNING = "running"
    UNDOING = "undoing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in OVER


OVER = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED})

RUN_MOVES: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.READY: frozenset({RunStatus.RUNNING}),
    RunStatus.RUNNING: frozenset({RunStatus.UNDOING}) | OVER,
    RunStatus.UNDOING: OVER,
    # The ways back: a person takes up a rollback that got stuck; the run that started this one undoes it.
    RunStatus.SUCCEEDED: frozenset({RunStatus.UNDOING}),
    RunStatus.FAILED: frozenset({RunStatus.UNDOING}),
    RunStatus.CANCELLED: frozenset({RunStatus.UNDOING}),
}


class Status(StrEnum):
    """Where a step's life in a run stands."""

    READY = "ready"  # an attempt is ordered, due now or after a wait
    RUNNING = "running"  # a worker holds the attempt
    WAITING = "waiting"  # for a person, a moment, or its branches
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"  # a person let it be
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"  # the run moved on while an attempt was out, or without what was done
    UNDOING = "undoing"
    UNDONE = "undone"
    UNDO_FAILED = "undo_failed"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.READY: frozenset(
        {Status.RUNNING, Status.READY, Status.WAITING, Status.SUCCEEDED, Status.FAILED}
        | {Status.CANCELLED, Status.ABANDONED}
    ),
    Status.RUNNING: frozenset(
        {Status.READY, Status.WAITING, Status.SUCCEEDED, Status.FAILED, Status.ABANDONED}
    ),
    Status.WAITING: frozenset(
        {Status.READY, Status.SUCCEEDED, Status.FAILED, Status.SKIPPED, Status.CANCELLED, Status.ABANDONED}
    ),
    Status.ABANDONED: frozenset({Status.CANCELLED, Status.UNDOING}),  # its result decides which
    Status.SUCCEEDED: frozenset({Status.UNDOING}),
    Status.UNDOING: frozenset({Status.UNDONE, Status.UNDO_FAILED}),
    Status.UNDO_FAILED: frozenset({Status.UNDOING, Status.UNDONE}),
    Status.FAILED: frozenset(),
    Status.SKIPPED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.UNDONE: frozenset(),
}


class Reason(StrEnum):
    """Why a status is what it is. Many, because they explain; nothing is decided by them."""

    BACKING_OFF = "backing_off"
    AWAITING_REVIEW = "awaiting_review"
    AWAITING_SIGNAL = "awaiting_signal"
    AWAITING_TIMER = "awaiting_timer"
    AWAITING_BRANCHES = "awaiting_branches"
    AWAITING_ITEMS = "awaiting_items"
    AWAITING_ROUNDS = "awaiting_rounds"
    AWAITING_CHILD = "awaiting_child"
    AWAITING_LOCK = "awaiting_lock"
    AWAITING_REPORT = "awaiting_report"  # only attempts that the run has moved on from are still out
    DEAD_LETTERED = "dead_lettered"
    OUTCOME_UNKNOWN = "outcome_unknown"  # at most once, and the worker was lost: a person must look
    GAVE_UP = "gave_up"
    DEADLINE_PASSED = "deadline_passed"
    CAUGHT = "caught"
    CONTINUED = "continued"
    OVERTAKEN = "overtaken"  # its scope ended without it
    LATE_SUCCESS = "late_success"  # finished after all, with nothing to undo
    OWED = "owed"  # finished after all, and its compensation is owed
    LOST = "lost"
    DECIDED_BY_PERSON = "decided_by_person"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_INCOMPLETE = "rollback_incomplete"


class IllegalMove(AssertionError):
    """The engine tried a move that is not in the tables: a defect of the engine, never of a workflow."""


def check_move(old: Status, new: Status) -> None:
    """Raises IllegalMove."""
    if new not in MOVES[old]:
        raise IllegalMove(f"a step may not go from {old} to {new}")


def check_run_move(old: RunStatus, new: RunStatus) -> None:
    """Raises IllegalMove."""
    if new not in RUN_MOVES[old]:
        raise IllegalMove(f"a run may not go from {old} to {new}")
