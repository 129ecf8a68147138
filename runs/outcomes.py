"""What became of a run, or what it is about: the few kinds that lists count and draw."""

from collections.abc import Mapping
from enum import StrEnum

from runs.engine import Reason, RunStatus

LIVING = (RunStatus.READY, RunStatus.RUNNING, RunStatus.UNDOING)
NEED_A_PERSON = (Reason.AWAITING_REVIEW, Reason.DEAD_LETTERED, Reason.OUTCOME_UNKNOWN)


class Outcome(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    UNDOING = "undoing"
    REVIEW = "review"  # waits for a person's decision
    STUCK = "stuck"  # gave up, and waits for a person
    SUCCEEDED = "succeeded"
    UNDONE = "undone"
    FAILED = "failed"
    CANCELLED = "cancelled"


IN_FLIGHT = (
    *(Outcome.RUNNING, Outcome.QUEUED, Outcome.RETRYING, Outcome.UNDOING, Outcome.STUCK, Outcome.REVIEW),
)
TONES: Mapping[Outcome, str] = {
    Outcome.QUEUED: "idle",
    Outcome.RUNNING: "run",
    Outcome.RETRYING: "warn",
    Outcome.UNDOING: "comp",
    Outcome.REVIEW: "review",
    Outcome.STUCK: "fail",
    Outcome.SUCCEEDED: "ok",
    Outcome.UNDONE: "comp",
    Outcome.FAILED: "fail",
    Outcome.CANCELLED: "idle",
}
_BY_STATUS: Mapping[str, Outcome] = {
    RunStatus.READY: Outcome.QUEUED,
    RunStatus.RUNNING: Outcome.RUNNING,
    RunStatus.UNDOING: Outcome.UNDOING,
    RunStatus.SUCCEEDED: Outcome.SUCCEEDED,
    RunStatus.FAILED: Outcome.FAILED,
    RunStatus.CANCELLED: Outcome.CANCELLED,
}
_BY_REASON: Mapping[tuple[str, str], Outcome] = {
    (RunStatus.RUNNING, Reason.BACKING_OFF): Outcome.RETRYING,
    (RunStatus.RUNNING, Reason.AWAITING_REVIEW): Outcome.REVIEW,
    (RunStatus.RUNNING, Reason.DEAD_LETTERED): Outcome.STUCK,
    (RunStatus.RUNNING, Reason.OUTCOME_UNKNOWN): Outcome.STUCK,
    (RunStatus.FAILED, Reason.ROLLED_BACK): Outcome.UNDONE,
}


def outcome_of(status: str, reason: str | None) -> Outcome:
    """A reason without an entry of its own says no more than its status."""
    return _BY_REASON.get((status, reason or ""), _BY_STATUS[status])
