"""The pages of an import: axe finds nothing on them, they fit into a hand, and each way shows only its own fields."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from designer.actions import import_document
from tests.designer.asl import JSONATA, ORDER
from tests.designer.drafts import SMALL
from tests.journeys.test_accessibility import PHONE, violations
from tests.people import person, sign_in
from tests.servers import Site

pytestmark = pytest.mark.journey

PAGES = {
    "the form": "/workflows/import/",
    "the report": "/workflows/take_an_order/import/",
    "data": "/workflows/take_an_order/edit/?step=charge_card&section=data",
    "rules": "/workflows/take_an_order/edit/?step=is_it_large&section=choices",
    "data in JSONata": "/workflows/sums/edit/?step=tell&section=data",
    "how it is undone": "/workflows/small/edit/",
    "losses": "/workflows/small/export/",
    "no losses": "/workflows/take_an_order/export/",
}


@pytest.fixture
def site(live_site: Site) -> Site:
    for document, key in ((ORDER, ""), (JSONATA, "sums"), (SMALL, "")):
        import_document(document=document, by=person("designer"), key=key)
    return live_site


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    another: Callable[..., Page], site: Site, scheme: str, size: dict[str, int] | None
):
    page = another(color_scheme=scheme, **({"viewport": size} if size else {}))
    sign_in(page, site.url, person("admin"))
    found, wide = {}, {}
    for name, address in PAGES.items():
        page.goto(site.url + address)
        page.locator("html[data-shortcuts]").wait_for(state="attached")
        for folded in page.locator("main details:not(.more):not([open]) > summary").all():
            if folded.is_visible():
                folded.click()
        found[name] = violations(page)
        wide[name] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert not [f"{name}: {one}" for name, several in found.items() for one in several]
    assert {name: by for name, by in wide.items() if by > 0} == {}


def test_a_way_shows_what_it_has_to_know_and_a_refusal_stands_there(
    page: Page, site: Site, expected_troubles: list[str]
):
    expected_troubles.append("status of 422")
    sign_in(page, site.url, person("designer"))
    page.goto(site.url + PAGES["the report"])
    row = page.get_by_role("group", name="Charge card")
    expect(row.get_by_label("Step type")).to_have_value("payments.charge@^2")
    row.get_by_label("Bind it to").select_option("http")
    expect(row.get_by_label("Step type")).to_be_hidden()
    row.get_by_label("Address").fill("")
    page.get_by_role("button", name="Bind and open the editor").click()
    expect(row.locator(".field-error")).to_contain_text("Give the address")
    assert violations(page) == []
    row.get_by_label("Address").fill("https://pay.example.com/charges")
    page.get_by_role("button", name="Bind and open the editor").click()
    expect(page.locator(".toast")).to_contain_text("Bound 3 steps.")
    expect(page.get_by_role("link", name=re.compile("^Bind"))).to_have_count(0)


def test_data_is_saved_as_one_types_it(page: Page, site: Site):
    sign_in(page, site.url, person("designer"))
    page.goto(site.url + PAGES["data"])
    page.get_by_role("textbox", name="Parameters").fill('{"amount.$": "$.total"}')
    expect(
        page.locator("#toolbar").get_by_role("button", name=re.compile("^Undo: Charge card"))
    ).to_be_visible()
    page.reload()
    expect(page.get_by_role("textbox", name="Parameters")).to_have_value('{\n  "amount.$": "$.total"\n}')
