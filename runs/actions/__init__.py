"""Everything that changes a run. One verb, one transaction; `advance` is the heart of each."""

from .advance import Advance
from .assignments import Assignment, Grip, Start
from .attempts import Begun, Done, Report, report_attempt, report_attempts
from .cancel import cancel_run, check_cancel
from .claims import claim_work
from .dead_letters import check_output, check_resolve, output_contract, resolve_dead_letter
from .due import catch_up, is_work_due, lanes_in_use, unclaimed
from .errands import SET_ASIDE
from .hooks import check_call, receive_call, refuse_call, sign
from .leases import (
    beat,
    enlist_worker,
    hand_back,
    hold_on,
    release_cluster,
    release_silent_workers,
    retire_worker,
)
from .limits import admit_starts, admit_waiting, begun_lately, in_flight, let_through, set_limits
from .retention import remove_old_runs
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
from .signal_triggers import check_starts, start_from_signal, triggers_for_signal
from .signals import check_signal, forget_signals, publish_signal
from .start import Origin, accept_run, start_once, start_run
from .triggers import (
    change_trigger,
    create_trigger,
    remove_trigger,
    rotate_secret,
    switch_trigger,
)
from .uploads import add_upload, begin_upload, row_key, stop_upload

__all__ = [
    "SET_ASIDE",
    "Advance",
    "Assignment",
    "Begun",
    "Done",
    "Grip",
    "Origin",
    "Report",
    "Start",
    "accept_run",
    "add_upload",
    "admit_starts",
    "admit_waiting",
    "beat",
    "begin_upload",
    "begun_lately",
    "cancel_run",
    "catch_up",
    "change_trigger",
    "check_call",
    "check_cancel",
    "check_change",
    "check_claim",
    "check_decide",
    "check_may_give",
    "check_output",
    "check_resolve",
    "check_reviewer",
    "check_signal",
    "check_starts",
    "claim_review",
    "claim_work",
    "create_trigger",
    "decide_review",
    "enlist_worker",
    "forget_signals",
    "hand_back",
    "hand_over_review",
    "hold_on",
    "in_flight",
    "is_work_due",
    "lanes_in_use",
    "let_through",
    "other_reviewers",
    "output_contract",
    "publish_signal",
    "receive_call",
    "refuse_call",
    "release_cluster",
    "release_review",
    "release_silent_workers",
    "remove_old_runs",
    "remove_trigger",
    "report_attempt",
    "report_attempts",
    "resolve_dead_letter",
    "retire_worker",
    "rotate_secret",
    "row_key",
    "set_limits",
    "sign",
    "start_from_signal",
    "start_once",
    "start_run",
    "stop_upload",
    "switch_trigger",
    "triggers_for_signal",
    "unclaimed",
]
