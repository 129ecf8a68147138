"""Saved as one types, in a real browser: at each pause, without a word, and without a hand on what is typed."""

import pytest
from playwright.sync_api import Locator, Page, expect

from designer.models import Draft
from tests.designer.drafts import graph_now, revision_now
from tests.journeys.editing import Editor
from tests.servers import wait_until

pytestmark = pytest.mark.journey

PAUSE = 1_200  # longer than the editor waits before it saves
SLOW = """() => {
  const quick = window.fetch;
  window.fetch = async (...asked) => {
    const answer = await quick(...asked);
    await new Promise((done) => setTimeout(done, 900));
    return answer;
  };
}"""


def title_of(draft: Draft) -> str:
    return graph_now(draft).steps["charge"].title


def amount_of(draft: Draft) -> object:
    return graph_now(draft).steps["charge"].inputs["amount"]  # type: ignore[union-attr]


def caret(field: Locator) -> list[int]:
    found: list[int] = field.evaluate("one => [one.selectionStart, one.selectionEnd]")
    return found


def sent_by(page: Page) -> list[str]:
    """What the editor saves from now on."""
    found: list[str] = []
    page.on("request", lambda request: request.method == "POST" and found.append(request.url))
    return found


def saved(editor: Editor, draft: Draft, title: str) -> None:
    wait_until(lambda: title_of(draft) == title, what=f"the save of {title}")
    editor.expect_saved()


def test_a_pause_saves_and_leaves_the_caret_where_it_stands(editor: Editor, draft: Draft):
    editor.open_section("General")
    field = editor.field("Title")
    field.press("Home")
    sent = sent_by(editor.page)
    editor.page.keyboard.type("Soon ", delay=60)
    saved(editor, draft, "Soon Charge card")
    assert len(sent) == 1
    expect(field).to_be_focused()
    assert caret(field) == [5, 5]
    editor.page.keyboard.press("Shift+End")
    chosen = caret(field)
    editor.page.wait_for_timeout(PAUSE)
    assert caret(field) == chosen
    editor.page.keyboard.type("it is paid", delay=60)
    saved(editor, draft, "Soon it is paid")
    editor.page.keyboard.press("Tab")
    editor.page.wait_for_timeout(PAUSE)
    assert len(sent) == 2  # what is saved is not sent again
    expect(editor.page.get_by_role("heading", level=2, name="Soon it is paid")).to_be_visible()
    editor.expect_saved()


def test_typing_goes_on_through_slow_answers(editor: Editor, draft: Draft):
    editor.open_section("General")
    editor.page.evaluate(SLOW)
    field = editor.field("Title")
    field.fill("")
    for words in ("Take ", "all ", "of ", "the ", "money"):
        editor.page.keyboard.type(words, delay=40)
        editor.page.wait_for_timeout(780)  # a save begins, and the next words come before its answer
    expect(field).to_have_value("Take all of the money")
    expect(field).to_be_focused()
    saved(editor, draft, "Take all of the money")
    expect(editor.form.get_by_role("alert")).to_have_count(0)
    assert draft.edits.count() == 2
    editor.expect_saved()


def test_what_was_typed_on_the_way_out_outlives_the_answer(editor: Editor, draft: Draft):
    editor.open_section("General")
    editor.page.evaluate(SLOW)
    editor.write("Title", "Take")
    editor.page.wait_for_timeout(900)  # the save is under way
    editor.page.keyboard.type(" it", delay=30)
    editor.page.keyboard.press("Tab")
    editor.page.keyboard.type("billing", delay=30)
    saved(editor, draft, "Take it")
    wait_until(lambda: graph_now(draft).steps["charge"].owner == "billing", what="the owner")
    expect(editor.field("Title")).to_have_value("Take it")
    expect(editor.field("Owner")).to_have_value("billing")
    expect(editor.field("Owner")).to_be_focused()
    editor.expect_saved()


def test_half_an_expression_is_told_over_what_follows(
    editor: Editor, draft: Draft, expected_troubles: list[str]
):
    expected_troubles.append("status of 422")
    field, after = editor.mapped("amount"), editor.mapped("card")
    stood = (field.bounding_box(), after.bounding_box())
    field.press("End")
    editor.page.keyboard.type(" * (2.0", delay=60)
    message = editor.form.locator(".field-error")
    expect(message).to_be_visible()
    assert (field.bounding_box(), after.bounding_box()) == stood
    expect(field).to_be_focused()
    assert caret(field) == [19, 19]
    assert amount_of(draft) == "${ input.amount }"
    editor.page.keyboard.type(" + 1.0)", delay=60)
    expect(message).to_have_count(0)
    wait_until(lambda: amount_of(draft) == "${ input.amount * (2.0 + 1.0) }", what="the save")
    assert (field.bounding_box(), caret(field)) == (stood[0], [26, 26])
    editor.expect_saved()


