"""Editing in a real browser: saved as one types, nothing lost on the way, two people, one click to mend."""

import pytest
from playwright.sync_api import Browser, expect

from designer.actions import edit_draft
from designer.graph import ReplaceStep
from designer.models import Draft
from tests.designer.drafts import graph_now, revision_now
from tests.journeys.editing import Editor
from tests.people import person, sign_in
from tests.servers import Site, wait_until

pytestmark = pytest.mark.journey


def timeout_of(draft: Draft) -> float:
    return graph_now(draft).steps["charge"].timeout.total_seconds()  # type: ignore[union-attr]


def test_what_is_typed_is_saved(editor: Editor, draft: Draft):
    editor.write("Time limit", "20s")
    editor.page.keyboard.press("Tab")
    wait_until(lambda: timeout_of(draft) == 20, what="the save")
    expect(editor.page.get_by_role("button", name="Undo: Charge card: timeout 10s to 20s")).to_be_visible()


def test_focus_and_typing_stay_while_something_is_saved(editor: Editor, draft: Draft):
    editor.write("Time limit", "20s")
    field = editor.mapped("amount")
    field.press("End")
    field.press_sequentially(" * 2.0", delay=120)  # the answer to the first field comes in between
    wait_until(lambda: timeout_of(draft) == 20, what="the save of the first field")
    expect(field).to_be_focused()
    expect(field).to_have_value("input.amount * 2.0")
    editor.page.keyboard.press("Tab")
    wait_until(
        lambda: graph_now(draft).steps["charge"].inputs["amount"] == "${ input.amount * 2.0 }",
        what="the save",
    )


def test_going_on_at_once_loses_nothing(editor: Editor, draft: Draft):
    editor.write("Time limit", "20s")
    editor.open_step("Ask a person")
    assert timeout_of(draft) == 20
    editor.write("Due within", "1h")
    editor.page.get_by_role("link", name="Publish v1").click()
    expect(editor.page.get_by_role("heading", name="Publish v1")).to_be_visible()
    assert graph_now(draft).steps["ask"].due.total_seconds() == 3600


def test_edits_made_faster_than_they_are_answered_never_clash(editor: Editor, draft: Draft):
    for number in range(3, 9):
        editor.write("Time limit", f"{number}0s")
        editor.form.evaluate("form => form.requestSubmit()")
    wait_until(lambda: timeout_of(draft) == 80, what="the last save")
    expect(editor.form.get_by_role("alert")).to_have_count(0)


def test_a_row_waits_until_it_is_whole(editor: Editor, draft: Draft, expected_troubles: list[str]):
    editor.open_section("Output")
    row = editor.row("New variable")
    editor.write("Variable", "paid", within=row)
    editor.page.keyboard.press("Tab")
    editor.page.wait_for_timeout(700)  # longer than the editor waits before it saves
    expect(editor.form.locator("[aria-invalid]")).to_have_count(0)
    expect(editor.page.get_by_text("Not saved yet")).to_be_visible()
    expected_troubles.append("status of 422")
    editor.page.get_by_role("link", name="Retry", exact=True).click()
    expect(editor.form.get_by_text("This field is required.")).to_be_visible()
    editor.write("Value", "output.amount", within=editor.row("Variable 1"))
    editor.open_section("Retry")
    assert graph_now(draft).steps["charge"].assign == {"paid": "${ output.amount }"}


def test_every_section_of_a_step_is_walked_to_and_fro(editor: Editor):
    """Chromium died of a list of values that was carried from one section into the next."""
    for _ in range(2):
        for section in ("General", "Input", "Output", "Retry", "Undo", "Links"):
            editor.open_section(section)


def test_a_typing_error_stays_and_is_told(editor: Editor, draft: Draft, expected_troubles: list[str]):
    expected_troubles.append("status of 422")
    editor.write("Time limit", "soon")
    editor.page.keyboard.press("Tab")
    expect(editor.form.get_by_text("“soon” is not a duration.")).to_be_visible()
    expect(editor.field("Time limit")).to_have_value("soon")
    dialogs = []
    editor.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    editor.page.get_by_role("link", name="Retry", exact=True).click()
    wait_until(lambda: dialogs or editor.page.wait_for_timeout(50), what="the question")
    assert "is not saved" in dialogs[0]
    expect(editor.field("Time limit")).to_have_value("soon")
    editor.write("Time limit", "20s")
    editor.open_section("Retry")
    assert timeout_of(draft) == 20


