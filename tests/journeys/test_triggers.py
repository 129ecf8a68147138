"""What starts runs is made by form, and starts them; a lock and a milestone are made by form, and hold them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from designer.actions import import_document
from designer.models import Draft
from runs.models import Run, Trigger, Work
from tests.actions.flows import echo, flow
from tests.docs.test_triggers import call_of_the_page
from tests.factories import a_version, action
from tests.journeys.editing import Editor
from tests.journeys.test_accessibility import violations
from tests.people import person, sign_in
from tests.servers import Cluster, Site

pytestmark = pytest.mark.journey

SCHEMA = {
    "type": "object",
    "required": ["order", "amount"],
    "properties": {
        "order": {"type": "string", "title": "Order"},
        "amount": {"type": "number", "title": "Amount"},
    },
}
ORDER = {
    **flow(note=echo("${ input.order }", timeout="10s")),
    "input": SCHEMA,
    "business_key": "${ input.order }",
}
SOON = 20_000  # milliseconds: workers may still be starting
ROWS = "Order,amount\nCSV-1,10\nCSV-2,many\nCSV-3,30\n"


def test_runs_are_started_by_the_clock_by_a_call_by_a_file_and_by_a_form(
    page: Page, live_site: Site, cluster: Cluster
):
    a_version(ORDER)
    sign_in(page, live_site.url, person("admin"))
    page.goto(f"{live_site.url}/workflows/flow/triggers/")
    page.get_by_role("link", name="Cron").click()
    page.get_by_label("What is it for?").fill("Every working morning")
    page.get_by_label("When", exact=True).fill("0 6 * * 1-5")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_label(re.compile("Input of the run")).fill('{"order": "CRON", "amount": 1}')
    page.get_by_role("button", name="Add the trigger").click()
    row = page.get_by_role("row", name=re.compile("Every working morning"))
    expect(row).to_contain_text("At 06:00")
    make_due(Trigger.objects.get())
    page.get_by_role("link", name="Webhook").click()
    page.get_by_label("What is it for?").fill("From the shop")
    page.get_by_label(re.compile("Input of the run")).fill('{"order": "${ input.body.number }", "amount": 2}')
    page.get_by_role("button", name="Add the trigger").click()
    address, secret = (page.get_by_label(name, exact=True).input_value() for name in ("Address", "Secret"))
    call_of_the_page()(address, secret, {"number": "HOOK"})
    send_a_file(page, live_site)
    page.goto(f"{live_site.url}/workflows/flow/start/")
    page.locator("#id_order").fill("FORM")
    page.get_by_label("Amount").fill("4.5")
    page.get_by_role("button", name="Start the run").click()
    expect(page.locator(".run-head .pill").first).to_have_text("Succeeded", timeout=SOON)
    page.goto(f"{live_site.url}/workflows/flow/triggers/")
    expect(row.get_by_role("link", name="CRON")).to_be_visible()
    expect(
        page.get_by_role("row", name=re.compile("From the shop")).get_by_role("link", name="HOOK")
    ).to_be_visible()
    assert violations(page) == []


def make_due(trigger: Trigger) -> None:
    """As if its moment had come, and it were every minute."""
    due = timezone.now() - timedelta(minutes=1)
    Trigger.objects.filter(pk=trigger.pk).update(next_at=due, cron="* * * * *", catch_up="once")
    Work.objects.filter(trigger=trigger).update(due_at=due)


def send_a_file(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/workflows/flow/start-many/")
    page.get_by_label("CSV file").set_input_files(
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}
    )
    page.get_by_role("button", name="Look at the rows").click()
    expect(page.get_by_text("Row 3: amount: “many” is no number. Write it as 1234.5.")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Start 2 runs").click()
    expect(page.locator("#row-2")).to_contain_text("Succeeded", timeout=SOON)
    expect(page.locator("#row-3")).to_contain_text("Left out")
    expect(page.locator("#row-4")).to_contain_text("Succeeded")
    expect(page.get_by_text("all rows are done")).to_be_visible()
    assert violations(page) == []


@pytest.fixture
def draft(live_site: Site, tmp_path: Path) -> Draft:
    """Two branches: one holds until a file is there, and beside it something is noted."""
    hold = action(
        "acme.gate", title="Hold the press", timeout="1m", **{"with": {"path": str(tmp_path / "gate")}}
    )
    sides = {
        "left": {"start": "hold", "steps": {"hold": hold}},
        "right": {"start": "note", "steps": {"note": echo("x", title="Note it", timeout="10s")}},
    }
    both = {"kind": "parallel", "title": "Both", "branches": sides, "join": {"on_failure": "wait"}}
    schema = {"type": "object", "properties": {"order": {"type": "string", "title": "Order"}}}
    document = {"choreo": 1, "key": "small", "title": "Small", "owner": "acme", **flow(both=both)}
    document |= {"input": schema, "business_key": "${ input.order }"}
    return import_document(document=document, by=person("admin"))


def test_a_lock_and_a_milestone_are_made_by_form_and_watched(
    page: Page, live_site: Site, draft: Draft, cluster: Cluster, tmp_path: Path
):
    sign_in(page, live_site.url, person("admin"))
    page.goto(f"{live_site.url}/workflows/small/edit/?step=hold&section=general")
    editor = Editor(page)
    with editor.saving():
        editor.write("Lock", "the press")
    editor.open_step("Note it")
    editor.open_section("General")
    with editor.saving():
        editor.write("Only while", "'hold' in run.active")
    page.goto(f"{live_site.url}/workflows/small/publish/")
    page.get_by_label("Note").fill("With a lock.")
    page.get_by_role("button", name="Publish v1").click()
    first, second = (start(page, live_site, order) for order in ("ONE", "TWO"))
    expect(page.locator(".run-head")).to_contain_text("Awaits a lock", timeout=SOON)
    expect(page.locator("#events")).to_contain_text("the press")
    page.goto(first)
    expect(page.locator(".run-head .pill").first).to_have_text("Running")
    expect(page.locator("#events")).to_contain_text("Note it succeeded")
    (tmp_path / "gate").touch()
    expect(page.locator(".run-head .pill").first).to_have_text("Succeeded", timeout=SOON)
    page.goto(second)
    expect(page.locator(".run-head .pill").first).to_have_text("Succeeded", timeout=SOON)
    assert violations(page) == []
    assert {run.status for run in Run.objects.all()} == {"succeeded"}


def start(page: Page, site: Site, order: str) -> str:
    page.goto(f"{site.url}/workflows/small/start/")
    page.locator("#id_order").fill(order)
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile("/runs/"))
    return page.url
