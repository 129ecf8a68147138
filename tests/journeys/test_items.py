"""A map on real workers: the card fills while one looks, an item fails, and a retry does only that one."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from runs.models import DeadLetter
from tests.actions.flows import flow
from tests.factories import a_run, action
from tests.journeys.test_live_page import open_run
from tests.servers import Cluster, Site, wait_until

pytestmark = pytest.mark.journey


def test_a_map_fills_fails_and_is_mended(page: Page, live_site: Site, cluster: Cluster, tmp_path: Path):
    files = [tmp_path / f"{number}" for number in range(1, 7)]
    files[0].touch()
    gate = action("acme.gate", **{"with": {"path": "${ item.path }", "seconds": "${ item.seconds }"}})
    body: dict[str, Any] = {"kind": "map", "title": "Open the gates", "items": "${ input.gates }"}
    body |= {"start": "one", "steps": {"one": gate}, "max_concurrency": 2, "on_exhausted": "dead_letter"}
    body["join"] = {"on_failure": "wait"}
    gates = [{"path": str(file), "seconds": 60 if file != files[4] else 0.1} for file in files]
    run = a_run(flow(all=body), {"gates": gates})
    view = open_run(page, live_site, run)
    card = page.locator("#items-all")
    expect(card).to_contain_text("1 of 6 done · 2 under way · 3 waiting", timeout=20_000)
    for file in (*files[1:4], files[5]):
        file.touch()
    expect(card).to_contain_text("5 of 6 done · 1 failed", timeout=20_000)
    view.is_the_same_page()
    card.locator(".failed-items a").click()
    expect(page.locator("#run-step")).to_contain_text("Item 5 of 6")
    files[4].touch()
    page.get_by_role("link", name=re.compile("^Retry Open")).click()
    expect(page.locator("form.card")).to_contain_text(
        "It does again only the one item that has not succeeded."
    )
    page.get_by_label("Reason").fill("The gate is open now.")
    page.get_by_role("button", name="Resolve it").click()
    expect(page.locator("#items-all")).to_contain_text("6 of 6 done", timeout=20_000)
    wait_until(lambda: run.step_runs.filter(key="all", status="succeeded").exists(), what="the map")
    assert run.step_runs.filter(key="one").count() == 7
    assert DeadLetter.objects.get(run=run).resolution == "retry"
