"""Old runs go with all that hangs on them, and none goes that somebody may still need."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from runs.actions import publish_signal, retention
from runs.actions.retention import remove_old_runs
from runs.models import DeadLetter, Item, JournalEntry, Run, StepRun, StoredValue, Work
from tests.actions.flows import echo, flow, undoable
from tests.factories import Hand, a_run, a_version
from tests.promises import check_all_runs

pytestmark = pytest.mark.django_db

ONE = flow(one=echo("${ input.text }"))
EACH = flow(each={"kind": "map", "items": [1, 2], "start": "one", "steps": {"one": echo("${ item }")}})


def done(document: dict[str, Any] = ONE, inputs: Any = None, *, days: int = 91, **how: Any) -> Run:
    """A run that ended so many days ago."""
    run, hand = a_run(document, inputs or {"text": "a"}, **how), Hand()
    work_off(hand)
    assert Run.objects.filter(ended_at=None).count() == 0
    Run.objects.update(ended_at=timezone.now() - timedelta(days=days))
    return run


def work_off(hand: Hand) -> None:
    while hand.held or Work.objects.exists():
        if hand.held or hand.claim():
            hand.succeed(hand.held[0].key, hand.held[0].inputs.get("value"))


def test_what_hangs_on_a_run_goes_with_it():
    done(EACH)
    done(inputs={"text": "x" * 300_000})
    assert StoredValue.objects.exists() and Item.objects.exists()
    assert remove_old_runs() == 2
    for model in (Run, StepRun, JournalEntry, Item, StoredValue):
        assert not model.objects.exists(), model


def test_a_run_is_kept_as_long_as_said(settings):
    done(days=89)
    assert remove_old_runs() == 0
    settings.CHOREO_RUNS_KEPT = 88
    assert remove_old_runs() == 1


def test_for_ever_is_for_ever(settings):
    settings.CHOREO_RUNS_KEPT = 0
    done(days=9_000)
    assert remove_old_runs() == 0


def test_a_run_that_goes_on_is_kept_however_old_it_is():
    run = a_run(ONE, {"text": "a"})
    Run.objects.update(created_at=timezone.now() - timedelta(days=900))
    assert remove_old_runs() == 0
    assert Run.objects.filter(pk=run.pk).exists()


def test_what_a_run_has_started_goes_after_it():
    a_version({"key": "child", "title": "Child", **ONE})
    sub = {"kind": "workflow", "runs": "child", "with": {"text": "b"}}
    parent = done(flow(sub=sub))
    assert remove_old_runs() == 1
    assert not Run.objects.filter(pk=parent.pk).exists()
    check_all_runs()
    assert remove_old_runs() == 1
    assert not Run.objects.exists()


def test_what_a_living_run_has_started_is_kept():
    a_version({"key": "child", "title": "Child", **ONE})
    sub = {"kind": "workflow", "runs": "child", "with": {"text": "b"}, "next": "last"}
    a_run(flow(sub=sub, last=echo()))
    hand = Hand()
    while not any(held.key == "last" for held in hand.held):
        hand.claim()
        if any(held.key == "one" for held in hand.held):
            hand.succeed("one", "b")
    Run.objects.exclude(parent=None).update(ended_at=timezone.now() - timedelta(days=900))
    assert remove_old_runs() == 0
    check_all_runs()


def test_what_waits_for_a_person_is_kept():
    run, hand = a_run(flow(one=undoable("a", next="two"), two=echo())), Hand()
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "n"})
    hand.fail("two", retryable=False)
    hand.fail("one", retryable=False)
    run.refresh_from_db()
    assert run.reason == "rollback_incomplete"
    Run.objects.update(ended_at=timezone.now() - timedelta(days=900))
    assert remove_old_runs() == 0
    DeadLetter.objects.update(status="resolved")
    assert remove_old_runs() == 1


def test_a_story_that_goes_on_is_kept_whole():
    hears = {"kind": "wait", "signal": {"name": "order.paid", "key": "A-1"}}
    told = {"key": "told", "title": "Told", **flow(hear=hears)}
    a_run(told)
    Hand().claim()
    publish_signal(name="order.paid", key="A-1", source="/bank")
    Hand().claim()
    Hand().claim()
    Run.objects.update(ended_at=timezone.now() - timedelta(days=91))
    waiting = a_run(
        {"key": "other", "title": "Other", **flow(hear={**hears, "signal": {"name": "x", "key": "A-1"}})}
    )
    Hand().claim()
    assert remove_old_runs() == 0
    waiting.subscriptions.all().delete()
    assert remove_old_runs() == 1


def test_the_command_removes_all_and_first_says_what(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention, "RUNS_AT_ONCE", 2)
    for _ in range(5):
        done()
    assert said("--dry-run").startswith("flow\t5 runs, the first of ")
    assert Run.objects.count() == 5
    assert said().startswith("5 runs that ended before ")
    assert not Run.objects.exists()


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("choreo_retention", *arguments, stdout=out)
    return out.getvalue()


def test_long_journals_go_one_at_a_time(monkeypatch: pytest.MonkeyPatch):
    """Whoever hands out tickets removes them, and must not be long away."""
    monkeypatch.setattr(retention, "ENTRIES_AT_ONCE", 1)
    done()
    done()
    assert [remove_old_runs() for _ in range(3)] == [1, 1, 0]
