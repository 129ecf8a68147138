"""One step after the other, by a worker that goes on by itself."""

import pytest

from runs.engine import RunStatus, Status, load_event, load_state, replay
from runs.models import Run, Work
from tests.factories import Hand, a_run, action

pytestmark = pytest.mark.django_db

TWO_STEPS = {
    "start": "one",
    "steps": {
        "one": action(**{"with": {"value": "${ input.n }"}, "next": "two"}),
        "two": action(**{"with": {"value": "${ steps.one.output }"}}),
    },
}


def journal_state(run: Run):
    entries = run.journal.order_by("seq")
    return replay(
        load_event(entry.kind, {**entry.data, "at": entry.at.isoformat(), **({"no": entry.no} if entry.no is not None else {})})
        for entry in entries
    )


def test_a_worker_that_reports_is_handed_the_next_step_in_the_same_transaction():
    run, hand = a_run(TWO_STEPS, {"n": 3}), Hand()
    assert [assignment.key for assignment in hand.claim()] == ["one"]
    following = hand.succeed("one", 4)
    assert following is not None
    assert (following.key, following.inputs) == ("two", {"value": 4})
    hand.succeed("two", 5)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    assert run.output == {"is": 5}
    assert not Work.objects.exists()


def test_the_journal_explains_the_stored_state_without_gaps():
    run, hand = a_run(TWO_STEPS, {"n": 3}), Hand()
    hand.claim()
    hand.succeed("one", 4)
    run.refresh_from_db()
    assert list(run.journal.order_by("seq").values_list("seq", flat=True)) == list(range(1, run.seq + 1))
    assert journal_state(run) == load_state(run.state)
    assert {step.key: step.status for step in run.step_runs.all()} == {"one": Status.SUCCEEDED, "two": Status.RUNNING}
