"""A run page that stays open: while the server restarts, while the tab sleeps, and after its reader signed out."""

import re

import pytest
from playwright.sync_api import Page, expect

from runs.models import Run
from tests.actions.flows import SAGA
from tests.factories import Hand, a_run
from tests.journeys.orders import RunView
from tests.people import person, sign_in
from tests.servers import Site, running_site

pytestmark = pytest.mark.journey

GIVES = {"key": "k", "note": "x"}
PILL = "[data-live]"


@pytest.fixture
def run(transactional_db: None) -> Run:
    return a_run({**SAGA, "business_key": "ORD-1"})


def open_run(page: Page, site: Site, run: Run) -> RunView:
    sign_in(page, site.url, person("operator"))
    page.goto(f"{site.url}/runs/{run.pk}/")
    expect(page.locator(PILL)).to_have_text("Live")
    return RunView(page)


def lines(page: Page) -> list[int]:
    return [
        int(seq) for seq in page.locator("#events [data-seq]").evaluate_all("l => l.map(e => e.dataset.seq)")
    ]


def has_every_line_once(page: Page, run: Run) -> None:
    """What stands there is what a page that is loaded now would show."""
    here = lines(page)
    assert here == sorted(set(here), reverse=True)
    fresh = page.context.new_page()
    fresh.goto(page.url)
    assert here == lines(fresh)
    assert page.locator(".lede").inner_text() == fresh.locator(".lede").inner_text()
    fresh.close()


def test_what_happens_appears_within_a_second(page: Page, live_site: Site, run: Run):
    view, hand = open_run(page, live_site, run), Hand()
    view.shows("Queued")
    hand.claim()
    expect(page.locator(".lede")).to_have_text("One is running.", timeout=2_000)
    hand.succeed("one", GIVES)
    expect(page.locator(".lede")).to_have_text("Two is running.", timeout=2_000)
    view.is_the_same_page()
    has_every_line_once(page, run)


def test_a_server_that_restarts_is_found_again(
    page: Page, transactional_db: None, run: Run, expected_troubles
):
    expected_troubles += ["WebSocket connection", "ERR_CONNECTION_REFUSED"]
    hand = Hand()
    with running_site() as site:
        view = open_run(page, site, run)
        hand.claim()
        expect(page.locator(".lede")).to_have_text("One is running.")
    expect(page.locator(PILL)).to_have_text(re.compile("Reconnecting|Offline"))
    hand.succeed("one", GIVES)
    with running_site(int(site.url.rpartition(":")[2])):
        expect(page.locator(PILL)).to_have_text("Live", timeout=30_000)
        expect(page.locator(".lede")).to_have_text("Two is running.")
        hand.succeed("two", GIVES)
        expect(page.locator(".lede")).to_have_text("Three is running.")
        view.is_the_same_page()
        has_every_line_once(page, run)


def test_a_tab_that_slept_catches_up(page: Page, live_site: Site, run: Run):
    view, hand = open_run(page, live_site, run), Hand()
    sleep(page, hidden=True)
    hand.claim()
    hand.succeed("one", GIVES)
    hand.succeed("two", GIVES)
    sleep(page, hidden=False)
    expect(page.locator(".lede")).to_have_text("Three is running.")
    hand.succeed("three")
    view.shows("Succeeded")
    view.is_the_same_page()
    has_every_line_once(page, run)


def sleep(page: Page, *, hidden: bool) -> None:
    """What the browser tells a page whose tab goes to the back, or comes to the front."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
          const state = {value: hidden ? "hidden" : "visible", configurable: true};
          Object.defineProperty(document, "visibilityState", state);
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_a_laptop_that_was_offline_catches_up(
    page: Page, live_site: Site, run: Run, expected_troubles: list[str]
):
    expected_troubles += ["WebSocket connection", "ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED"]
    view, hand = open_run(page, live_site, run), Hand()
    page.context.set_offline(True)
    hand.claim()
    hand.succeed("one", GIVES)
    page.context.set_offline(False)
    expect(page.locator(".lede")).to_have_text("Two is running.", timeout=30_000)
    view.is_the_same_page()
    has_every_line_once(page, run)


def test_who_signs_out_elsewhere_is_asked_to_sign_in(page: Page, live_site: Site, run: Run):
    open_run(page, live_site, run)
    tab = page.context.new_page()
    tab.goto(f"{live_site.url}/runs/")
    tab.get_by_role("button", name="Account of otto").click()
    tab.get_by_role("button", name="Sign out").click()
    expect(tab).to_have_url(re.compile("/sign-in/"))
    Hand().claim()
    expect(page.locator(PILL)).to_have_text("Sign in again")
    expect(page.locator(".lede")).to_have_text("Accepted, and waiting for a worker.")


def test_what_a_reader_does_stays_while_the_page_changes(page: Page, live_site: Site, run: Run):
    open_run(page, live_site, run)
    link = page.get_by_role("link", name="Two")
    link.focus()
    Hand().claim()
    expect(page.locator(".lede")).to_have_text("One is running.")
    expect(link).to_be_focused()


def test_the_list_of_runs_keeps_up(page: Page, live_site: Site, run: Run):
    sign_in(page, live_site.url, person("operator"))
    page.goto(f"{live_site.url}/runs/")
    view = RunView(page)
    expect(page.get_by_role("row", name=re.compile("ORD-1"))).to_contain_text("Queued")
    Hand().claim()
    expect(page.get_by_role("row", name=re.compile("ORD-1"))).to_contain_text("Running")
    view.is_the_same_page()
