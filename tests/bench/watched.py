"""The figures of `make watching`. Started by `tests.bench.watching` with the environment set.

Ready is when the scripts have run and the socket is open, by the browser's clock from the start of navigation.
A commit is seen when its line stands in the document; the time of the journal entry is taken before the commit.
Ten readers have ten machines, so first one is a browser here and nine are sockets that only receive; then ten
browsers share this machine's processors with the server and the worker.
"""

import statistics
import sys
from collections.abc import Sequence
from threading import Thread
from typing import Any

from playwright.sync_api import Page, sync_playwright
from websockets.sync.client import connect
from websockets.typing import Origin

from runs.actions import start_run
from runs.models import Run
from tests.browser import FLAGS, chromium_path
from tests.factories import a_version
from tests.servers import wait_until

STEPS, VIEWERS, LOADS, PAUSE = 60, 10, 9, 0.4
READY = """
const look = () => {
  if (document.querySelector("[data-live]")?.textContent === "Live") window.readyAt = performance.now();
  else requestAnimationFrame(look);
};
look();
"""
SEEN = """() => {
  window.seen = {};
  const list = document.querySelector("#events");
  const lines = () => [...list.querySelectorAll("[data-seq]")].map((line) => line.dataset.seq);
  const known = new Set(lines());
  new MutationObserver(() => {
    for (const seq of lines()) if (!known.has(seq)) window.seen[seq] ??= Date.now();
  }).observe(list, {childList: true});
}"""
WEIGHT = """() => performance.getEntries()
  .filter((entry) => ["navigation", "resource"].includes(entry.entryType))
  .map((entry) => [entry.entryType, entry.decodedBodySize])"""


def started(name: str, seconds: float) -> Run:
    steps: dict[str, Any] = {
        f"s{number}": {
            "kind": "action",
            "title": f"Step number {number}",
            "does": "acme.sleep",
            "with": {"seconds": seconds},
        }
        for number in range(STEPS)
    }
    for number in range(STEPS - 1):
        steps[f"s{number}"]["next"] = f"s{number + 1}"
    return start_run(version=a_version({"key": name, "start": "s0", "steps": steps}), inputs={})


class Listener:
    """A reader elsewhere: it costs the server what a page costs, and this machine no drawing."""

    def __init__(self, address: str, site: str, cookies: str) -> None:
        self.socket = connect(
            address, origin=Origin(site), additional_headers={"Cookie": cookies}, max_size=None
        )
        self.thread = Thread(target=self.listen)
        self.thread.start()

    def listen(self) -> None:
        for _ in self.socket:
            pass

    def leave(self) -> None:
        self.socket.close()
        self.thread.join()


def is_over(run: Run) -> bool:
    run.refresh_from_db()
    return run.ended_at is not None


def measure_weight(page: Page, address: str) -> None:
    ready, parsed, sizes = [], [], []
    for _ in range(LOADS):
        page.goto(address)
        wait_until(lambda: page.evaluate("window.readyAt"), what="the socket")
        ready.append(page.evaluate("window.readyAt"))
        parsed.append(page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"))
        sizes = page.evaluate(WEIGHT)
    document = sum(size for kind, size in sizes if kind == "navigation")
    rest = sum(size for kind, size in sizes if kind == "resource")
    print(
        f"page of {STEPS} steps: {document / 1000:.0f} kB, with all it needs {(document + rest) / 1000:.0f} kB"
    )
    print(f"parsed after {statistics.median(parsed):.0f} ms, ready after {statistics.median(ready):.0f} ms")


def measure_seeing(page: Page, site: str, *, browsers: int) -> None:
    run = started(f"watched_{browsers}", PAUSE)
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())
    address = f"{site.replace('http', 'ws', 1)}/ws/runs/{run.pk}/?after=0"
    others = [Listener(address, site, cookies) for _ in range(VIEWERS - browsers)]
    viewers = [page.context.new_page() for _ in range(browsers)]
    for viewer in viewers:
        viewer.goto(f"{site}/runs/{run.pk}/")
        wait_until(lambda viewer=viewer: viewer.evaluate("window.readyAt"), what="the socket")
        viewer.evaluate(SEEN)
    wait_until(lambda: is_over(run), seconds=120, what="the run")
    page.wait_for_timeout(1_000)
    at = {str(seq): moment.timestamp() * 1000 for seq, moment in run.journal.values_list("seq", "at")}
    delays = [seen - at[seq] for viewer in viewers for seq, seen in viewer.evaluate("window.seen").items()]
    show(f"commit to document, {VIEWERS} readers, {browsers} of them browsers here", delays)
    for viewer in viewers:
        viewer.close()
    for other in others:
        other.leave()


def show(name: str, values: Sequence[float]) -> None:
    ordered = sorted(values)
    p50, p95 = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, of {len(ordered)}")


def measure() -> None:
    link = sys.argv[1]
    site = link.partition("/sign-in/")[0]
    quick = started("quick", 0.01)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        page = browser.new_context().new_page()
        page.context.add_init_script(READY)
        page.goto(link)
        wait_until(lambda: is_over(quick), seconds=60, what="the run")
        measure_weight(page, f"{site}/runs/{quick.pk}/")
        measure_seeing(page, site, browsers=1)
        measure_seeing(page, site, browsers=VIEWERS)
        browser.close()
