"""`make shots`: every page in both themes and sizes, of a site with real runs, as shots/<page>-<theme>-<width>.png.

A fresh installation is started by `up`, orders are placed and decided in it (tests/shots/scene.py), and their like is
repeated over the days before, so that lists and charts have a past. `ARGS="runs run-undone"` takes only these.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.bench.apart import told_by
from tests.bench.clicks import fresh_installation
from tests.browser import FLAGS, chromium_path
from tests.site.test_up import Up

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "shots"
SIZES = {1440: {"width": 1440, "height": 900}, 390: {"width": 390, "height": 844}}
OPEN = {"sign-in": "/sign-in/"}  # for strangers
PAGES = {
    "workflows": "/workflows/",
    "workflow": "/workflows/order_fulfilment/",
    "version": "/workflows/order_fulfilment/versions/1/",
    "new": "/workflows/new/",
    "import": "/workflows/import/",
    "imported": "/workflows/take_an_order/import/",
    "data": "/workflows/take_an_order/edit/?step=charge_card&section=data",
    "rules": "/workflows/take_an_order/edit/?step=is_it_large&section=choices",
    "export": "/workflows/order_fulfilment/export/",
    "editor": "/workflows/order_fulfilment/edit/?step=book",
    "compare": "/workflows/order_fulfilment/compare/1/draft/",
    "publish": "/workflows/order_fulfilment/publish/",
    "start": "/workflows/order_fulfilment/start/",
    "runs": "/runs/",
    "runs-refused": "/runs/?status=lost&since=yesterday",
    "reviews": "/reviews/",
    "search": "/search/?q=order",
    "people": "/people/",
    "teams": "/teams/",
    "audit": "/audit/",
    "api": "/api/v1/docs/",
    "tokens": "/tokens/",
    "error-404": "/nothing/",
    "error-400": "/workflows/import/?into=%00",
}


def scene(up: Up) -> dict[str, str]:
    """Addresses of runs and reviews in every state, once they are there."""
    found: dict[str, str] = told_by("tests.shots.scene.play", folder=str(up.data))
    return found


def take(browser: Browser, site: str, session: str, pages: dict[str, str], theme: str, width: int) -> None:
    context = browser.new_context(
        viewport=SIZES[width],
        color_scheme=theme,
        reduced_motion="reduce",
        device_scale_factor=1 if width > 700 else 2,
    )
    if session:
        context.add_cookies([{"name": "choreo_session", "value": session, "url": site}])
    page = context.new_page()
    for name, address in pages.items():
        page.goto(site + address)
        page.wait_for_timeout(700)  # parts that load themselves, and fonts
        page.screenshot(path=SHOTS / f"{name}-{theme}-{width}.png")
        print(f"{name}-{theme}-{width}.png", flush=True)
    context.close()


def main() -> None:
    SHOTS.mkdir(exist_ok=True)
    with fresh_installation() as up, sync_playwright() as playwright:
        up.link()
        found = scene(up)
        session = found.pop("session")
        wanted = sys.argv[1:]
        pages = {name: address for name, address in (PAGES | found).items() if name in wanted or not wanted}
        strangers = {name: address for name, address in OPEN.items() if name in wanted or not wanted}
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        for theme in ("light", "dark"):
            for width in SIZES:
                take(browser, up.site(), session, pages, theme, width)
                take(browser, up.site(), "", strangers, theme, width)
        browser.close()


if __name__ == "__main__":
    main()
