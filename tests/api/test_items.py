"""The items of maps over the interface: list, add, close, go on with what there is."""

from typing import Any

import pytest

from runs.models import Run
from tests.actions.flows import echo, flow
from tests.api.asking import NOBODY, Program, refused
from tests.factories import Hand, a_run

pytestmark = pytest.mark.django_db


def a_map(hand: Hand, **fields: Any) -> Run:
    body = {"kind": "map", "items": "${ input.list }", "start": "one", "steps": {"one": echo("${ item }")}}
    run = a_run(flow(all={**body, **fields}), {"list": list("abc")})
    hand.claim()
    hand.claim()
    return run


@pytest.fixture
def run(hand: Hand) -> Run:
    return a_map(hand, open_ended=True, join={"tolerate": 1})


def finish(hand: Hand) -> None:
    while hand.held or hand.claim():
        hand.succeed("one", 0)


def test_items_are_listed_page_by_page(viewer: Program, hand: Hand, run: Run):
    hand.succeed("one", "a")
    hand.fail("one", retryable=False)
    first = viewer.get(f"/runs/{run.pk}/items/?step=all&limit=2").json()
    assert [(item["index"], item["value"], item["status"]) for item in first["items"]] == [
        (0, "a", "succeeded"),
        (1, "b", "failed"),
    ]
    assert first["items"][1]["fault"] == {"name": "Broken", "message": "it broke"}
    (last,) = viewer.get(first["next"]).json()["items"]
    assert (last["step"], last["no"], last["index"], last["last"]) == ("all", 1, 2, None)
    finish(hand)


def test_items_are_chosen_by_step_and_status(viewer: Program, run: Run):
    assert len(viewer.get(f"/runs/{run.pk}/items/").json()["items"]) == 3
    assert viewer.get(f"/runs/{run.pk}/items/?status=failed").json() == {"items": [], "next": None}
    assert viewer.get(f"/runs/{run.pk}/items/?step=other").json()["items"] == []
    refused(viewer.get(f"/runs/{run.pk}/items/?status=lost"), 400, "bad-parameter")


def test_items_are_added_and_the_list_is_closed(operator: Program, hand: Hand, run: Run):
    added = operator.post(f"/runs/{run.pk}/steps/1/items/", {"items": ["d", None]})
    assert (added.status_code, added.json()) == (200, {"added": 2, "total": 5})
    assert operator.post(f"/runs/{run.pk}/steps/1/close/").json()["status"] == "running"
    late = operator.post(f"/runs/{run.pk}/steps/1/items/", {"items": ["e"]})
    refused(late, 409, said="The list of items is closed.")
    refused(operator.post(f"/runs/{run.pk}/steps/1/close/"), 409, said="The list of items is closed.")
    finish(hand)
    run.refresh_from_db()
    assert run.status == "succeeded"


@pytest.mark.parametrize(
    "body", [{}, {"items": []}, {"items": "abc"}, {"items": {"a": 1}}, {"item": [1]}, []]
)
def test_what_is_no_list_is_refused(body: Any, operator: Program, run: Run):
    refused(operator.post(f"/runs/{run.pk}/steps/1/items/", body), 422, "invalid")
    assert run.items.count() == 3


def test_a_map_goes_on_with_what_there_is(operator: Program, hand: Hand):
    run = a_map(hand, max_concurrency=1)
    refused(operator.post(f"/runs/{run.pk}/steps/1/force/", {}), 422, "invalid")
    hand.succeed("one", "a")
    assert operator.post(f"/runs/{run.pk}/steps/1/force/", {"reason": "Enough"}).status_code == 200
    finish(hand)
    told = operator.get(f"/runs/{run.pk}/").json()
    assert (told["status"], told["output"]) == ("succeeded", ["a", None, None])
    refused(operator.post(f"/runs/{run.pk}/steps/1/force/", {"reason": "x"}), 409, said="not under way")


@pytest.mark.parametrize("what", ["items", "close", "force"])
def test_what_is_not_there_is_not_found(what: str, operator: Program, run: Run):
    body = {"items": {"items": [1]}, "close": None, "force": {"reason": "x"}}[what]
    for place in (f"{run.pk}/steps/99", f"{run.pk}/steps/99999999999999999999", f"{NOBODY}/steps/1"):
        refused(operator.post(f"/runs/{place}/{what}/", body), 404)


def test_only_what_has_branches_or_items_is_forced(operator: Program, hand: Hand):
    run = a_run(flow(wait={"kind": "wait", "for": "1h"}))
    hand.claim()
    answer = operator.post(f"/runs/{run.pk}/steps/1/force/", {"reason": "x"})
    refused(answer, 409, said="no branches or items")
