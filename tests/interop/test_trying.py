"""A state tried alone is tried again, and caught, as a run would: by the same rules."""

from datetime import UTC, datetime
from typing import Any

import pytest

from designer.dataflow import Seen
from designer.graph import matches
from designer.interop.asl import Mock, Tried, try_state

SEEN = Seen(input={}, now=datetime(2026, 1, 1, tzinfo=UTC))
FAMILIES = ("States.ALL", "States.TaskFailed", "States.Timeout", "Declined")
ERRORS = (
    "Declined",
    "States.Timeout",
    "States.HeartbeatTimeout",
    "States.Runtime",
    "States.DataLimitExceeded",
)


def tried(error: str, tries: int = 0, **fields: Any) -> Tried:
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True, **fields}
    return try_state(state, SEEN, mock=Mock(error=error, tries=tries))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("error", ERRORS)
def test_what_catches_here_catches_in_a_run(family: str, error: str):
    caught = tried(error, Catch=[{"ErrorEquals": [family], "Next": "Seen to"}]).status == "CAUGHT_ERROR"
    again = tried(error, Retry=[{"ErrorEquals": [family]}]).status == "RETRIABLE"
    assert caught == again == matches((family,), error)


def test_all_errors_are_all_but_those_of_the_machine_itself():
    """AWS's pages leave out States.DataLimitExceeded too; its recordings (see the oracle) show it being caught."""
    assert [error for error in ERRORS if not matches(("States.ALL",), error)] == ["States.Runtime"]


def test_the_waits_between_tries_grow_up_to_the_longest():
    retrier = {"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 10}
    details = [tried("Busy", tries, Retry=[retrier]).stages["errorDetails"] for tries in range(4)]
    assert [told.get("retryBackoffIntervalSeconds") for told in details] == [2, 6, 10, None]
