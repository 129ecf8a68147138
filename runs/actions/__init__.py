"""Everything that changes a run. One verb, one transaction; `advance` is the heart of each."""

from .assignments import Assignment
from .attempts import Report, report_attempt
from .cancel import cancel_run, check_cancel
from .claims import claim_work
from .dead_letters import check_output, check_resolve, output_contract, resolve_dead_letter
from .leases import beat, enlist_worker, release_cluster, release_silent_workers, retire_worker
from .reviewers import check_may_give, check_reviewer, other_reviewers
from .reviews import (
    check_change,
    check_claim,
    check_decide,
    claim_review,
    decide_review,
    hand_over_review,
    release_review,
)
from .start import start_once, start_run

__all__ = [
    "Assignment",
    "Report",
    "beat",
    "cancel_run",
    "check_cancel",
    "check_change",
    "check_claim",
    "check_decide",
    "check_may_give",
    "check_output",
    "check_resolve",
    "check_reviewer",
    "claim_review",
    "claim_work",
    "decide_review",
    "enlist_worker",
    "hand_over_review",
    "other_reviewers",
    "output_contract",
    "release_cluster",
    "release_review",
    "release_silent_workers",
    "report_attempt",
    "resolve_dead_letter",
    "retire_worker",
    "start_once",
    "start_run",
]
