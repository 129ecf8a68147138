"""Where Chromium is. `python -m tests.browser` prints it, or fails."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# The headless shell is the same browser without the windows that nobody sees: it takes half the processor time.
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
NAMES = (*SHELLS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The background fetches of a fresh profile only fail on a machine without a network, many at a time.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str | None:
    """CHROMIUM_PATH, else the one on PATH, else what Playwright has downloaded. A wrong CHROMIUM_PATH is not
    replaced by another one."""
    if named := os.environ.get("CHROMIUM_PATH"):
        return shutil.which(named)
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or downloaded_chromium()


def downloaded_chromium() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


if __name__ == "__main__":
    path = chromium_path()
    print(path or "")
    sys.exit(path is None)
