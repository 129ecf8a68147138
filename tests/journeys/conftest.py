"""Journeys: a real browser on a real server. A console error or a breach of the policy fails any of them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page

WATCH = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));"""


@pytest.fixture
def expected_troubles() -> list[str]:
    """Parts of console messages that a test provokes on purpose, such as "status of 422"."""
    return []


@pytest.fixture
def page(page: Page, expected_troubles: list[str]) -> Iterator[Page]:
    troubles: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            troubles.append(f"{message.text} ({page.url})")

    page.on("console", note)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.add_init_script(WATCH)
    page.set_default_timeout(10_000)
    yield page
    assert [one for one in troubles if not any(known in one for known in expected_troubles)] == []
