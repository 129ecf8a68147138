"""What the timeline draws of a run's rows and journal."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from designer.versions import graph_of
from runs.actions import resolve_dead_letter
from runs.engine import Resolution
from runs.models import DeadLetter, Run
from runs.queries import chart as charts
from runs.queries.chart import Chart, chart
from runs.queries.run_page import run_page
from tests.actions.flows import SAGA, echo, flow, review
from tests.factories import Hand, a_run
from tests.people import person

pytestmark = pytest.mark.django_db

GIVES = {"key": "k", "note": "x"}


def drawn(run: Run, *, after: float = 0, folded: bool = True, every: bool = False) -> Chart:
    """The chart of a run, looked at ``after`` seconds from now."""
    run = Run.objects.get(pk=run.pk)
    page, now = run_page(run, person("viewer")), timezone.now() + timedelta(seconds=after)
    return chart(run, graph_of(run.version_id), page.newest, now, folded=folded, every=every)


def kinds(found: Chart) -> dict[str, list[str]]:
    return {track.id: [segment.kind for segment in track.segments] for track in found.tracks}


def begun(document: dict[str, Any]) -> tuple[Run, Hand]:
    run, hand = a_run(document), Hand()
    hand.claim()
    return run, hand


def test_a_step_that_works_grows():
    run, hand = begun(SAGA)
    found = drawn(run, after=2)
    (segment,) = found.doing[0].segments
    assert (segment.kind, segment.grows) == ("run", True)
    assert found.now is not None
    assert segment.end == pytest.approx(found.now.x, abs=0.1)
    hand.succeed("one", GIVES)
    assert kinds(drawn(run)) == {"track-one": ["ok"], "track-two": ["run"]}


def test_attempts_have_their_waits_between_them():
    run, hand = begun(flow(one=echo(retry={"attempts": 3, "wait": "10ms"})))
    hand.fail("one")
    assert kinds(drawn(run, after=5)) == {"track-one": ["fail", "backoff"]}
    hand.claim_soon()
    hand.succeed("one")
    assert kinds(drawn(run)) == {"track-one": ["fail", "backoff", "ok"]}


def test_undos_stand_below_after_the_line_where_it_gave_up():
    run, hand = begun(SAGA)
    for key in ("one", "two"):
        hand.succeed(key, GIVES)
    hand.fail("three", retryable=False)
    hand.succeed("two")
    found = drawn(run, after=1)
    assert [track.name for track in found.undoing] == ["acme.unrecord", "acme.unrecord"]
    assert kinds(found)["undo-two"] == ["undo"]
    assert kinds(found)["undo-one"] == ["undo-run"]
    assert found.frame.gave_up is not None
    assert all(track.segments[0].x >= found.frame.gave_up for track in found.undoing)
    assert all(track.segments[0].x <= found.frame.gave_up for track in found.doing)
    assert found.frame.undone == 1000


def test_a_long_review_is_folded_unless_asked_otherwise():
    run, _ = begun(flow(look=review(), yes=echo(), no={"kind": "fail", "error": "No"}))
    found = drawn(run, after=90)
    assert [(fold.label, fold.tone) for fold in found.frame.folds] == [("90 s", "review")]
    assert found.now is not None and found.now.rate == 0
    assert drawn(run, after=90, folded=False).frame.folds == ()


def test_a_dead_letter_is_a_wait_for_a_person_and_its_retry_an_attempt():
    run, hand = begun(flow(one=echo(on_exhausted="dead_letter")))
    hand.fail("one")
    assert kinds(drawn(run, after=5)) == {"track-one": ["fail", "park"]}
    letter = DeadLetter.objects.get()
    resolve_dead_letter(letter_id=letter.pk, how=Resolution.RETRY, by=person("operator"), reason="x")
    hand.claim_soon()
    hand.succeed("one")
    assert kinds(drawn(run))["track-one"][-1] == "ok"


def test_a_run_that_is_over_has_no_now_and_its_own_length():
    run, hand = begun(flow(one=echo()))
    hand.succeed("one")
    found = drawn(run, after=3600)
    assert found.now is None
    assert found.frame.length < 10


def test_rows_are_as_many_as_a_page_can_bear(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(charts, "TRACKS_SHOWN", 2)
    run, hand = begun(SAGA)
    hand.succeed("one", GIVES)
    hand.succeed("two", GIVES)
    found = drawn(run)
    assert (found.frame.hidden, [track.id for track in found.tracks]) == (1, ["track-two", "track-three"])
    assert drawn(run, every=True).frame.hidden == 0


def test_a_chart_goes_on_until_its_scale_changes_or_undoing_begins():
    run, hand = begun(SAGA)
    first = drawn(run)
    hand.succeed("one", GIVES)
    second = drawn(run)
    assert second.continues(first)
    assert not first.continues(second)
    assert not second.continues(replace(first, doing=()))
    assert not drawn(run, after=60).continues(first)
    hand.succeed("two", GIVES)
    hand.fail("three", retryable=False)
    assert not drawn(run).continues(second)
