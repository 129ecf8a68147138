"""From “New workflow” to a run that succeeded, by form alone: nothing is seeded, nothing is posted as a document."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from choreo_site import seeding
from designer.drafts import contracts_of
from designer.graph import Action, Choice, Fail, Graph, Parallel, Review, Succeed, decode, read_document
from designer.models import Workflow
from tests.journeys.editing import Editor
from tests.journeys.orders import RunView, open_shop, start_from_form, workers
from tests.people import person, sign_in
from tests.servers import Site

pytestmark = pytest.mark.journey

AFTER = {
    "validate": "in:",
    "prepare": "after:validate",
    "reserve": "in:prepare/stock",
    "quote": "in:prepare/price",
    "score": "after:prepare",
    "is_risky": "after:score",
    "review": "after:is_risky",
    "charge": "after:review",
    "deliver": "after:charge",
    "book": "in:deliver/courier",
    "issue_invoice": "in:deliver/invoice",
    "notify_customer": "in:deliver/notify",
    "confirm": "after:deliver",
    "done": "after:confirm",
    "declined": "in:",
    "rejected": "in:",
}


def test_order_fulfilment_is_built_by_form_published_and_run(page: Page, live_site: Site, tmp_path: Path):
    example = decode(read_document((Path(seeding.EXAMPLES) / "order_fulfilment.yaml").read_text()))
    sign_in(page, live_site.url, person("designer", "operator"))

    create(page, live_site.url, example)
    editor = Editor(page)
    editor.write_settings(example)
    editor.write_input(example)
    for step in example.steps.values():
        editor.add_step(step, AFTER[step.key])
        write(editor, example, step.key)
    connect(editor, example)
    publish(page)

    version = Workflow.objects.get(key="order_fulfilment").published
    assert version is not None
    built = decode(version.document)
    assert set(built.contracts) == set(contracts_of(example))
    assert replace(built, contracts={}) == example
    with open_shop(tmp_path) as shop, workers(shop):
        start_from_form(page, live_site.url, "ORD-1", "none")
        RunView(page).shows("Succeeded")


def create(page: Page, url: str, example: Graph) -> None:
    page.goto(f"{url}/workflows/new/")
    page.get_by_label("Title").fill(example.title)
    page.get_by_role("textbox", name="Key").fill(example.key)
    page.get_by_label("Owner").fill(example.owner)
    page.get_by_role("button", name="Create the draft").click()
    expect(page.get_by_role("heading", name="No steps yet")).to_be_visible()


def write(editor: Editor, example: Graph, key: str) -> None:
    """All that a step says and that does not name a step still to come."""
    match step := example.steps[key]:
        case Action():
            editor.write_action(step)
        case Parallel():
            editor.write_branches(step)
        case Review():
            editor.write_review(step)
        case Succeed():
            editor.write_output(step)
        case Fail():
            editor.write_error(step)
    if step.assign:
        editor.write_variables(step)


def connect(editor: Editor, example: Graph) -> None:
    """What names later steps, now that they are there."""
    for step in example.steps.values():
        if isinstance(step, Choice):
            editor.open_step(step.title)
            editor.write_choice(step)
        if isinstance(step, Review):
            editor.open_step(step.title)
            editor.write_outcomes(step)
        if step.catch:
            editor.open_step(step.title)
            editor.write_catches(step)


def publish(page: Page) -> None:
    expect(page.get_by_text("No problems")).to_be_visible()
    page.get_by_role("link", name="Publish v1").click()
    page.get_by_label("Note").fill("Built by hand, form by form.")
    page.get_by_role("button", name="Publish v1").click()
    expect(page.get_by_text("Published v1 (1.0.0).")).to_be_visible()
