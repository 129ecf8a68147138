"""The step form in a real browser: a wrong path and its mending, the value picker, the picture of tries, a merge."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from designer.actions import add_secret
from designer.models import Draft
from tests.designer.drafts import graph_now
from tests.journeys.editing import Editor
from tests.journeys.test_accessibility import PHONE, violations
from tests.people import person, sign_in
from tests.servers import Site, wait_until

pytestmark = pytest.mark.journey


def inputs_of(draft: Draft) -> dict[str, object]:
    return dict(graph_now(draft).steps["charge"].inputs)  # type: ignore[union-attr]


def test_a_wrong_path_is_mended_where_it_stands(editor: Editor, draft: Draft):
    editor.map("amount", "${ input.amuont }")
    editor.page.keyboard.press("Tab")
    row = editor.form.locator(".mapping-row").filter(has_text="amount")
    expect(row).to_contain_text("“input” has no field “amuont”. Did you mean “amount”?")
    expect(row.locator("input")).to_have_attribute("aria-invalid", "true")
    expect(row.locator(".example")).to_have_text("no value")
    tab = editor.page.get_by_role("navigation", name="Sections").get_by_role(
        "link", name="Input has an error"
    )
    expect(tab).to_be_visible()
    row.get_by_role("button", name="Use input.amount").click()
    expect(row.locator("input")).to_have_value("input.amount")
    expect(row.locator(".example")).to_have_text("1")
    assert inputs_of(draft)["amount"] == "${ input.amount }"


def test_a_value_is_picked_by_the_keyboard(editor: Editor, draft: Draft):
    field = editor.mapped("card")
    field.press("Alt+ArrowDown")
    search = editor.page.get_by_role("combobox", name="Search the values")
    values = editor.page.get_by_role("listbox", name="Values")
    expect(search).to_be_focused()
    expect(values.get_by_role("option", selected=True)).to_contain_text("input")
    assert violations(editor.page) == []
    search.press_sequentially("order text")
    expect(values.get_by_role("option")).to_have_count(1)
    search.press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_value("input.order_id")
    wait_until(lambda: inputs_of(draft)["card"] == "${ input.order_id }", what="the save")


def test_a_secret_is_picked_by_its_name(editor: Editor, draft: Draft):
    add_secret(name="gateway_token", value="C4nary-value", by=person("admin"))
    editor.page.reload()
    field = editor.mapped("card")
    field.press("Alt+ArrowDown")
    editor.page.get_by_role("combobox", name="Search the values").fill("gateway")
    secrets = editor.page.get_by_role("listbox", name="Values").get_by_role("group", name="Secrets")
    expect(secrets.get_by_role("option")).to_have_text(["secret.gateway_tokensecret"])
    editor.page.keyboard.press("Enter")
    expect(field).to_have_value("secret.gateway_token")
    wait_until(lambda: inputs_of(draft)["card"] == "${ secret.gateway_token }", what="the save")
    expect(editor.page.get_by_text("No problems")).to_be_visible()


def test_the_picker_leaves_everything_as_it_is_when_it_is_closed(editor: Editor):
    field = editor.mapped("card")
    field.press("Control+Space")
    editor.page.get_by_role("combobox", name="Search the values").fill("nothing like that")
    expect(editor.page.get_by_text("Nothing here has that name.")).to_be_visible()
    editor.page.keyboard.press("Escape")
    expect(field).to_be_focused()
    expect(field).to_have_value("input.card")


def test_a_path_is_put_where_the_caret_stands(editor: Editor, draft: Draft):
    field = editor.mapped("amount")
    field.fill("input.am + 5.0")
    field.press("Home")
    field.locator("xpath=following-sibling::button").click()
    editor.page.get_by_role("listbox", name="Values").get_by_role("option").filter(
        has_text="input.amount"
    ).click()
    expect(field).to_have_value("input.amount + 5.0")
    field.press("Tab")
    wait_until(lambda: inputs_of(draft)["amount"] == "${ input.amount + 5.0 }", what="the save")


def test_the_picture_follows_the_numbers(editor: Editor, draft: Draft):
    picture = editor.form.get_by_role("img", name="One try, then it gives up.")
    expect(picture).to_be_visible()
    editor.write("Attempts", "5")
    editor.write("First wait", "0.5")
    editor.page.keyboard.press("Tab")
    expect(editor.form.get_by_text("gives up after about 7.5 s of waiting")).to_be_visible()
    lengths = editor.form.locator("figure.tries .length")
    expect(lengths).to_have_text(["0.5 s", "1 s", "2 s", "4 s"])
    editor.write("Factor", "1")
    editor.page.keyboard.press("Tab")
    expect(lengths).to_have_text(["0.5 s"] * 4)
    namespaces = lengths.evaluate_all("all => all.map((one) => one.namespaceURI.split('/').pop())")
    assert set(namespaces) == {"svg"}


def test_the_input_is_edited_as_json(editor: Editor, draft: Draft):
    editor.write("Time limit", "20")
    editor.page.get_by_text("Edit as JSON").click()
    text = json.dumps({"amount": "${ input.amount * 2.0 }", "order_id": "x", "card": "y"})
    editor.write("The whole input as JSON", text)
    editor.page.keyboard.press("Tab")
    expect(editor.mapped("amount")).to_have_value("input.amount * 2.0")
    editor.mapped("card").fill('"z"')
    editor.page.keyboard.press("Tab")
    wait_until(lambda: inputs_of(draft)["card"] == "z", what="the save")
    assert inputs_of(draft)["amount"] == "${ input.amount * 2.0 }"


def test_two_tabs_and_what_both_wrote(
    editor: Editor, draft: Draft, another: Callable[..., Page], live_site: Site, expected_troubles: list[str]
):
    expected_troubles.append("status of 409")
    page = another()
    sign_in(page, live_site.url, person("admin"))
    page.goto(editor.page.url)
    other = Editor(page)
    with other.saving():
        other.write("Time limit", "30")
        other.map("card", "tok_1")
    editor.map("amount", 12.5)
    editor.page.keyboard.press("Tab")
    wait_until(lambda: inputs_of(draft)["amount"] == 12.5, what="the save")
    expect(editor.field("Time limit")).to_have_value("30")  # theirs, merged without a word
    assert inputs_of(draft)["card"] == "tok_1"

    with other.saving():
        other.write("Time limit", "40")
    editor.write("Time limit", "50")
    editor.page.keyboard.press("Tab")
    alert = editor.form.get_by_role("alert")
    expect(alert).to_contain_text("ada changed this step")
    expect(editor.field("Time limit")).to_have_value("50")
    assert violations(editor.page) == []
    alert.get_by_role("radio", name="Take theirs: 40 s").check()
    alert.get_by_role("button", name="Save this").click()
    expect(alert).to_have_count(0)
    expect(editor.field("Time limit")).to_have_value("40")
    editor.write("Time limit", "60")
    editor.page.keyboard.press("Tab")
    wait_until(lambda: graph_now(draft).steps["charge"].timeout.total_seconds() == 60, what="the next save")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_in_any_section(
    another: Callable[..., Page], live_site: Site, draft: Draft, scheme: str, size: dict[str, int] | None
):
    page = another(color_scheme=scheme, **({"viewport": size} if size else {}))
    sign_in(page, live_site.url, person("designer"))
    found = {}
    for step, sections in {
        "charge": ("general", "input", "output", "retry", "undo", "links"),
        "ask": ("review", "evidence", "outcomes"),
        "large": ("choices",),
        "done": ("output",),
        "refused": ("error",),
    }.items():
        for section in sections:
            page.goto(f"{live_site.url}/workflows/small/edit/?step={step}&section={section}")
            page.locator("html[data-editor]").wait_for(state="attached")
            for details in page.locator(".section-form details").all():
                details.evaluate("one => { one.open = true }")
            found[f"{step} {section}"] = violations(page)
            if size:
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (
                    step,
                    section,
                )
    assert [f"{where}: {one}" for where, them in found.items() for one in them] == []
