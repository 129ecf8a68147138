"""Deciding reviews in a browser: with the keyboard alone, while the page moves, and what it says beforehand."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from runs.actions import claim_review, release_review
from runs.models import Review
from tests.actions.flows import echo, flow, review, undoable
from tests.factories import Hand, a_run
from tests.people import person, sign_in
from tests.promises import check_all_runs
from tests.servers import Site

pytestmark = pytest.mark.journey

ENDS = {"yes": echo("${ steps.look.output }"), "no": {"kind": "fail", "error": "Rejected"}}
ADDRESS = {"street": "Torstraße 12", "city": "Berlin"}
PARTS = {"type": "object", "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}
ASKING = {
    **flow(
        one=undoable("one", title="Reserve stock", next="look"),
        look=review(edit={"ship_to": "${ input.ship_to }"}, due="1h"),
        **ENDS,
    ),
    "input": {"type": "object", "properties": {"ship_to": PARTS}},
    "business_key": "${ input.key }",
}


def ask(key: str) -> Review:
    """An open review of a run that has done one thing."""
    hand = Hand()
    a_run(ASKING, {"key": key, "ship_to": ADDRESS})
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "one"})
    return Review.objects.get(run__key=key)


@pytest.fixture
def rosa(page: Page, live_site: Site) -> Page:
    """A reviewer with three reviews to decide, on the list."""
    for key in ("ORD-1", "ORD-2", "ORD-3"):
        ask(key)
    sign_in(page, live_site.url, person("reviewer"))
    page.goto(f"{live_site.url}/reviews/")
    expect(page.locator("[data-live]").first).to_have_text("Live")
    return page


def heading(page: Page, key: str) -> None:
    expect(page.locator(".review-head .lede")).to_contain_text(key)


def test_the_whole_way_with_the_keyboard_alone(rosa: Page):
    rosa.keyboard.press("j")
    heading(rosa, "ORD-1")
    rosa.keyboard.press("j")
    heading(rosa, "ORD-2")
    rosa.keyboard.press("k")
    heading(rosa, "ORD-1")
    rosa.keyboard.press("c")
    expect(rosa.locator("#claim")).to_contain_text("Nobody else can decide it.")
    rosa.keyboard.press("r")
    expect(rosa.get_by_role("radio", name="Reject")).to_be_checked()
    expect(rosa.locator("#next")).to_contain_text("Reserve stock is undone")
    expect(rosa.locator("#decision-foot .primary")).to_contain_text("Reject")
    rosa.keyboard.press("a")
    expect(rosa.locator("#decision-foot .primary")).to_contain_text("Approve")
    rosa.keyboard.press("Control+Enter")
    expect(rosa.locator(".toast")).to_contain_text("Look at it of ORD-1 is decided: Approve.")
    heading(rosa, "ORD-2")
    assert Review.objects.get(run__key="ORD-1").outcome == "approve"
    check_all_runs()


def test_corrected_fields_are_marked_and_counted_as_they_change(rosa: Page, live_site: Site):
    asked = Review.objects.get(run__key="ORD-1")
    rosa.goto(f"{live_site.url}/reviews/{asked.pk}/")
    rosa.keyboard.press("c")
    expect(rosa.locator("#claim")).to_contain_text("Nobody else can decide it.")
    expect(rosa.get_by_label("City")).to_be_hidden()
    rosa.keyboard.press("e")
    rosa.get_by_label("City").fill("Leipzig")
    expect(rosa.locator("#was-data_ship_to_city")).to_contain_text("was Berlin")
    expect(rosa.locator("#next")).to_contain_text("Ship to: 1 field corrected")
    rosa.get_by_label("City").fill("Berlin")
    expect(rosa.locator("#was-data_ship_to_city")).to_have_text("")
    rosa.get_by_label("City").fill("Leipzig")
    rosa.locator("#decision-foot").get_by_role("button", name="Change data and approve").click()
    expect(rosa.locator(".toast")).to_contain_text("is decided")
    assert Review.objects.get(pk=asked.pk).data["ship_to"] == {**ADDRESS, "city": "Leipzig"}


def test_twenty_pushes_take_nothing_of_what_is_typed(rosa: Page, live_site: Site):
    asked = Review.objects.get(run__key="ORD-1")
    other = Review.objects.get(run__key="ORD-2")
    ada = person("admin")
    rosa.goto(f"{live_site.url}/reviews/{asked.pk}/")
    rosa.keyboard.press("c")
    expect(rosa.locator("#claim")).to_contain_text("Nobody else can decide it.")
    rosa.keyboard.press("e")
    rosa.get_by_label("City").fill("Leipzig")
    reason = rosa.get_by_role("textbox", name="Reason")
    reason.focus()
    rosa.evaluate(
        """() => {
          window.pushes = 0;
          document.addEventListener("htmx:ws:after:message:incoming", () => { window.pushes += 1; });
        }"""
    )
    words = " ".join(f"word{number}" for number in range(60))
    for number, letter in enumerate(words):
        rosa.keyboard.type(letter)
        if number % 20 == 0:
            hold = claim_review if number % 40 == 0 else release_review
            hold(review_id=other.pk, by=ada)
            rosa.wait_for_timeout(300)
    while rosa.evaluate("window.pushes") < 20:
        hold = claim_review if not Review.objects.get(pk=other.pk).claimed_by else release_review
        hold(review_id=other.pk, by=ada)
        rosa.wait_for_timeout(500)
        rosa.keyboard.type("!")
    typed = reason.input_value()
    assert typed.rstrip("!") == words
    expect(reason).to_be_focused()
    expect(rosa.get_by_label("City")).to_have_value("Leipzig")
    expect(rosa.get_by_role("radio", name="Change data and approve")).to_be_checked()
    expect(
        rosa.locator("#decision-foot").get_by_role("button", name="Change data and approve")
    ).to_be_enabled()


def test_what_others_do_appears_by_itself(rosa: Page, live_site: Site):
    asked = Review.objects.get(run__key="ORD-2")
    rosa.goto(f"{live_site.url}/reviews/{asked.pk}/")
    ada = person("admin")
    claim_review(review_id=asked.pk, by=ada)
    expect(rosa.locator("#claim")).to_contain_text("ada has it until")
    expect(rosa.locator("#so-far")).to_contain_text("ada claimed it")
    expect(rosa.locator("#decision-foot .primary")).to_have_attribute("aria-disabled", "true")
    release_review(review_id=asked.pk, by=ada)
    expect(rosa.locator("#claim")).to_contain_text("Nobody has it.")
    expect(rosa.locator("#decision-foot .primary")).to_have_text("Claim it to decide")


def test_it_is_handed_over_from_the_foot(rosa: Page, live_site: Site):
    ada = person("admin")
    asked = Review.objects.get(run__key="ORD-3")
    rosa.goto(f"{live_site.url}/reviews/{asked.pk}/")
    rosa.get_by_role("button", name="Hand over").click()
    rosa.get_by_label("To", exact=True).select_option(label="ada")
    rosa.get_by_label("What they should know").fill("You know her")
    rosa.locator("#hand-over").get_by_role("button", name="Hand over").click()
    expect(rosa.locator(".toast")).to_contain_text("is ada’s now")
    asked.refresh_from_db()
    assert asked.claimed_by == ada


def test_kinds_are_chosen_and_stay_chosen(rosa: Page):
    rosa.locator(".kinds > summary").click()
    rosa.locator(".kinds .menu").get_by_role("link", name="Look at it").click()
    expect(rosa).to_have_url(re.compile(r"kind=flow\.look"))
    rosa.keyboard.press("j")
    heading(rosa, "ORD-1")
    expect(rosa).to_have_url(re.compile(r"kind=flow\.look"))
    expect(rosa.locator(".kinds > summary")).to_contain_text("Look at it")


def test_a_review_past_its_limit_says_so(rosa: Page, live_site: Site):
    Review.objects.filter(run__key="ORD-2").update(due_at=timezone.now() - timedelta(minutes=12))
    rosa.reload()
    expect(rosa.locator(".inbox-group").first).to_contain_text("Past the limit 1")
    rosa.keyboard.press("j")
    heading(rosa, "ORD-2")
    expect(rosa.locator(".review-head .pill")).to_contain_text("12 min late")
