"""Everything a person must do with runs works in a browser that runs no scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from runs.models import Review, Run
from tests.actions.flows import echo, flow, review
from tests.factories import Hand, a_run, a_version
from tests.people import person, sign_in
from tests.servers import Site

pytestmark = pytest.mark.journey

ENDS = {"yes": echo(), "no": {"kind": "fail", "error": "Rejected"}}
INPUT = {
    "type": "object",
    "required": ["n", "tags"],
    "properties": {"n": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}},
}


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "java_script_enabled": False}


@pytest.fixture
def expected_troubles() -> list[str]:
    return ["status of 422"]


def test_a_review_is_found_claimed_and_decided(page: Page, live_site: Site):
    a_run({**flow(look=review(), **ENDS), "business_key": "ORD-1"})
    Hand().claim()
    sign_in(page, live_site.url, person("reviewer"))
    page.goto(f"{live_site.url}/reviews/")
    page.get_by_role("link", name=re.compile("Look at it")).click()
    page.locator("#claim").get_by_role("button", name="Claim it").click()
    page.get_by_role("radio", name="Reject").check()
    decide = page.locator("#decision-foot").get_by_role("button", name="Reject")
    decide.click()
    expect(page.locator(".field-error")).to_contain_text("needs a reason")
    page.get_by_role("textbox", name="Reason").fill("no")
    decide.click()
    expect(page.locator(".toast")).to_contain_text("Reject")
    assert Review.objects.get().outcome == "reject"


def test_data_is_corrected_handed_over_and_what_follows_is_read(page: Page, live_site: Site):
    edit = {"edit": {"note": "${ input.n }"}}
    document = {**flow(look=review(**edit), **ENDS), "business_key": "ORD-1"}
    a_run(document, {"n": "Torstr."})
    Hand().claim()
    reviewer = person("reviewer")
    sign_in(page, live_site.url, reviewer)
    page.goto(f"{live_site.url}/reviews/{Review.objects.get().pk}/")
    follows = page.locator("#next")
    expect(follows).to_contain_text("The run ends as Rejected")
    expect(follows).to_contain_text("Yes")
    page.locator("#claim").get_by_role("button", name="Claim it").click()
    page.get_by_role("radio", name="Change data and approve").check()
    expect(follows).not_to_contain_text("Rejected", use_inner_text=True)
    page.get_by_label("Note", exact=True).fill("Torstraße 12")
    page.locator("#decision-foot").get_by_role("button", name="Change data and approve").click()
    expect(page.locator(".toast")).to_contain_text("Approve")
    assert Review.objects.get().data == {"note": "Torstraße 12"}


def test_a_run_is_started_watched_and_cancelled(page: Page, live_site: Site):
    a_version({**flow(one=echo()), "input": INPUT, "business_key": "ORD-${ input.n }"})
    sign_in(page, live_site.url, person("operator"))
    page.goto(f"{live_site.url}/workflows/")
    page.get_by_role("link", name="Start", exact=True).click()
    page.get_by_role("button", name="Add to tags").click()
    page.get_by_role("button", name="Start the run").click()
    expect(page.locator(".field-error").first).to_contain_text("This field is required.")
    page.get_by_label("N", exact=True).fill("7")
    for field in page.locator("[name^='tags.']:not([type=hidden])").all():
        field.fill("a tag")
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_role("heading", name="ORD-7")).to_be_visible()
    Hand().claim()
    page.reload()  # Chromium's emulation leaves out <noscript>, where the page says that it reloads by itself
    expect(page.locator(".lede")).to_have_text("One is running.")
    page.locator("#run-ladder").get_by_role("link", name="One").click()
    expect(page.get_by_text("acme.echo@1.0.0")).to_be_visible()
    page.get_by_role("link", name="Cancel the run").click()
    page.get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("ORD-7 is being cancelled.")).to_be_visible()
    assert Run.objects.get().journal.filter(kind="CancelRequested").exists()
