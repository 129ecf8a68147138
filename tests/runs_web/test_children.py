"""Runs that start runs, locks and deadlines, as the pages and the interface tell of them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.actions import cancel_run
from runs.engine import Status
from runs.models import Run, Work
from runs.queries.sentences import sentences
from tests.actions.flows import echo, flow
from tests.actions.test_children import a_child, begin, end_child, only_child, settle, sub
from tests.api.asking import Program, program
from tests.factories import Hand, a_run, a_user
from tests.people import person

pytestmark = pytest.mark.django_db


def seen(client: Client, run: Run, **asked: str) -> str:
    return client.get(reverse("runs:run", args=[run.pk]), asked).text


def said(run: Run) -> str:
    run.refresh_from_db()
    return str(sentences([run])[run.pk])


def test_the_two_lead_to_each_other(viewer: Client, hand: Hand):
    a_child()
    run = begin(hand, flow(one=sub()))
    child = only_child(run)
    there = reverse("runs:run", args=[child.pk])
    assert f'waits for <a href="{there}">{child.name}</a>' in said(run)
    page = seen(viewer, run, step="one")
    assert there in page and "Awaits a run" in page
    page = seen(viewer, child)
    assert f"by {run.name}" in page and reverse("runs:run", args=[run.pk]) in page
    assert f"by {run.name}" in viewer.get(reverse("runs:runs")).text


def test_the_whole_story_can_be_read(viewer: Client, hand: Hand):
    a_child()
    run = begin(hand, flow(one=sub(next="two"), two=echo(1)))
    end_child(hand)
    hand.fail("two", retryable=False)
    settle(hand)
    hand.claim()
    hand.succeed("inner")
    settle(hand)
    told = seen(viewer, run, tab="events")
    assert "started a run of version 1.0.0" in told and "its run succeeded" in told
    child = only_child(run)
    assert f"Undone by {run.name}" in seen(viewer, child, tab="events")
    assert said(child).startswith("It had succeeded, and the run that started it was undone.")


def test_who_waits_for_a_lock_is_told_who_holds_it(viewer: Client, hand: Hand):
    document = flow(one=echo("x", lock="sku-42"), business_key="") | {"business_key": "${ input.order }"}
    document["steps"].pop("business_key")
    first, second = (a_run(document, {"order": name}) for name in ("ORD-7", "ORD-8"))
    while Work.objects.filter(worker=None).exists():
        hand.claim()
    assert "waits for the lock sku-42, held by" in said(second)
    assert "ORD-7" in said(second) and str(first.pk) in said(second)
    assert "waits for the lock sku-42" in seen(viewer, second, tab="events")
    assert "holds its lock now" in seen(viewer, first, tab="events")


def test_a_deadline_is_a_fact_of_the_run(viewer: Client, hand: Hand):
    run = a_run(flow(one=echo(1)) | {"deadline": "2h"})
    hand.claim()
    assert "<dt>Deadline</dt>" in seen(viewer, run)
    assert "The run runs out of time at" in seen(viewer, run, tab="events")
    timer = run.work.get(kind="timer")
    Work.objects.filter(pk=timer.pk).update(due_at=run.created_at)
    hand.claim()
    hand.succeed("one", 1)
    run.refresh_from_db()
    assert (run.status, run.fault["name"]) == ("failed", "DeadlinePassed")
    assert dict(run.step_runs.values_list("key", "status")) == {"one": Status.CANCELLED}


def test_the_interface_tells_of_both(hand: Hand):
    operator: Program = program(person("operator"))
    a_child()
    run = begin(hand, flow(one=sub()))
    child = only_child(run)
    told: dict[str, Any] = operator.get(f"/runs/{run.pk}/").json()
    assert told["parent"] is None
    assert told["children"] == [
        {"id": str(child.pk), "workflow": "child", "step": 1, "awaited": True, "status": "running"}
    ]
    assert operator.get(f"/runs/{child.pk}/").json()["parent"] == str(run.pk)


def test_a_run_that_is_cancelled_with_its_parent_says_by_whom(viewer: Client, hand: Hand):
    a_child()
    run = begin(hand, flow(one=sub()))
    cancel_run(run_id=run.pk, by=a_user())
    settle(hand)
    assert f"Cancelled by {run.name}: The run that started it went on without it." in seen(
        viewer, only_child(run), tab="events"
    )
