"""Maps and parallels under way, watched and steered by pages that work without scripts."""

from typing import Any

import pytest
from django.test import Client

from runs.models import DeadLetter, JournalEntry, Run
from tests.actions.flows import branches, echo, flow
from tests.factories import Hand, a_run

pytestmark = pytest.mark.django_db


def mapped(hand: Hand, items: list[Any], **fields: Any) -> Run:
    body = {"kind": "map", "items": "${ input.list }", "start": "one", "steps": {"one": echo("${ item }")}}
    run = a_run(flow(all={**body, **fields}), {"list": items})
    hand.claim(100)
    hand.claim(100)
    return run


@pytest.fixture
def open_map(hand: Hand) -> Run:
    return mapped(hand, ["a", "b"], open_ended=True)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def finish(hand: Hand) -> None:
    while hand.held or hand.claim():
        hand.succeed("one", 0)


def test_the_card_shows_how_far_a_map_is(viewer: Client, hand: Hand, open_map: Run):
    hand.succeed("one", "a")
    page = text(viewer.get(f"/runs/{open_map.pk}/"))
    assert "1 of 2 done · 1 under way · more may be added" in page
    assert 'aria-label="2 items in their order: 1 of 2 done, 1 under way."' in page
    assert "Add items" not in page


def test_items_are_added(operator: Client, hand: Hand, open_map: Run):
    address = f"/runs/{open_map.pk}/steps/1/add/"
    assert "0 of 2 items are done" in text(operator.get(address))
    answer = operator.post(address, {"items": '["c", {"file": "d"}]'}, follow=True)
    assert "More items are under way." in text(answer)
    assert open_map.items.count() == 4
    finish(hand)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ("", "Write a JSON list"),
        ("[1,", "This is no JSON"),
        ('{"a": 1}', "The items must be a list"),
        ("[]", "The list is empty"),
        ("[NaN]", "NaN is no value of JSON"),
        ("[" * 100_000, "This is no JSON"),
    ],
)
def test_what_is_no_list_of_items_is_refused(items: str, said: str, operator: Client, open_map: Run):
    answer = operator.post(f"/runs/{open_map.pk}/steps/1/add/", {"items": items})
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert open_map.items.count() == 2


def test_a_list_is_closed_once(operator: Client, hand: Hand, open_map: Run):
    address = f"/runs/{open_map.pk}/steps/1/close/"
    assert operator.get(address).status_code == 200
    assert "The list of items is closed." in text(operator.post(address, follow=True))
    late = operator.post(address)
    assert (late.status_code, "The list of items is closed." in text(late)) == (409, True)
    assert 'aria-disabled="true" title="The list of items is closed."' in text(
        operator.get(f"/runs/{open_map.pk}/")
    )
    finish(hand)
    open_map.refresh_from_db()
    assert open_map.status == "succeeded"


def test_a_map_goes_on_with_what_there_is(operator: Client, hand: Hand):
    run = mapped(hand, list("abc"), max_concurrency=1)
    hand.succeed("one", "a")
    address = f"/runs/{run.pk}/steps/1/force/"
    assert operator.post(address, {"reason": " "}).status_code == 422
    operator.post(address, {"reason": "Enough."})
    run.refresh_from_db()
    assert run.status == "running"  # a worker still holds an attempt
    hand.succeed("one", "b")
    run.refresh_from_db()
    assert run.status == "succeeded"
    entry = JournalEntry.objects.get(run=run, kind="JoinForced")
    assert (entry.data["by"], entry.data["reason"]) == ("otto", "Enough.")
    page = text(operator.get(f"/runs/{run.pk}/"))
    assert "goes on with what there is, by otto: Enough." in page
    assert "1 of 3 done" in page


def test_a_parallel_is_forced_from_its_panel(operator: Client, viewer: Client, hand: Hand):
    run = a_run(flow(both=branches(a=echo(), b=echo())))
    hand.claim()
    hand.claim()
    hand.succeed("a", 1)
    address = f"/runs/{run.pk}/steps/1/force/"
    assert address in text(operator.get(f"/runs/{run.pk}/?step=both"))
    assert address not in text(viewer.get(f"/runs/{run.pk}/?step=both"))
    assert operator.post(address, {"reason": "r"}).status_code == 302
    late = operator.post(address, {"reason": "r"})
    assert (late.status_code, "not under way" in text(late)) == (409, True)
    hand.succeed("b", 2)


def test_a_step_that_was_not_entered_is_not_found(operator: Client, open_map: Run):
    for no in ("999", "99999999999999999999"):
        assert operator.get(f"/runs/{open_map.pk}/steps/{no}/force/").status_code == 404


def test_a_retry_says_what_it_does_again(operator: Client, hand: Hand):
    run = mapped(hand, list("abc"), on_exhausted="dead_letter")
    hand.succeed("one", "a")
    hand.fail("one", retryable=False)
    letter = DeadLetter.objects.get(run=run)
    said = "It does again only the 2 items that have not succeeded."
    assert said in text(operator.get(f"/dead-letters/{letter.pk}/"))
    assert said in text(operator.get(f"/runs/{run.pk}/?step=all"))
    operator.post(f"/dead-letters/{letter.pk}/", {"how": "retry", "reason": "again"})
    finish(hand)
    nos = run.step_runs.filter(key="one").values_list("input", flat=True)
    assert sorted(given["is"]["value"] for given in nos) == ["a", "b", "b", "c", "c"]
    run.refresh_from_db()
    assert run.status == "succeeded"


def test_only_what_failed_is_shown_if_one_asks(viewer: Client, hand: Hand):
    run = mapped(hand, list("abc"), join={"tolerate": 1})
    hand.fail("one", retryable=False)
    page = text(viewer.get(f"/runs/{run.pk}/?items=failed"))
    assert "heat only-failed" in page
    assert 'href="?step=one&item=1&amp;items=failed#run-side"' in page


def test_one_item_has_an_address(viewer: Client, hand: Hand):
    run = mapped(hand, ["first", "second", "third"])
    page = text(viewer.get(f"/runs/{run.pk}/?step=one&item=2"))
    assert "Item 2 of 3" in page
    assert "&quot;second&quot;" in page
    assert 'href="?step=one&item=3"' in page
    assert "&amp;item=2" in page  # the socket follows the same item


@pytest.mark.parametrize(
    "asked", ["item=0", "item=x", "item=99999999999", "round=1", "item=1&of=77", "item=-1"]
)
def test_strange_items_are_answered(asked: str, viewer: Client, open_map: Run):
    assert viewer.get(f"/runs/{open_map.pk}/?step=one&{asked}").status_code == 200
