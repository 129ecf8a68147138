"""The items of a map as a card: counted, drawn, and listed where they failed."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.actions import resolve_dead_letter
from runs.actions.joins import force_join
from runs.engine import Resolution
from runs.models import DeadLetter, Item, Run
from runs.queries import find_run, journal_lines, run_page
from runs.queries.items import MOST_CELLS, ItemsCard, left_items, retried_words, short_value
from tests.actions.flows import branches, echo, flow
from tests.factories import Hand, a_run
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def hand(db: None) -> Hand:
    return Hand()


def mapped(hand: Hand, items: list[Any], **fields: Any) -> Run:
    body = {"kind": "map", "items": "${ input.list }", "start": "one", "steps": {"one": echo("${ item }")}}
    run = a_run(flow(all={**body, **fields}), {"list": items})
    hand.claim(100)
    hand.claim(100)
    return run


def page(run: Run, **asked: str) -> Any:
    found = find_run(person("operator"), run.pk)
    assert found is not None
    return run_page(found, person("operator"), asked)


def card(run: Run, **asked: str) -> ItemsCard:
    (found,) = page(run, **asked).items
    return found


def paths(run: Run) -> dict[str, str]:
    return {fate.name: fate.path for fate in card(run).fates}


def fail(hand: Hand, value: Any) -> None:
    """The item with this value fails."""
    held = next(held for held in hand.held if held.inputs["value"] == value)
    hand.held.remove(held)
    hand.held.insert(0, held)
    hand.fail("one", "Broken", retryable=False)


TOLERANT = {"join": {"tolerate": "50%"}, "max_concurrency": 3}


def test_items_are_counted_by_what_they_are(hand: Hand):
    run = mapped(hand, list("abcdef"), **TOLERANT)
    hand.succeed("one", "a")
    fail(hand, "b")
    shown = card(run)
    assert shown.said == "1 of 6 done · 3 under way · 1 failed · 1 waiting"
    assert shown.described == "6 items in their order: 1 of 6 done, 3 under way, 1 failed, 1 waiting."
    assert paths(run) == {
        "succeeded": "M0 0h1v1h-1z",
        "failed": "M1 0h1v1h-1z",
        "under_way": "M2 0h3v1h-3z",
        "waiting": "M5 0h1v1h-1z",
    }


def test_those_that_failed_are_listed_with_where_and_why(hand: Hand):
    run = mapped(hand, ["a", {"file": "b"}, "c"], **TOLERANT)
    fail(hand, {"file": "b"})
    (failed,) = card(run).failed
    assert (failed.number, failed.value, failed.step) == (2, '{"file": "b"}', "one")
    assert failed.fault == "Broken: it broke"


def test_what_is_done_again_waits_and_is_not_failed_any_more(hand: Hand):
    run = mapped(hand, list("abcd"), on_exhausted="dead_letter", max_concurrency=1, join={"tolerate": 1})
    hand.succeed("one", "a")
    hand.claim()
    for value in "bc":
        fail(hand, value)
        hand.claim()
    letter = DeadLetter.objects.get(run=run)
    assert retried_words(run, letter.no) == "It does again only the 3 items that have not succeeded."
    resolve_dead_letter(letter_id=letter.pk, how=Resolution.RETRY, by=person("operator"), reason="x")
    assert card(run).said == "1 of 4 done · 1 under way · 2 waiting"
    assert card(run).failed == ()
    hand.claim()
    hand.succeed("one", "b")
    assert card(run).said == "2 of 4 done · 1 under way · 1 waiting"


def test_what_a_map_has_not_begun_is_left_out_once_it_is_over(hand: Hand):
    run = mapped(hand, list("abcd"), max_concurrency=1)
    hand.succeed("one", "a")
    force_join(run_id=run.pk, no=1, by=person("operator"))
    assert card(run).said == "1 of 4 done · 3 left out"


def test_a_picture_of_ten_thousand_is_small_and_takes_few_statements(hand: Hand):
    run = mapped(hand, list(range(10_000)), max_concurrency=100)
    rows = run.items.all()
    rows.filter(index__lt=5_000).update(status="succeeded")
    rows.filter(index__lt=5_000, index__in=range(7, 5_000, 50)).update(
        status="failed", fault={"name": "Broken", "message": "it broke"}
    )
    seen = page(run)
    assert seen.newest
    with CaptureQueriesContext(connection) as queries:
        (shown,) = seen.items
        drawn = sum(len(fate.path) for fate in shown.fates) + len(shown.grid)
    assert (shown.total, shown.size, shown.across * shown.down) == (10_000, 25, MOST_CELLS)
    assert "Each cell stands for 25" in shown.described
    assert drawn < 4_000
    assert len(shown.failed) == 20
    assert len(queries) <= 6
    assert len(card(run, items="failed").failed) == 98  # two of them are under way again


def test_cells_of_a_row_are_drawn_in_one_stroke(hand: Hand):
    run = mapped(hand, list(range(120)), max_concurrency=1)
    assert paths(run) == {
        "under_way": "M0 0h1v1h-1z",
        "waiting": "M1 0h49v1h-49zM0 1h50v1h-50zM0 2h20v1h-20z",
    }


def test_an_item_in_a_few_words():
    assert short_value({"is": "a.csv"}) == "a.csv"
    assert short_value({"is": [1, 2]}) == "[1, 2]"
    assert short_value({"stored": 1}) == "a large value"
    assert len(short_value({"is": "x" * 100})) == 60


def test_only_maps_have_items_left(hand: Hand):
    run = a_run(flow(one=echo()))
    hand.claim()
    assert (left_items(run, 1), retried_words(run, 1)) == (0, "")
    assert page(run).items == ()


def test_the_journal_tells_failures_of_items_and_not_what_goes_well(hand: Hand):
    run = mapped(hand, list(range(30)), max_concurrency=30, join={"tolerate": 5})
    fail(hand, 16)
    while hand.held:
        hand.succeed("one", 0)
    run.refresh_from_db()
    graph = page(run).graph
    told = [f"{line.name} {line.text}".strip() for line in journal_lines(run, graph)]
    assert told == [
        "The run succeeded",
        "All succeeded",
        "One, item 17 gave up: Broken: it broke",
        "All has 30 items",
        "All began its items",
        "The run started",
    ]
    every = [line.text for line in journal_lines(run, graph, which="every", limit=1_000)]
    assert "began item 17" in every
    assert "Item 17 failed: Broken: it broke" in every


def test_a_branch_that_is_not_run_says_why(hand: Hand):
    both = branches(stock=echo(), mail=echo(), late=echo(), never=echo())
    both["branches"]["late"]["needs"] = ["stock"]
    both["branches"]["never"]["when"] = "1 > 2"
    both["join"] = {"wait_for": "any", "tolerate": 3}
    run = a_run(flow(both=both))
    hand.claim()
    hand.fail("stock", retryable=False)
    looks = {row.key: row.look for row in page(run).rows}
    assert looks["late"].sub == "not run: needs stock, which failed"
    assert looks["never"].sub == "not run: “1 > 2” does not hold"
    assert looks["never"].word == "Skipped"
    assert "not run" not in looks["mail"].sub


def test_how_far_openers_are_is_said_in_their_boxes(hand: Hand):
    again = {"kind": "loop", "times": 5, "start": "one", "steps": {"one": echo("${ index }")}}
    run = a_run(flow(again=again))
    hand.claim()
    for _ in range(2):
        hand.succeed("one", 0)
    looks = {row.key: row.look for row in page(run).rows}
    assert looks["again"].brief == "round 3 of 5"
    many = mapped(hand, list("abc"))
    assert {row.key: row.look.brief for row in page(many).rows}["all"] == "0 of 3"


def test_one_item_of_a_step_is_shown_with_those_beside_it(hand: Hand):
    run = mapped(hand, list("abc"), max_concurrency=2)
    first = page(run, step="one", item="1").step
    assert (first.turn.said, first.turn.before, first.turn.after) == ("item 1 of 3", 0, 2)
    assert first.step_run.input == {"is": {"value": "a"}}
    newest = page(run, step="one").step
    assert newest.turn.number == 2
    waiting = page(run, step="one", item="3").step
    assert (waiting.step_run, waiting.sentence) == (None, "Item 3 has not come here.")
    assert page(run, step="one", item="0").step.turn.number == 2
    assert Item.objects.count() == 3


def test_rounds_are_shown_one_by_one(hand: Hand):
    again = {"kind": "loop", "times": 3, "start": "one", "steps": {"one": echo("${ index }")}}
    run = a_run(flow(again=again))
    hand.claim()
    hand.succeed("one", 0)
    turn = page(run, step="one", round="1").step.turn
    assert (turn.said, turn.before, turn.after) == ("round 1", 0, 2)
    assert page(run, step="one").step.turn.after == 0
