"""A map, a loop, and a parallel whose branches wait for each other, built in a real browser by form and by canvas."""

import pytest
from playwright.sync_api import expect

from designer.graph import Branch, Join, Loop, Map, OnBranchFailure, Parallel, SetVariables
from designer.models import Draft
from tests.designer.drafts import graph_now
from tests.journeys.editing import Editor
from tests.journeys.test_accessibility import violations

pytestmark = pytest.mark.journey


def put_in(editor: Editor, where: str, title: str) -> None:
    """Add a step by the plus on the line through an empty branch or body."""
    editor.page.get_by_role("link", name=f"Add a step {where}", exact=True).dispatch_event("click")
    editor.page.locator("#add-kind").select_option("set")
    editor.page.locator("#add-title").fill(title)
    editor.page.get_by_role("button", name="Add step", exact=True).click()
    expect(editor.page.get_by_role("heading", level=2, name=title, exact=True)).to_be_visible()


def test_a_map_is_built_by_form(editor: Editor, draft: Draft):
    editor.add_step(Map(key="each", title="For each line"), "after:charge")
    put_in(editor, "in For each line", "Pack")
    editor.open_step("For each line")
    editor.open_section("Items")
    editor.write("For each item of", "[1, 2, 3]")
    editor.write("At once", "5")
    editor.write("Go on when", "60%")
    with editor.saving():
        editor.choose("If that can no longer be,", "continue")
    assert violations(editor.page) == []
    expect(editor.page.locator(".frame-words")).to_have_text("for each item · 5 at once")
    step = graph_now(draft).steps["each"]
    assert isinstance(step, Map)
    assert (step.items, step.max_concurrency, step.start, step.next) == ([1, 2, 3], 5, "pack", "large")
    assert step.join == Join(wait_for="60%", on_failure=OnBranchFailure.CONTINUE)
    assert graph_now(draft).steps["pack"].scope == "each/item"


def test_a_loop_is_built_by_form(editor: Editor, draft: Draft):
    editor.add_step(Loop(key="again", title="Again"), "after:charge")
    put_in(editor, "in Again", "Ask")
    editor.open_step("Again")
    editor.open_section("Rounds")
    editor.write("So many times", "")
    editor.write("Until", "index >= 3")
    with editor.saving():
        editor.write("Rounds at most", "10")
    assert violations(editor.page) == []
    expect(editor.page.locator(".frame-words")).to_have_text("until index ≥ 3")
    step = graph_now(draft).steps["again"]
    assert isinstance(step, Loop)
    assert (step.until, step.times, step.limit, step.start) == ("${ index >= 3 }", None, 10, "ask_2")


def test_branches_are_put_after_each_other_by_form(editor: Editor, draft: Draft):
    editor.add_step(Parallel(key="both", title="Both"), "after:charge")
    put_in(editor, "in branch first of Both", "One")
    put_in(editor, "in branch second of Both", "Two")
    editor.open_step("Both")
    editor.open_section("Branches")
    second = editor.row("second")
    second.locator("summary").click()
    editor.write("Only if", "input.amount > 5.0", within=second)
    with editor.saving():
        second.get_by_role("group", name="After").get_by_text("first", exact=True).click()
    assert violations(editor.page) == []
    step = graph_now(draft).steps["both"]
    assert isinstance(step, Parallel)
    assert step.branches[1] == Branch("second", "two", when="${ input.amount > 5.0 }", needs=("first",))
    expect(editor.page.locator("#graph-both-first-out")).to_be_attached()
    editor.page.get_by_role("button", name="Move branch second up", exact=True).click()
    expect(editor.page.get_by_label("Branch 1", exact=True)).to_have_value("second")
    editor.open_step("Two")
    editor.open_section("Links")
    assert graph_now(draft).steps["two"] == SetVariables(key="two", title="Two", scope="both/second")
