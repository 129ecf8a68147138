"""The lists as somebody uses them: found by keys, filtered by address, kept up to date, read without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from runs.models import Run
from tests.actions.flows import SAGA
from tests.factories import Hand, a_run
from tests.journeys.orders import RunView
from tests.journeys.test_accessibility import PHONE, violations
from tests.people import person, sign_in
from tests.servers import Site

pytestmark = pytest.mark.journey


@pytest.fixture
def run(transactional_db: None) -> Run:
    return a_run({**SAGA, "key": "order_saga", "business_key": "ORD-1"})


@pytest.fixture
def at_workflows(page: Page, live_site: Site, run: Run) -> Page:
    sign_in(page, live_site.url, person("admin"))
    page.goto(f"{live_site.url}/workflows/")
    page.locator("html[data-shortcuts]").wait_for(state="attached")
    return page


def test_the_palette_finds_a_run_by_keyboard_alone(at_workflows: Page, run: Run):
    page = at_workflows
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Find anything")).to_contain_text("Runs in flight")
    page.keyboard.type("ord-1")
    expect(page.locator("#palette-found")).to_contain_text("ORD-1")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#palette-found a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/runs/{run.pk}/"))


def test_enter_opens_the_first_of_the_answer_even_before_it_came(at_workflows: Page):
    page = at_workflows
    page.keyboard.press("Control+k")
    page.keyboard.type("make")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/workflows/new/"))


def test_nothing_found_is_said_and_escape_goes_back(at_workflows: Page):
    page = at_workflows
    page.get_by_role("searchbox").first.click()
    page.keyboard.type("nobody calls it so")
    expect(page.locator("#palette-found")).to_contain_text("Nothing is called “nobody calls it so”.")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).not_to_be_visible()


def test_the_keys_of_a_page_are_listed_and_can_be_turned_off(at_workflows: Page):
    page = at_workflows
    page.keyboard.press("Shift+?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("New workflow")
    expect(keys).to_contain_text("Find anything")
    assert violations(page) == []
    keys.get_by_role("button", name="Single-letter keys").click()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("n")
    page.keyboard.press("Shift+?")
    expect(keys).not_to_be_visible()
    expect(page).to_have_url(re.compile("/workflows/$"))


def test_the_filter_stands_in_the_address_and_what_is_typed_survives_a_change(
    at_workflows: Page, live_site: Site
):
    page = at_workflows
    page.goto(f"{live_site.url}/runs/?status=in-flight&workflow=order_saga")
    view = RunView(page)
    expect(page.locator("[data-live]")).to_contain_text("Live")
    page.get_by_label("Find a run", exact=True).fill("half a wo")
    Hand().claim()
    expect(page.get_by_role("row", name=re.compile("ORD-1"))).to_contain_text("Running")
    expect(page.get_by_label("Find a run", exact=True)).to_have_value("half a wo")
    view.is_the_same_page()
    page.get_by_label("Find a run", exact=True).fill("ORD-1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("status=in-flight&q=ORD-1&workflow=order_saga"))


def test_a_new_run_appears_by_itself_and_its_workflow_counts_it(
    at_workflows: Page, live_site: Site, run: Run
):
    page = at_workflows
    expect(page.locator("[data-live]")).to_contain_text("Live")
    a_run({**SAGA, "key": "order_saga", "business_key": "ORD-2"})
    expect(page.locator("#workflow-order_saga [data-label=Runs]")).to_have_text("2", timeout=15_000)
    page.goto(f"{live_site.url}/runs/")
    expect(page.locator("[data-live]")).to_contain_text("Live")
    a_run({**SAGA, "key": "order_saga", "business_key": "ORD-3"})
    expect(page.get_by_role("row", name=re.compile("ORD-3"))).to_be_visible()


def test_a_row_chooses_its_charts_and_each_has_a_table(at_workflows: Page, live_site: Site):
    hand = Hand()
    a_run({**SAGA, "key": "another"})
    hand.claim()
    hand.fail("one", retryable=False)
    page = at_workflows
    page.goto(f"{live_site.url}/workflows/?period=1h")
    page.get_by_role("link", name="Charts of another").click()
    expect(page).to_have_url(re.compile("period=1h&workflow=another"))
    expect(page.get_by_role("region", name="Outcomes", exact=True)).to_contain_text("failed")
    page.get_by_role("region", name="Outcomes", exact=True).get_by_text("Show as table").click()
    expect(page.get_by_role("columnheader", name="Cancelled")).to_be_visible()
    assert violations(page) == []


def test_without_scripts_one_reads_filters_and_finds(another: Callable[..., Page], live_site: Site, run: Run):
    page = another(java_script_enabled=False)
    sign_in(page, live_site.url, person("viewer"))
    page.goto(f"{live_site.url}/workflows/")
    page.get_by_role("link", name="7 d").click()
    expect(page).to_have_url(re.compile("period=7d"))
    page.get_by_role("searchbox").first.fill("ORD-1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/search/.q=ORD-1"))
    page.get_by_role("link", name="ORD-1").click()
    expect(page).to_have_url(re.compile(f"/runs/{run.pk}/"))
    page.goto(f"{live_site.url}/runs/?status=lost")
    expect(page.get_by_role("alert")).to_contain_text("“lost” is no status.")


def test_all_is_in_reach_of_a_thumb(another: Callable[..., Page], live_site: Site, run: Run):
    page = another(viewport=PHONE)
    sign_in(page, live_site.url, person("admin"))
    page.goto(f"{live_site.url}/workflows/")
    page.locator("html[data-shortcuts]").wait_for(state="attached")
    page.get_by_role("link", name="Find").click()
    page.keyboard.type("ORD-1")
    page.get_by_role("link", name="ORD-1").click()
    expect(page).to_have_url(re.compile(f"/runs/{run.pk}/"))
    page.get_by_role("navigation", name="Main, at the bottom").get_by_role("link", name="Runs").click()
    expect(page).to_have_url(re.compile("/runs/$"))
