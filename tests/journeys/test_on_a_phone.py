"""On a phone: every list shows itself, and no page is wider than the screen."""

import pytest
from playwright.sync_api import Page, expect

from tests.actions.flows import echo, flow, review
from tests.factories import Hand, a_run
from tests.people import person, sign_in
from tests.servers import Site

pytestmark = pytest.mark.journey


@pytest.fixture
def phone(page: Page, live_site: Site) -> Page:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, live_site.url, person("admin"))
    return page


def test_a_review_is_found(phone: Page, live_site: Site):
    a_run(
        {
            **flow(look=review(), yes=echo("yes"), no={"kind": "fail", "error": "Rejected"}),
            "business_key": "ORD-8",
        }
    )
    Hand().claim()
    phone.goto(f"{live_site.url}/reviews/")
    expect(phone.get_by_role("heading", level=1, name="Reviews")).to_be_visible()
    phone.get_by_role("link", name="ORD-8").click()
    expect(phone.get_by_role("navigation", name="Reviews one by one")).to_contain_text("1 of 1")
    button = phone.get_by_role("button", name="Claim it to decide")
    expect(button).to_be_in_viewport()
    button.click()
    expect(phone.locator("#decision-foot").get_by_role("button", name="Decide")).to_be_in_viewport()


@pytest.mark.parametrize("place", ["workflows", "workflows/new", "runs", "reviews", "people"])
def test_no_page_is_wider_than_the_screen(phone: Page, live_site: Site, place: str):
    phone.goto(f"{live_site.url}/{place}/")
    assert phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_a_step_that_is_chosen_is_in_sight(phone: Page, live_site: Site):
    steps = {f"end_{number}": echo(number) for number in range(20)}
    run = a_run(flow(look=review(), yes=echo("yes"), no={"kind": "fail", "error": "Rejected"}, **steps))
    phone.goto(f"{live_site.url}/runs/{run.pk}/")
    phone.get_by_role("link", name="Look at it").first.click()
    expect(phone.get_by_role("navigation", name="Details")).to_be_in_viewport()
