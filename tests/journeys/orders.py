"""Orders in a browser: real workers, a real shop, and the run page as somebody reads it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from choreo_site.seeding import seed_examples
from designer.models import Workflow
from runs.actions import start_run
from runs.models import Run
from tests.demo.shop_process import ShopProcess
from tests.people import person
from tests.servers import Cluster, child_environment

PATIENCE = 45_000  # milliseconds: with two cores for a browser, workers, a shop and a server
ADDRESS = {
    "name": "Ada Lindqvist",
    "street": "Torstraße 12",
    "postcode": "10119",
    "city": "Berlin",
    "country": "DE",
}


@contextmanager
def open_shop(folder: Path) -> Iterator[ShopProcess]:
    shop = ShopProcess(folder / "shop.sqlite3")
    try:
        yield shop
    finally:
        shop.close()


@contextmanager
def workers(shop: ShopProcess) -> Iterator[Cluster]:
    cluster = Cluster(child_environment(CHOREO_SHOP_URL=shop.url))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def publish_examples() -> None:
    seed_examples(by=person("admin"))


def order(order_id: str, simulate: str = "none") -> dict[str, Any]:
    """The input of a run, as the form of a new installation would send it."""
    return {
        "order_id": order_id,
        "customer": {"name": "Ada Lindqvist", "email": "ada@example.org"},
        "items": [{"sku": "MUG-01", "quantity": 2}, {"sku": "TEA-07", "quantity": 1}],
        "ship_to": ADDRESS,
        "card": {"token": "tok_demo_visa", "last4": "4242"},
        "simulate": simulate,
    }


def place(order_id: str, simulate: str = "none") -> Run:
    """Start a run without a browser, for tests that are about what comes later."""
    workflow = Workflow.objects.select_related("published").get(key="order_fulfilment")
    assert workflow.published is not None
    return start_run(version=workflow.published, inputs=order(order_id, simulate), by=person("operator"))


def start_from_form(page: Page, url: str, order_id: str, simulate: str) -> None:
    page.goto(f"{url}/workflows/")
    page.get_by_role("row", name=re.compile("order_fulfilment")).get_by_role("link", name="Start").click()
    page.get_by_label("Order number").fill(order_id)
    page.get_by_label("Let the shop").select_option(f'"{simulate}"')
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile("/runs/"))


class RunView:
    """A run page that nobody reloads."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.evaluate("window.neverReloaded = true")

    def shows(self, word: str) -> None:
        expect(self.page.locator(".run-head .pill").first).to_have_text(word, timeout=PATIENCE)

    def step(self, key: str) -> Locator:
        return self.page.locator(f"#step-{key}")

    def is_the_same_page(self) -> None:
        assert self.page.evaluate("window.neverReloaded") is True

    def record(self, selector: str) -> None:
        """Note every text that the place shows from now on."""
        self.page.evaluate(
            """(selector) => {
              window.seen = [];
              const note = () => {
                const text = document.querySelector(selector)?.textContent.trim() ?? "";
                if (text && window.seen.at(-1) !== text) window.seen.push(text);
              };
              note();
              new MutationObserver(note).observe(document.body, {subtree: true, childList: true, characterData: true});
            }""",
            selector,
        )

    def recorded(self) -> list[str]:
        return self.page.evaluate("window.seen")

    def undo_order(self) -> list[str]:
        return self.page.locator(".undo-order .undo-name").all_text_contents()

    def events(self) -> list[str]:
        """Oldest first."""
        return list(reversed(self.page.locator("#events .event .text").all_inner_texts()))
