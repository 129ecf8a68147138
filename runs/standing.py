"""What became of a run, or what it is about: the few kinds that lists count and draw."""

from collections.abc import Mapping
from enum import StrEnum

from runs.engine import Reason, RunStatus

LIVING = (RunStatus.READY, RunStatus.RUNNING, RunStatus.UNDOING)
NEED_A_PERSON = (Reason.AWAITING_REVIEW, Reason.DEAD_LETTERED, Reason.OUTCOME_UNKNOWN)


class Standing(StrEnum):
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
    Standing.RUNNING,
    Standing.QUEUED,
    Standing.RETRYING,
    Standing.UNDOING,
    Standing.STUCK,
    Standing.REVIEW,
)
TONES: Mapping[Standing, str] = {
    Standing.QUEUED: "idle",
    Standing.RUNNING: "run",
    Standing.RETRYING: "warn",
    Standing.UNDOING: "comp",
    Standing.REVIEW: "review",
    Standing.STUCK: "fail",
    Standing.SUCCEEDED: "ok",
    Standing.UNDONE: "comp",
    Standing.FAILED: "fail",
    Standing.CANCELLED: "idle",
}
_BY_STATUS: Mapping[str, Standing] = {
    RunStatus.READY: Standing.QUEUED,
    RunStatus.RUNNING: Standing.RUNNING,
    RunStatus.UNDOING: Standing.UNDOING,
    RunStatus.SUCCEEDED: Standing.SUCCEEDED,
    RunStatus.FAILED: Standing.FAILED,
    RunStatus.CANCELLED: Standing.CANCELLED,
}
_BY_REASON: Mapping[tuple[str, str], Standing] = {
    (RunStatus.RUNNING, Reason.BACKING_OFF): Standing.RETRYING,
    (RunStatus.RUNNING, Reason.AWAITING_REVIEW): Standing.REVIEW,
    (RunStatus.RUNNING, Reason.DEAD_LETTERED): Standing.STUCK,
    (RunStatus.RUNNING, Reason.OUTCOME_UNKNOWN): Standing.STUCK,
    (RunStatus.FAILED, Reason.ROLLED_BACK): Standing.UNDONE,
}


def standing_of(status: str, reason: str | None) -> Standing:
    """A reason without an entry of its own says no more than its status."""
    return _BY_REASON.get((status, reason or ""), _BY_STATUS[status])
