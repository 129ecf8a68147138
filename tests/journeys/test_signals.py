"""One run wakes another, and whoever watches sees it happen."""

import pytest
from playwright.sync_api import Page, expect

from tests.actions.flows import flow
from tests.factories import Hand, a_run
from tests.people import person, sign_in
from tests.servers import Site

pytestmark = pytest.mark.journey

PAID = {"name": "order.paid", "key": "${ input.order }"}
DONE = {"kind": "succeed"}
LISTENS = {
    **flow(wait={"kind": "wait", "title": "Paid", "signal": PAID, "next": "done"}, done=DONE),
    "business_key": "${ input.order }",
}
EMITS = {
    **flow(tell={"kind": "emit", "signal": "order.paid", "key": "${ input.order }"}),
    "key": "billing",
    "title": "Billing",
}


def settle(hand: Hand) -> None:
    for _ in range(6):
        hand.claim()


def test_a_run_that_emits_wakes_one_that_is_watched(page: Page, live_site: Site):
    run, hand = a_run(LISTENS, {"order": "ORD-1"}), Hand()
    settle(hand)
    sign_in(page, live_site.url, person("operator"))
    page.goto(f"{live_site.url}/runs/{run.pk}/")
    expect(page.locator("[data-live]")).to_have_text("Live")
    expect(page.locator(".lede")).to_have_text("Paid waits for the signal order.paid with key ORD-1.")
    a_run(EMITS, {"order": "ORD-1"})
    settle(hand)
    expect(page.locator(".lede")).to_have_text("Every step that was needed has succeeded.", timeout=3_000)
    expect(page.locator("#events")).to_contain_text(
        "received the signal order.paid with key ORD-1 from the workflow billing"
    )
    expect(page.get_by_role("region", name="Same story")).to_contain_text("Billing")


def test_somebody_sees_who_would_react_and_sends_it(page: Page, live_site: Site):
    run, hand = a_run(LISTENS, {"order": "ORD-1"}), Hand()
    settle(hand)
    sign_in(page, live_site.url, person("operator"))
    page.goto(f"{live_site.url}/signals/")
    page.get_by_label("Signal", exact=True).fill("order.paid")
    page.get_by_label("Key", exact=True).fill("ORD-1")
    page.get_by_role("button", name="See who would react").click()
    expect(page.get_by_role("link", name="ORD-1")).to_be_visible()
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("“order.paid” with key ORD-1 is sent.")).to_be_visible()
    settle(hand)
    run.refresh_from_db()
    assert run.status == "succeeded"
