"""Two people in two places look at one run, and each reads their own clock."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from runs.models import Run
from tests.actions.flows import SAGA
from tests.factories import Hand, a_run
from tests.people import person, sign_in
from tests.servers import Site

pytestmark = pytest.mark.journey

MOMENT = datetime(2026, 7, 1, 12, 0, 7, tzinfo=UTC)
GIVES = {"key": "k", "note": "x"}
STARTED = "#run-head dt:has-text('Started') + dd time"


@pytest.fixture
def run(transactional_db: None) -> Run:
    run = a_run({**SAGA, "business_key": "ORD-1"})
    Run.objects.filter(pk=run.pk).update(created_at=MOMENT)
    return run


@pytest.fixture
def looks(another: Callable[..., Page], live_site: Site, run: Run) -> Callable[..., Page]:
    def open_run(zone: str, **how: Any) -> Page:
        page = another(timezone_id=zone, **how)
        sign_in(page, live_site.url, person("operator"))
        page.goto(f"{live_site.url}/runs/{run.pk}/")
        return page

    return open_run


def lines(page: Page) -> list[str]:
    return page.locator("#events time").all_inner_texts()


def test_each_reads_their_own_clock_live_from_the_first_page(looks: Callable[..., Page], run: Run):
    berlin, kolkata = looks("Europe/Berlin"), looks("Asia/Kolkata")
    expect(berlin.locator(STARTED)).to_have_text("14:00:07")
    expect(kolkata.locator(STARTED)).to_have_text("17:30:07")
    hand = Hand()
    hand.claim()
    hand.succeed("one", GIVES)
    for page, zone in ((berlin, "Europe/Berlin"), (kolkata, "Asia/Kolkata")):
        expect(page.locator(".lede")).to_have_text("Two is running.")
        here = [
            f"{entry.at.astimezone(ZoneInfo(zone)):%H:%M:%S}.{entry.at.microsecond // 100_000}"
            for entry in run.journal.order_by("-seq")
        ]
        told = lines(page)
        assert len(told) > 3
        assert set(told) <= set(here)  # some entries are told by others
        expect(page.locator(STARTED)).to_have_attribute("title", re.compile("CEST|IST"))


def test_the_next_page_is_right_from_the_start(looks: Callable[..., Page], live_site: Site):
    berlin = looks("Europe/Berlin")
    answer = berlin.request.get(f"{live_site.url}/runs/").text()
    assert 'data-zone="Europe/Berlin"' in answer


def test_without_scripts_it_is_utc_and_says_so(looks: Callable[..., Page]):
    page = looks("Asia/Kolkata", java_script_enabled=False)
    expect(page.locator(STARTED)).to_have_text("12:00:07")
    expect(page.locator(".topbar")).to_contain_text("Times in UTC")
