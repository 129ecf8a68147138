"""Journeys: a real browser on a real server. A console error or a breach of the policy fails any of them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from designer.actions import import_document
from designer.models import Draft
from tests.demo.shop_process import ShopProcess
from tests.designer.drafts import SMALL
from tests.journeys.editing import Editor
from tests.journeys.orders import open_shop, workers
from tests.people import person, sign_in
from tests.servers import Site

WATCH = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));"""

# What the browser says of a page that is left while its socket is still being opened.
LEFT = "WebSocket is closed before the connection is established"


@pytest.fixture
def expected_troubles() -> list[str]:
    """Parts of console messages that a test provokes on purpose, such as "status of 422"."""
    return []


@pytest.fixture
def page(live_site: Site, page: Page, expected_troubles: list[str]) -> Iterator[Page]:
    """Asks for the site first, so that the site outlives the page: a socket it lost would be a trouble."""
    troubles = watch(page)
    yield page
    assert unexpected(troubles, expected_troubles) == []


@pytest.fixture
def another(
    live_site: Site, browser: Browser, browser_context_args: dict[str, Any], expected_troubles: list[str]
) -> Iterator[Callable[..., Page]]:
    """Opens the browser of another person, watched as well; takes what a context takes."""
    opened: list[tuple[BrowserContext, list[str]]] = []

    def open_page(**how: Any) -> Page:
        context = browser.new_context(**{**browser_context_args, **how})
        page = context.new_page()
        opened.append((context, watch(page)))
        return page

    yield open_page
    for context, _ in opened:
        context.close()
    assert [one for _, troubles in opened for one in unexpected(troubles, expected_troubles)] == []


def watch(page: Page) -> list[str]:
    """What goes wrong on the page from now on."""
    troubles: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            troubles.append(f"{message.text} ({page.url})")

    page.on("console", note)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.add_init_script(WATCH)
    page.set_default_timeout(10_000)
    return troubles


def unexpected(troubles: list[str], expected: list[str]) -> list[str]:
    return [one for one in troubles if not any(known in one for known in [*expected, LEFT])]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopProcess]:
    with open_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture(scope="module")
def crew(shop: ShopProcess, django_db_setup: None) -> Iterator[None]:
    """Real workers who find that shop, for all tests of a file."""
    with workers(shop):
        yield


@pytest.fixture
def draft(live_site: Site) -> Draft:
    return import_document(document=SMALL, by=person("designer"))


@pytest.fixture
def editor(page: Page, live_site: Site, draft: Draft) -> Editor:
    """A designer has the input of a step open."""
    sign_in(page, live_site.url, person("designer"))
    page.goto(f"{live_site.url}/workflows/small/edit/?step=charge&section=input")
    return Editor(page)
