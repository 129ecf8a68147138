"""The graph of a run: which lines were taken, what became of each step, in which order they are undone."""

import pytest
from django.utils import timezone

from runs.actions import claim_review, decide_review
from runs.models import Review, Run, StepRun
from runs.queries import RunPage, find_run, run_page, visits
from runs.queries.graph import GraphNode, Picture
from runs.queries.visits import follow, walked
from tests.actions.flows import branches, echo, flow, review, undoable
from tests.factories import Hand, a_run
from tests.people import person

pytestmark = pytest.mark.django_db

GIVES = {"key": "k", "note": "x"}
STORY = flow(
    one=undoable("one", retry={"attempts": 2, "wait": "10ms"}, next="both"),
    both=branches(next="look", a=undoable("a"), b=echo("b")),
    look=review(),
    yes=echo(),
    no={"kind": "fail", "error": "Rejected"},
)


def page_of(run: Run, **asked: str) -> RunPage:
    user = person("operator")
    found = find_run(user, run.pk)
    assert found is not None
    return run_page(found, user, asked)


def picture_of(run: Run, **asked: str) -> Picture:
    return page_of(run, **asked).picture


def nodes(picture: Picture) -> dict[str, GraphNode]:
    return {node.id: node for node in picture.nodes}


def taken(picture: Picture) -> set[str]:
    return {line.route.id for line in picture.lines if line.tone == "ok"}


def up_to_review(hand: Hand) -> None:
    hand.claim()
    hand.fail("one")
    hand.claim_soon()
    hand.succeed("one", GIVES)
    hand.claim()
    hand.succeed("a", GIVES)
    hand.succeed("b", GIVES)


def decide(outcome: str) -> None:
    rosa, asked = person("reviewer"), Review.objects.get()
    claim_review(review_id=asked.pk, by=rosa)
    decide_review(review_id=asked.pk, outcome=outcome, by=rosa, reason="because")


def test_before_a_worker_has_come_no_line_is_taken():
    picture = picture_of(a_run(STORY))
    assert taken(picture) == set()
    assert {node.tone for id, node in nodes(picture).items() if id != "the-begin"} == {"idle"}


def test_the_way_that_was_taken_and_what_was_tried_twice():
    run, hand = a_run(STORY), Hand()
    up_to_review(hand)
    picture = picture_of(run, step="look")
    assert taken(picture) == {
        *(
            "the-begin--one",
            "one--both",
            "both--a",
            "both--b",
            "a--both-join",
            "b--both-join",
            "both-join--look",
        ),
    }
    found = nodes(picture)
    assert (found["one"].badge, found["one"].tone) == ("2", "ok")
    assert found["one"].label == "One: succeeded, 2 of 2 attempts"
    assert (found["look"].tone, found["look"].selected) == ("review", True)
    assert found["the-end"].tone == "idle"


def test_a_run_that_comes_to_its_end():
    run, hand = a_run(STORY), Hand()
    up_to_review(hand)
    decide("approve")
    hand.claim()
    hand.succeed("yes", "")
    picture = picture_of(run)
    assert {"look--yes", "yes--the-end"} <= taken(picture)
    assert "look--no" not in taken(picture)
    assert nodes(picture)["the-end"].tone == "ok"


def test_undos_are_numbered_before_they_begin():
    run, hand = a_run(STORY), Hand()
    up_to_review(hand)
    decide("reject")
    found = nodes(picture_of(run))
    undos = {id: found[id].undo for id in ("a", "one")}
    assert {id: (undo.order, undo.state) for id, undo in undos.items() if undo} == {
        "a": (1, "running"),
        "one": (2, "waiting"),
    }
    assert "undo waiting" in found["one"].label


def test_a_step_that_gave_up_is_told_by_its_line_and_badge():
    run, hand = a_run(STORY), Hand()
    hand.claim()
    hand.fail("one")
    hand.claim_soon()
    hand.fail("one")
    picture = picture_of(run)
    one = nodes(picture)["one"]
    assert (one.tone, one.badge, one.undo and one.undo.state) == ("fail", "2/2", "skipped")
    assert [line.route.id for line in picture.lines if line.tone == "fail"] == ["the-begin--one"]


def test_what_followed_what_is_told_by_each_scope_apart():
    walked = follow([("", "p"), ("p/a", "x"), ("p/b", "y"), ("p/a", "z"), ("", "q"), ("", "p")])
    assert walked.pairs == {("p", "q"), ("q", "p"), ("x", "z")}
    assert walked.last == {"p", "y", "z"}


def test_what_came_before_many_items_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(visits, "MOST_VISITS", 3)
    each = {
        "kind": "map",
        "items": "${ input.list }",
        "start": "a",
        "steps": {"a": echo(next="b"), "b": echo()},
    }
    run = a_run(flow(first=echo(next="all"), all=each), {"list": []})
    entered = [("first", ""), ("all", "")]
    entered += [(key, f"all#2/item:{index}") for index in range(3) for key in "ab"]
    StepRun.objects.bulk_create(
        StepRun(run=run, no=no, key=key, scope=scope, status="succeeded", entered_at=timezone.now())
        for no, (key, scope) in enumerate(entered, 1)
    )
    assert walked(run).pairs == {("first", "all"), ("a", "b")}
