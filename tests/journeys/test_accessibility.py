"""axe finds nothing on the pages about runs, by day and by night, on a desk and in a hand."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from runs.actions import claim_review
from runs.models import DeadLetter, Review, Run
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_run, a_version
from tests.people import person, sign_in
from tests.servers import Site
from tests.situations import an_open_review, an_undo_that_gave_up

pytestmark = pytest.mark.journey

AXE = (Path(__file__).parents[1] / "front" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
PHONE = {"width": 390, "height": 844}
INPUT = {
    "type": "object",
    "required": ["n"],
    "properties": {
        "n": {"type": "integer", "title": "How many", "description": "Whole ones."},
        "speed": {"enum": ["slow", "fast"]},
        "tags": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
        "extra": {"type": "object"},
    },
}


@pytest.fixture
def site(live_site: Site) -> Site:
    """With runs at every point of their lives."""
    an_undo_that_gave_up()
    show = [
        {"label": "Score", "value": 81},
        {"label": "Lines", "value": [{"sku": "A", "n": 1}]},
        {"label": "All", "value": {"a": {}}},
    ]
    an_open_review(show, due="1h")
    hand = Hand()
    a_run({**flow(one=echo(retry={"attempts": 3, "wait": "1m"})), "key": "retried", "business_key": "ORD-7"})
    hand.claim()
    hand.fail("one")
    a_version({**flow(one=echo()), "input": INPUT})
    some_items(hand)
    return live_site


def some_items(hand: Hand) -> None:
    """A map under way, with an item that failed."""
    every = {
        "kind": "map",
        "items": ["a", "b", "c", "d"],
        "start": "one",
        "steps": {"one": echo("${ item }")},
    }
    every |= {"open_ended": True, "max_concurrency": 2, "join": {"tolerate": 1}}
    a_run({**flow(all=every), "key": "mapped"})
    hand.claim()
    hand.claim()
    hand.succeed("one", "a")
    hand.fail("one", retryable=False)


def pages() -> dict[str, str]:
    asked, letter = Review.objects.get(), DeadLetter.objects.get()
    retried = Run.objects.get(workflow__key="retried")
    mapped = Run.objects.get(workflow__key="mapped")
    return {
        "workflows": "/workflows/",
        "runs": "/runs/",
        "no runs": "/runs/?q=nothing",
        "a run with a dead letter": f"/runs/{letter.run_id}/",
        "a run that waits for a person": f"/runs/{asked.run_id}/",
        "a step": f"/runs/{retried.pk}/?step=one",
        "data": f"/runs/{retried.pk}/?tab=data",
        "a map": f"/runs/{mapped.pk}/",
        "one item": f"/runs/{mapped.pk}/?step=one&item=2&items=failed",
        "adding items": f"/runs/{mapped.pk}/steps/1/add/",
        "closing the list": f"/runs/{mapped.pk}/steps/1/close/",
        "going on with what there is": f"/runs/{mapped.pk}/steps/1/force/",
        "signals": "/signals/",
        "reviews": "/reviews/",
        "a review": f"/reviews/{asked.pk}/",
        "start": "/workflows/flow/start/",
        "cancel": f"/runs/{retried.pk}/cancel/",
        "a dead letter": f"/dead-letters/{letter.pk}/",
        "tokens": "/tokens/",
        "teams": "/teams/",
        "the audit trail": "/audit/",
        "the docs of the API": "/api/v1/docs/",
    }


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {json.dumps(node['any'][:1])[:300]}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(
    another: Callable[..., Page], site: Site, scheme: str, size: dict[str, int] | None
):
    page = another(color_scheme=scheme, **({"viewport": size} if size else {}))
    ada = person("admin")
    sign_in(page, site.url, ada)
    claim_review(review_id=Review.objects.get().pk, by=ada)
    found = {}
    for name, address in pages().items():
        page.goto(site.url + address)
        page.locator("html[data-shortcuts]").wait_for(state="attached")
        found[name] = violations(page)
    assert not (said := [f"{name}: {one}" for name, several in found.items() for one in several]), "\n".join(
        said
    )


def test_axe_finds_nothing_on_a_refused_form(page: Page, site: Site, expected_troubles: list[str]):
    expected_troubles.append("status of 422")
    sign_in(page, site.url, person("admin"))
    page.goto(f"{site.url}/workflows/flow/start/")
    page.get_by_role("button", name="Start the run").click()
    page.locator("[aria-invalid=true]").first.wait_for()
    assert violations(page) == []


def test_a_page_does_not_scroll_sideways_in_a_hand(another: Callable[..., Page], site: Site):
    page = another(viewport=PHONE)
    sign_in(page, site.url, person("admin"))
    wide = {}
    for name, address in pages().items():
        page.goto(site.url + address)
        wide[name] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert {name: by for name, by in wide.items() if by > 0} == {}
