"""/runs/<id>/: everything about one run."""

import json
import re
import sys
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from runs.actions import cancel_run
from runs.models import DeadLetter, Review, Run, Work
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_run
from tests.people import person

pytestmark = pytest.mark.django_db


def show(client: Client, run: Run, query: str = "", **headers: str) -> str:
    answer = client.get(f"/runs/{run.pk}/{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_what_is_going_on(viewer: Client, run: Run):
    page = show(viewer, run)
    assert "<h1>ORD-7</h1>" in page
    assert "<b>One</b> is running." in page
    assert 'id="step-one"' in page
    assert f'hx-ws:connect="/ws/runs/{run.pk}/?step=&amp;tab=events&amp;after={run.seq}"' in page


def test_every_entry_that_is_told_has_its_number(viewer: Client, run: Run):
    page = show(viewer, run)
    assert 'data-seq="1"' in page
    assert "The run started" in page


def test_a_part_of_it_refreshes_itself(viewer: Client, run: Run):
    part = show(viewer, run, **{"HX-Request": "true"})
    assert part.lstrip().startswith('<div class="run-page" id="run"')
    assert "<html" not in part


def test_a_step_has_its_details(viewer: Client, run: Run, hand: Hand):
    hand.succeed("one", {"key": "k", "note": "<script>alert(1)</script>"})
    page = show(viewer, run, "?step=one")
    assert "acme.record@1.0.0" in page
    assert f"{run.pk}.one.1" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_the_data_tab_has_input_and_output(viewer: Client, hand: Hand):
    run = a_run(flow(one=echo("${ input.n }")), {"n": 4711})
    assert "4711" in show(viewer, run, "?tab=data")
    assert "The run has not ended yet." in show(viewer, run, "?tab=data")
    hand.claim()
    hand.succeed("one", {"answer": 42})
    assert "&quot;answer&quot;: 42" in show(viewer, run, "?tab=data")


@pytest.mark.parametrize(
    "query",
    [
        "?step=no_such_step",
        "?tab=no_such_tab",
        "?step=%00",
        "?step=<script>&tab=<script>",
        "?tab=step",
        "?page=9",
    ],
)
def test_a_step_or_tab_that_is_not_there_counts_as_none(viewer: Client, run: Run, query: str):
    page = show(viewer, run, query)
    assert 'id="events"' in page
    assert "<script>&" not in page


def test_who_may_not_operate_is_offered_nothing(
    viewer: Client, operator: Client, run: Run, letter: DeadLetter
):
    assert "Cancel the run" in show(operator, run)
    assert "Cancel the run" not in show(viewer, run)
    assert "Retry the undo of Two" in show(operator, letter.run)
    assert "Retry the undo" not in show(viewer, letter.run)
    assert "Skip it" in show(operator, letter.run, "?step=two")
    assert "Skip it" not in show(viewer, letter.run, "?step=two")


def test_what_cannot_be_cancelled_says_why(operator: Client, run: Run):
    cancel_run(run_id=run.pk, by=person("operator"))
    assert 'aria-disabled="true" title="The run is ending already."' in show(operator, run)


def test_a_review_is_announced(viewer: Client, reviewer: Client, asked: Review):
    assert "Waiting for a person to decide" in show(viewer, asked.run)
    assert "Open the review" not in show(viewer, asked.run)
    assert f"/reviews/{asked.pk}/" in show(reviewer, asked.run)


def test_a_stuck_undo_is_announced(operator: Client, letter: DeadLetter):
    page = show(operator, letter.run)
    assert "Rollback incomplete" in page
    assert "The undo of <b>Two</b> gave up: Broken: it broke." in page
    assert f"/dead-letters/{letter.pk}/?how=retry" in page


def test_a_rollback_shows_its_order(viewer: Client, run: Run, hand: Hand):
    for key in ("one", "two"):
        hand.succeed(key, {"key": "k", "note": key})
    hand.fail("three", retryable=False)
    page = show(viewer, run)
    assert "Finished steps are being undone, 0 of 2 done." in page
    assert "Undo order" in page
    hand.succeed("two")
    assert "1 of 2 done" in show(viewer, run)
    hand.succeed("one")
    page = show(viewer, run)
    assert "Failed, rolled back" in page
    assert "All 2 finished steps that can be undone were undone." in page


def test_a_retry_says_when(viewer: Client, hand: Hand):
    run = a_run(flow(one=echo(retry={"attempts": 3, "wait": "1m"})))
    hand.claim()
    hand.fail("one")
    page = show(viewer, run)
    assert "try 1 of 3 failed (Broken: it broke). It will be tried again at " in page
    assert "One, try 2 of 3, " in page
    assert 'data-tick="countdown"' in page


LOOP = flow(
    begin={"kind": "set", "assign": {"n": 0}, "next": "one"},
    one={
        "kind": "action",
        "does": "acme.record",
        "with": {"note": "x"},
        "compensate": {"does": "acme.unrecord", "with": {"note": "x"}},
        "assign": {"n": "${ vars.n + 1 }"},
        "next": "again",
    },
    again={
        "kind": "choice",
        "choose": [{"when": "${ vars.n < input.rounds }", "next": "one"}],
        "otherwise": "two",
    },
    two=echo(),
)


def looped(rounds: int, hand: Hand) -> Run:
    run = a_run({**LOOP, "key": f"loop_{rounds}"}, {"rounds": rounds})
    hand.claim()
    for _ in range(rounds):
        hand.succeed("one", {"key": "k", "note": "x"})
    return run


def test_a_long_run_costs_what_a_short_one_does(viewer: Client, hand: Hand, django_assert_max_num_queries):
    short, long = looped(2, hand), looped(60, hand)
    assert long.step_runs.count() > 120
    show(viewer, short)
    for run in (short, long):
        with django_assert_max_num_queries(22):
            page = show(viewer, run)
    hand.held = [held for held in hand.held if held.run_id == long.pk]
    hand.fail("two", retryable=False)
    with django_assert_max_num_queries(24):
        page = show(viewer, long)
    assert page.count('<span class="undo ') < 80


def test_a_run_that_is_over_is_not_reloaded(viewer: Client, hand: Hand):
    run = a_run(flow(one=echo()))
    assert 'http-equiv="refresh"' in show(viewer, run)
    hand.claim()
    hand.succeed("one")
    assert 'http-equiv="refresh"' not in show(viewer, run)


def test_a_deleted_run_is_not_found(viewer: Client, run: Run):
    Work.objects.all().delete()
    run.delete()
    assert viewer.get(f"/runs/{run.pk}/").status_code == 404


def test_a_late_review_says_so(viewer: Client, asked: Review):
    asked.run.step_runs.update(due_at=timezone.now() - timedelta(minutes=5))
    assert "which is late" in show(viewer, asked.run)


def test_it_says_what_it_waits_on_and_who_started_it(
    operator: Client, viewer: Client, asked: Review, run: Run
):
    assert "a reviewer, for Look at it" in show(viewer, asked.run)
    assert "<dt>Waiting on</dt><dd>One</dd>" in show(viewer, run)
    assert "a program" in show(viewer, run)


def test_cancelling_says_what_it_does(operator: Client, run: Run, hand: Hand):
    assert "No finished step has anything to undo." in show(operator, run)
    for key in ("one", "two"):
        hand.succeed(key, {"key": "k", "note": key})
    said = "Nothing new is started. Then these are undone, the newest first: Two, One."
    assert said in show(operator, run)
    assert said in operator.get(f"/runs/{run.pk}/cancel/").content.decode()


def test_a_step_is_chosen_everywhere(viewer: Client, run: Run):
    page = show(viewer, run, "?step=one")
    assert page.count('aria-current="true"') >= 4  # graph, ladder, timeline, tab
    assert 'data-chosen="one"' in page
    assert "ws/runs/" in page and "?step=one&amp;tab=step&amp;after=" in page


def test_neighbours_of_a_step_can_be_walked_to(viewer: Client, run: Run, hand: Hand):
    hand.succeed("one", {"key": "k", "note": "x"})
    assert 'data-key="j" title="Next step (J)" aria-label="Next step" href="?step=one"' in show(viewer, run)
    first = show(viewer, run, "?step=one")
    assert 'aria-label="Next step" href="?step=two"' in first
    assert 'aria-label="Previous step" aria-disabled="true"' in first


def test_a_link_within_the_page_is_answered_with_its_part_and_a_new_socket(viewer: Client, run: Run):
    how = {"HX-Request": "true", "HX-Boosted": "true", "HX-Target": "section#run-side"}
    part = show(viewer, run, "?step=one", **how)
    assert part.lstrip().startswith('<section class="card side" id="run-side"')
    assert "run-head" not in part
    assert 'hx-swap-oob="outerHTML"' in part
    assert "hx-swap-oob" not in show(viewer, run, "?step=one", **{"HX-Request": "true"})


def test_the_scale_of_the_timeline_is_in_the_address(viewer: Client, asked: Review):
    Run.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    asked.run.step_runs.update(started_at=timezone.now() - timedelta(minutes=5))
    assert "⋯ 5 min ⋯" in show(viewer, asked.run)
    page = show(viewer, asked.run, "?scale=true")
    assert "⋯" not in page
    assert "&amp;scale=true" in page


def test_events_can_be_narrowed_and_paged(
    viewer: Client, run: Run, hand: Hand, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys.modules["runs.queries.run_page"], "EVENTS_SHOWN", 4)
    monkeypatch.setattr(sys.modules["runs.queries.run_page"], "MANY", 4)
    hand.fail("one", retryable=False)
    page = show(viewer, run, "?events=every")
    oldest = min(int(seq) for seq in re.findall(r'data-seq="([0-9]+)"', page))
    assert f"&amp;before={oldest}" in page or f"before={oldest}" in page
    older = show(viewer, run, f"?events=every&before={oldest}")
    assert f'data-seq="{oldest - 1}"' in older
    assert "Newest events" in older
    assert "gave up" in show(viewer, run, "?events=errors")
    assert "The run started" not in show(viewer, run, "?events=errors")


def test_large_values_are_said_by_size_and_can_be_had(viewer: Client, hand: Hand):
    run = a_run(flow(one=echo("${ input.text }")), {"text": "x" * 30_000})
    page = show(viewer, run, "?tab=data")
    assert "too much to show here" in page
    assert "x" * 1_000 not in page
    answer = viewer.get(f"/runs/{run.pk}/values/input/")
    assert json.loads(answer.content) == {"text": "x" * 30_000}
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_value_kept_aside_comes_whole(viewer: Client, hand: Hand, settings):
    settings.CHOREO_INLINE_LIMIT = 100
    run = a_run(flow(one=echo()))
    hand.claim()
    hand.succeed("one", {"text": "y" * 500})
    assert "kept aside" in show(viewer, run, "?step=one")
    whole = viewer.get(f"/runs/{run.pk}/values/step-1-output/")
    assert json.loads(whole.content) == {"text": "y" * 500}


@pytest.mark.parametrize(
    "what",
    [
        "output",
        "nothing",
        "step-1-fault",
        "step-x-input",
        "step-99-input",
        "variable-1",
        "step-9999999999-input",
    ],
)
def test_a_value_that_is_not_there_is_not_found(viewer: Client, run: Run, what: str):
    assert viewer.get(f"/runs/{run.pk}/values/{what}/").status_code == 404


def test_a_step_tells_its_contract_and_its_policy(viewer: Client, run: Run):
    page = show(viewer, run, "?step=one")
    for said in ("acme.record@1.0.0", "Undone by", "acme.unrecord", "When it gives up", "Idempotency key"):
        assert said in page


def test_variables_are_among_the_data(viewer: Client, hand: Hand):
    run = looped(2, hand)
    page = show(viewer, run, "?tab=data")
    assert "<h3>n</h3>" in page
