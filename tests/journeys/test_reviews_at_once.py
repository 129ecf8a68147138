"""Several people and one review: claims that end, two who decide at once, and a decision that comes too late."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from runs.models import Review, Run
from tests.actions.flows import flow, review
from tests.factories import Hand, a_run
from tests.people import person, sign_in
from tests.promises import check_all_runs
from tests.servers import Site

pytestmark = pytest.mark.journey

ENDS = {"yes": {"kind": "succeed"}, "no": {"kind": "fail", "error": "Rejected"}}


@pytest.fixture
def asked(live_site: Site) -> Review:
    a_run({**flow(look=review(), **ENDS), "business_key": "ORD-1"})
    Hand().claim()
    return Review.objects.get()


@pytest.fixture
def rosa(page: Page, live_site: Site, asked: Review) -> Page:
    """A reviewer on the review's page."""
    sign_in(page, live_site.url, person("reviewer"))
    page.goto(f"{live_site.url}/reviews/{asked.pk}/")
    return page


@pytest.fixture
def ada(another: Callable[..., Page], live_site: Site, asked: Review) -> Page:
    """An administrator on the same page, in a browser of her own."""
    page = another()
    sign_in(page, live_site.url, person("admin"))
    page.goto(f"{live_site.url}/reviews/{asked.pk}/")
    return page


def claim(page: Page) -> None:
    page.locator("#claim").get_by_role("button", name="Claim it").click()
    expect(page.locator("#claim")).to_contain_text("Nobody else can decide it.")


def decide(page: Page, answer: str, reason: str = "") -> None:
    page.get_by_role("radio", name=answer).check()
    page.get_by_role("textbox", name="Reason").fill(reason)
    page.locator("#decision-foot").get_by_role("button", name=answer).click()


def test_of_two_who_claim_one_has_it_and_the_other_is_told(
    rosa: Page, ada: Page, expected_troubles: list[str]
):
    expected_troubles.append("status of 409")
    together = "setTimeout(() => document.querySelector('#claim form').requestSubmit(), 300)"
    for page in (rosa, ada):
        page.evaluate(together)
    expect(rosa.locator("#claim")).to_contain_text(re.compile("Nobody else can decide it|ada has it until"))
    expect(ada.locator("#claim")).to_contain_text(re.compile("Nobody else can decide it|rosa has it until"))
    holders = [page for page in (rosa, ada) if "Nobody else" in page.locator("#claim").inner_text()]
    assert len(holders) == 1
    (other,) = {rosa, ada} - set(holders)
    expect(other.get_by_role("button", name="Decide")).to_have_attribute("aria-disabled", "true")
    check_all_runs()


def test_a_claim_that_has_ended_is_another_s_and_the_first_answer_is_refused_and_kept(
    rosa: Page, ada: Page, asked: Review, expected_troubles: list[str]
):
    expected_troubles.append("status of 409")
    claim(rosa)
    Review.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    rosa.get_by_role("radio", name="Approve").check()
    rosa.get_by_role("textbox", name="Reason").fill("I was too slow")
    ada.reload()
    claim(ada)
    expect(rosa.locator("#claim")).to_contain_text("ada has it until")
    rosa.keyboard.press("Control+Enter")
    expect(rosa.get_by_role("alert")).to_contain_text("You do not hold this review any more.")
    expect(rosa.get_by_role("textbox", name="Reason")).to_have_value("I was too slow")
    decide(ada, "Approve")
    expect(ada.locator(".toast")).to_contain_text("Approve")
    asked.refresh_from_db()
    assert asked.decided_by is not None
    assert asked.decided_by.get_username() == "ada"
    check_all_runs()


def test_the_page_says_when_the_claim_ends(rosa: Page, asked: Review, live_site: Site):
    claim(rosa)
    Review.objects.update(claimed_until=timezone.now() + timedelta(seconds=2))
    rosa.reload()
    expect(rosa.locator("#claim")).to_contain_text("Claim it to decide.", timeout=15_000)


def test_of_two_tabs_that_decide_at_once_one_counts(rosa: Page, asked: Review, expected_troubles: list[str]):
    expected_troubles.append("status of 409")
    claim(rosa)
    tab = rosa.context.new_page()
    tab.goto(rosa.url)
    for page, answer in ((rosa, "Approve"), (tab, "Reject")):
        page.get_by_role("radio", name=answer).check()
        page.get_by_role("textbox", name="Reason").fill(f"{answer} it")
    for page in (rosa, tab):
        page.evaluate("setTimeout(() => document.querySelector('#decision').requestSubmit(), 300)")
    expect(rosa.get_by_text(re.compile("is decided|has been decided already")).first).to_be_visible()
    expect(tab.get_by_text(re.compile("is decided|has been decided already")).first).to_be_visible()
    refused = [page for page in (rosa, tab) if page.get_by_role("alert").count()]
    (loser,) = refused
    expect(loser.get_by_role("alert")).to_contain_text("The review has been decided already.")
    expect(loser.get_by_text("What you had written: ")).to_be_visible()
    asked.refresh_from_db()
    assert asked.outcome == ("reject" if loser is rosa else "approve")
    assert asked.run.journal.filter(kind="ReviewDecided").count() == 1
    check_all_runs()


def test_a_decision_after_the_run_was_cancelled_is_refused_and_kept(
    rosa: Page, another: Callable[..., Page], asked: Review, live_site: Site, expected_troubles: list[str]
):
    expected_troubles.append("status of 409")
    claim(rosa)
    rosa.get_by_role("radio", name="Approve").check()
    rosa.get_by_role("textbox", name="Reason").fill("looks fine to me")
    otto = another()
    sign_in(otto, live_site.url, person("operator"))
    otto.goto(f"{live_site.url}/runs/{asked.run_id}/")
    otto.get_by_role("link", name="Cancel the run").click()
    otto.get_by_role("textbox", name="Reason").fill("ordered twice")
    otto.get_by_role("button", name="Cancel the run").click()
    expect(otto.locator(".run-head .pill").first).to_have_text("Cancelled")

    expect(rosa.get_by_role("alert")).to_contain_text("The run went on without this review")
    expect(rosa.get_by_role("textbox", name="Reason")).to_have_value("looks fine to me")
    rosa.keyboard.press("Control+Enter")
    expect(rosa.get_by_text("What you had written: looks fine to me")).to_be_visible()
    assert Run.objects.get().status == "cancelled"
    check_all_runs()


def test_the_list_grows_and_shrinks_by_itself(page: Page, live_site: Site):
    sign_in(page, live_site.url, person("reviewer"))
    page.goto(f"{live_site.url}/reviews/")
    expect(page.locator("#inbox-items")).to_contain_text("Nothing waits for you.")
    a_run({**flow(look=review(), **ENDS), "business_key": "ORD-2"})
    Hand().claim()
    expect(page.locator("#inbox-items")).to_contain_text("ORD-2")
    page.get_by_role("link", name=re.compile("ORD-2")).click()
    chosen = page.locator('#inbox-items a[aria-current="true"]')
    expect(chosen).to_contain_text("ORD-2")
    a_run({**flow(look=review(), **ENDS), "business_key": "ORD-3"})
    Hand().claim()
    expect(page.locator("#inbox-items")).to_contain_text("ORD-3")
    expect(chosen).to_contain_text("ORD-2")
