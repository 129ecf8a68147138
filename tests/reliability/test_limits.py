"""A run that grows past its limits fails in words, whole: nothing of it is cut off, and nothing goes on for ever."""

from typing import Any

import pytest

from runs.engine import RunStatus
from runs.models import Run, Work
from tests.actions.flows import branches, echo, flow, undoable
from tests.factories import Hand, a_run
from tests.promises import check_all_runs

pytestmark = pytest.mark.django_db

SET = {"kind": "set", "assign": {"n": "${ index }"}}
ROUNDS = flow(
    first=undoable("x", next="again"),
    again={"kind": "loop", "times": 1_000, "limit": 1_000, "start": "s", "steps": {"s": SET}},
)


def test_a_journal_has_an_end(settings):
    settings.CHOREO_EVENT_LIMIT = 120
    run, hand = a_run(ROUNDS), Hand()
    hand.claim()
    hand.succeed("first", {"key": "k", "note": "n"})
    run.refresh_from_db()
    assert (run.status, run.seq < 140) == (RunStatus.UNDOING, True)
    hand.succeed("first", {"key": "k", "note": "n"})
    run.refresh_from_db()
    assert run.fault is not None
    assert (run.status, run.reason, run.fault["name"]) == (RunStatus.FAILED, "rolled_back", "TooManyEvents")
    assert run.fault["message"] == "The run's journal has more than 120 entries."
    check_all_runs()


def test_no_more_steps_are_under_way_than_may_be(settings):
    settings.CHOREO_STEP_LIMIT = 10
    wide = {
        "kind": "map", "items": list(range(40)), "max_concurrency": 40, "start": "one", "steps": {"one": echo()},
        "on_exhausted": "continue", "catch": [{"next": "after"}], "next": "after",
    }  # fmt: skip
    run = a_run(flow(each=wide, after=echo()))
    Hand().claim()
    run.refresh_from_db()
    assert run.fault is not None
    assert (run.status, run.fault["name"]) == (RunStatus.FAILED, "TooManyAtOnce")
    assert run.fault["message"] == "More than 10 steps of the run are under way at once."
    assert not Work.objects.exists()
    check_all_runs()


def test_as_many_as_may_be_are_no_trouble(settings):
    settings.CHOREO_STEP_LIMIT = 10
    ten: dict[str, Any] = {f"b{n}": echo() for n in range(10)}
    run, hand = a_run(flow(both=branches(**ten))), Hand()
    while hand.held or hand.claim():
        hand.succeed(hand.held[0].key, 1)
    assert Run.objects.get(pk=run.pk).status == RunStatus.SUCCEEDED