def test_a_wrong_path_is_told_under_its_field_and_mended_by_a_click(editor: Editor, draft: Draft):
    editor.open_step("Charged")
    editor.write("Value", "steps.charge.output.idd", within=editor.row("Value 1"))
    editor.page.keyboard.press("Tab")
    expect(editor.page.get_by_text("1 error", exact=True)).to_be_visible()
    publish = editor.page.get_by_role("link", name="Publish v1")
    expect(publish).to_have_attribute("title", "Fix 1 error first")
    editor.page.get_by_role("button", name="1 error").click()
    problems = editor.page.get_by_role("region", name="Problems")
    problems.get_by_role("button").click()
    expect(editor.page.get_by_text("No problems")).to_be_visible()
    assert graph_now(draft).steps["done"].output == {"charge": "${ steps.charge.output.id }"}
    expect(editor.field("Value", editor.row("Value 1"))).to_have_value("steps.charge.output.id")


def test_rows_are_removed_and_moved(editor: Editor, draft: Draft):
    editor.open_step("Ask a person")
    editor.open_section("Outcomes")
    editor.page.get_by_role("button", name="Move outcome 2 up").click()
    expect(editor.field("Name", editor.row("Outcome 1"))).to_have_value("reject")
    expect(editor.field("Next", editor.row("Outcome 1"))).to_have_value("refused")
    expect(editor.field("Reason required", editor.row("Outcome 1"))).to_be_checked()
    editor.page.get_by_role("button", name="Remove outcome 2").click()
    expect(editor.row("Outcome 2")).to_have_count(0)
    assert [outcome.name for outcome in graph_now(draft).steps["ask"].outcomes] == ["reject"]


def test_undo_by_the_keyboard(editor: Editor, draft: Draft):
    editor.page.get_by_role("button", name="Remove step").click()
    expect(
        editor.page.get_by_role("navigation", name="Steps").get_by_role("link", name="Charge card")
    ).to_have_count(0)
    editor.page.locator("body").click(position={"x": 400, "y": 850})
    editor.page.keyboard.press("Control+z")
    expect(editor.page.get_by_text("Undone: Remove step Charge card (by dora)")).to_be_visible()
    assert "charge" in graph_now(draft).steps


def test_two_people_in_one_step(editor: Editor, draft: Draft, expected_troubles: list[str]):
    expected_troubles.append("status of 409")
    theirs = ReplaceStep(
        graph_now(draft)
        .steps["charge"]
        .__class__(key="charge", title="Take the money", does="payments.charge@^2")
    )
    edit_draft(draft=draft, operation=theirs, revision=revision_now(draft), by=person("admin"))
    editor.write("Time limit", "20s")
    editor.page.keyboard.press("Tab")
    alert = editor.form.get_by_role("alert")
    expect(alert).to_contain_text("ada changed this step since you opened it.")
    expect(alert.get_by_role("group", name="Time limit")).to_contain_text("Take theirs: nothing")
    expect(editor.field("Time limit")).to_have_value("20s")
    alert.get_by_role("button", name="Save this").click()
    expect(alert).to_have_count(0)
    assert timeout_of(draft) == 20
    assert graph_now(draft).steps["charge"].title == "Take the money"


def test_theirs_can_be_taken(editor: Editor, draft: Draft, expected_troubles: list[str]):
    expected_troubles.append("status of 409")
    theirs = (
        graph_now(draft)
        .steps["charge"]
        .__class__(key="charge", title="Take the money", does="payments.charge@^2")
    )
    edit_draft(draft=draft, operation=ReplaceStep(theirs), revision=revision_now(draft), by=person("admin"))
    editor.write("Time limit", "20s")
    editor.page.keyboard.press("Tab")
    editor.form.get_by_role("alert").get_by_role("link", name="Take all of theirs").click()
    expect(editor.field("Time limit")).to_have_value("")
    assert graph_now(draft).steps["charge"] == theirs


def test_it_can_be_read_and_saved_without_scripts(browser: Browser, live_site: Site, draft: Draft):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_site.url, person("designer"))
    page.goto(f"{live_site.url}/workflows/small/edit/")
    page.get_by_role("navigation", name="Steps").get_by_role("link", name="Charge card").click()
    editor = Editor(page)
    editor.write("Time limit", "20s")
    page.get_by_role("button", name="Save").click()
    assert timeout_of(draft) == 20
    page.get_by_role("link", name="Undo", exact=True).click()
    expect(page.get_by_text("runs if a later step gives up")).to_be_visible()
    context.close()
