"""`make clicks`: from the click on Start to what the browser shows, on a fresh installation started by `up`.

Both moments are taken by the browser's own clock: the click, and the first frame of the run page whose status is
Running or beyond; then the moment at which it says Succeeded.
"""

import re
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import FLAGS, chromium_path
from tests.servers import stop_process
from tests.site.test_up import Up

TIMES = 20
WATCH = """
document.addEventListener("click", (event) => {
  if (event.target.closest("button.primary")) sessionStorage.clickedAt = Date.now();
}, true);
const look = () => {
  const word = document.querySelector(".run-head .pill")?.textContent.trim();
  if (word && word !== "Queued") sessionStorage.runningAt ??= Date.now();
  if (word === "Succeeded") sessionStorage.succeededAt ??= Date.now();
  requestAnimationFrame(look);
};
look();
"""


@contextmanager
def fresh_installation() -> Iterator[Up]:
    with tempfile.TemporaryDirectory(prefix="choreo-clicks-") as folder:
        up = Up(Path(folder))
        try:
            yield up
        finally:
            stop_process(up.process)


def click(page: Page, site: str, number: int) -> tuple[float, float]:
    """Milliseconds from the click to Running, and to Succeeded."""
    page.goto(f"{site}/workflows/order_fulfilment/start/")
    page.evaluate("sessionStorage.clear()")
    page.get_by_label("Order number").fill(f"ORD-{number}")
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile("/runs/"))
    expect(page.locator(".run-head .pill").first).to_have_text("Succeeded", timeout=60_000)
    page.wait_for_timeout(50)  # the frame in which it is noted
    clicked, running, succeeded = (
        page.evaluate(f"Number(sessionStorage.{name})") for name in ("clickedAt", "runningAt", "succeededAt")
    )
    return running - clicked, succeeded - clicked


def main() -> None:
    with fresh_installation() as up, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        page = browser.new_page()
        page.add_init_script(WATCH)
        page.goto(up.link())
        click(page, up.site(), 0)  # the first one pays for imports and connections
        found = [click(page, up.site(), number) for number in range(1, TIMES + 1)]
        browser.close()
    for name, values in zip(("Running", "Succeeded"), zip(*found, strict=True), strict=True):
        ordered = sorted(values)
        p50, p95 = statistics.median(ordered), ordered[int(0.95 * len(ordered))]
        print(f"click to {name:9}  p50 {p50:6.0f} ms   p95 {p95:6.0f} ms   of {TIMES}")


if __name__ == "__main__":
    main()