def test_what_is_wrong_takes_its_place_when_the_field_is_left(
    editor: Editor, draft: Draft, expected_troubles: list[str]
):
    expected_troubles.append("status of 422")
    editor.field("Time limit").fill("")
    editor.page.keyboard.type("5 fo", delay=60)
    floating = editor.form.locator("[data-floating]")
    expect(floating.get_by_text("is not a duration")).to_be_visible()
    editor.page.keyboard.press("Tab")
    expect(floating).to_have_count(0)
    expect(editor.form.get_by_text("“5 fo” is not a duration.")).to_be_visible()


def test_undo_takes_back_the_words_and_not_a_letter(editor: Editor, draft: Draft):
    editor.open_section("General")
    editor.field("Notes").press("End")
    for words in ("Ask ", "the bank ", "first."):
        editor.page.keyboard.type(words, delay=40)
        editor.page.wait_for_timeout(PAUSE)
    wait_until(lambda: graph_now(draft).steps["charge"].notes == "Ask the bank first.", what="the save")
    assert revision_now(draft) == 4
    editor.page.get_by_role("button", name="Undo: Charge card: notes Ask the bank first.").click()
    expect(editor.page.get_by_text("Undone: Charge card: notes Ask the bank first.")).to_be_visible()
    assert graph_now(draft).steps["charge"].notes == ""
    expect(editor.field("Notes")).to_have_value("")
    editor.expect_saved()


def test_a_name_is_saved_when_it_is_left(editor: Editor, draft: Draft):
    editor.open_section("Output")
    row = editor.row("New variable")
    editor.write("Value", "output.amount", within=row)
    sent = sent_by(editor.page)
    editor.field("Variable", row).focus()
    editor.page.wait_for_timeout(PAUSE)
    before = len(sent)
    editor.page.keyboard.type("pa", delay=60)
    editor.page.wait_for_timeout(PAUSE)
    assert len(sent) == before
    editor.page.keyboard.type("id", delay=60)
    editor.page.keyboard.press("Tab")
    wait_until(lambda: graph_now(draft).steps["charge"].assign == {"paid": "${ output.amount }"}, what="it")
    row = editor.row("Variable 1")
    expect(editor.field("Value", row)).to_be_focused()
    editor.page.keyboard.press("End")
    editor.page.keyboard.type(" * 2.0", delay=60)
    wait_until(
        lambda: graph_now(draft).steps["charge"].assign == {"paid": "${ output.amount * 2.0 }"}, what="more"
    )
    expect(editor.field("Value", row)).to_be_focused()
    editor.expect_saved()


def test_the_input_as_json_is_saved_as_it_is_typed(
    editor: Editor, draft: Draft, expected_troubles: list[str]
):
    expected_troubles.append("status of 422")
    editor.page.get_by_text("Edit as JSON").click()
    field = editor.field("The whole input as JSON")
    field.fill('{"amount": "${ input.amount }", "order_id": "x", "card": "y"')
    editor.page.wait_for_timeout(PAUSE)
    expect(field).to_be_focused()
    editor.page.keyboard.type("}")
    wait_until(lambda: graph_now(draft).steps["charge"].inputs["card"] == "y", what="the save")  # type: ignore[union-attr]
    editor.expect_saved()
    expect(editor.mapped("card")).to_have_value('"y"')
    expect(field).to_be_focused()
    expect(field).to_be_visible()
    assert "\n" not in field.input_value()
    editor.page.keyboard.press("Tab")
    wait_until(lambda: "\n" in field.input_value(), what="the server's own way to write it")
    editor.expect_saved()


def test_leaving_a_field_moves_nothing_that_is_being_clicked(editor: Editor, draft: Draft):
    editor.page.get_by_text("Edit as JSON").click()
    field = editor.field("The whole input as JSON")
    with editor.saving():
        field.fill('{"amount": "${ input.amount }", "order_id": "x", "card": "y"}')
    chip = editor.form.get_by_role("group", name="Retry on").get_by_text("Timeout", exact=True)
    chip.hover()
    editor.page.mouse.down()
    editor.page.wait_for_timeout(100)
    editor.page.mouse.up()
    expect(editor.form.get_by_role("checkbox", name="Timeout")).to_be_checked()
    wait_until(lambda: "Timeout" in graph_now(draft).steps["charge"].retry.on, what="the save")  # type: ignore[union-attr]
    wait_until(lambda: "\n" in field.input_value(), what="the server's own way to write it")
    editor.expect_saved()
