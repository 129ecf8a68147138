"""The editor around the step form: keys, the graph, moving, undo, publishing, who else is here, a phone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from designer.actions import create_workflow, edit_draft, import_document, publish
from designer.graph import AddStep
from designer.models import Draft, Workflow
from tests.designer.drafts import SMALL, graph_now, revision_now
from tests.journeys.editing import Editor
from tests.journeys.test_accessibility import violations
from tests.people import person, sign_in
from tests.servers import Site, wait_until

pytestmark = pytest.mark.journey
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def draft(live_site: Site) -> Draft:
    return import_document(document=SMALL, by=person("designer"))


@pytest.fixture
def published(draft: Draft) -> Draft:
    publish(draft=draft, note="First.", revision=draft.revision, by=person("designer"))
    return draft


@pytest.fixture
def editor(page: Page, live_site: Site, draft: Draft) -> Iterator[Editor]:
    sign_in(page, live_site.url, person("designer"))
    page.goto(f"{live_site.url}/workflows/small/edit/?step=charge")
    page.locator("html[data-shortcuts=on]").wait_for(state="attached")
    yield Editor(page)


def shows(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=2, name=name, exact=True)).to_be_visible()


def at_rest(page: Page) -> None:
    """Nothing is under way, and no field has the focus: keys are the editor's."""
    wait_until(lambda: not page.locator(".htmx-request").count(), what="the last answer")
    page.evaluate("document.activeElement.blur()")


def press(page: Page, key: str) -> None:
    at_rest(page)
    page.keyboard.press(key)


def test_three_steps_are_built_by_the_keyboard_alone(page: Page, live_site: Site):
    draft = create_workflow(key="small", title="Small", owner="", by=person("designer"))
    sign_in(page, live_site.url, person("designer"))
    page.goto(f"{live_site.url}/workflows/small/edit/")
    page.locator("html[data-shortcuts=on]").wait_for(state="attached")
    for kind, title in (("Wait", "Pause"), ("Set", "Remember"), ("Succeed", "Over")):
        press(page, "a")
        expect(page.locator("#add-kind")).to_be_focused()
        page.keyboard.type(kind)
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type(title)
        page.keyboard.press("Enter")
        shows(page, title)
    steps = graph_now(draft).steps
    assert [(step.kind, step.next) for step in steps.values()] == [
        ("wait", "remember"), ("set", "over"), ("succeed", None),
    ]  # fmt: skip

    press(page, "ArrowUp")
    shows(page, "Remember")
    press(page, "ArrowUp")
    shows(page, "Pause")
    press(page, "Alt+ArrowDown")
    wait_until(lambda: graph_now(draft).start == "remember", what="the move")
    press(page, "c")
    expect(page.locator("#connect-target")).to_be_focused()
    page.keyboard.type("Remember")
    page.keyboard.press("Control+Enter")
    wait_until(lambda: graph_now(draft).steps["pause"].next == "remember", what="the connection")
    shows(page, "Pause")
    press(page, "Delete")
    wait_until(lambda: list(graph_now(draft).steps) == ["remember", "over"], what="the removal")
    expect(page.locator("#graph-pause")).to_have_count(0)
    for step in ("pause", "over"):
        press(page, "Control+z")
        expect(page.locator(f"#graph-{step}")).to_have_count(1)
    press(page, "Control+Shift+z")
    expect(page.get_by_text("Made again: Connect Pause")).to_be_visible()


def test_arrows_walk_the_graph_in_every_direction(editor: Editor):
    page = editor.page
    for key, name in (
        ("ArrowDown", "Is it large?"),
        ("ArrowDown", "Ask a person"),
        ("ArrowUp", "Is it large?"),
    ):
        press(page, key)
        shows(page, name)
    page.get_by_text("List", exact=True).click()
    press(page, "ArrowDown")
    shows(page, "Ask a person")


def test_an_arrow_in_a_field_stays_in_the_field(editor: Editor):
    editor.field("Time limit").press("ArrowDown")
    shows(editor.page, "Charge card")


def test_a_box_is_a_link_and_a_way_takes_a_step(editor: Editor, draft: Draft):
    page = editor.page
    page.locator("#graph-ask a").click()
    shows(page, "Ask a person")
    assert page.url.endswith("?step=ask")
    page.get_by_role("link", name="Add a step between Charge card and Is it large?").dispatch_event("click")
    page.locator("#add-kind").select_option("set")
    page.locator("#add-title").fill("Note")
    page.get_by_role("button", name="Add step", exact=True).click()
    shows(page, "Note")
    assert graph_now(draft).steps["charge"].next == "note"
    assert graph_now(draft).steps["note"].next == "large"


def test_what_is_saved_is_drawn(editor: Editor, published: Draft):
    page = editor.page
    page.reload()
    expect(page.get_by_role("link", name="Publish v2")).to_have_attribute(
        "title", "Nothing has changed since v1"
    )
    editor.write("Time limit", "20")
    page.keyboard.press("Tab")
    expect(page.locator("#graph-charge.changed")).to_have_count(1)
    expect(page.locator("#outline .changes")).to_contain_text("timeout 10s 20s")
    press(page, "Control+z")
    expect(page.locator("#graph-charge.changed")).to_have_count(0)


def test_zoom_stays_while_one_walks(editor: Editor):
    page = editor.page
    page.get_by_role("button", name="Fit the graph").click()
    fitted = page.locator("#zoom-now").text_content()
    page.get_by_role("button", name="Smaller").click()
    expect(page.locator("#zoom-now")).not_to_have_text(fitted or "")
    smaller = page.locator("#zoom-now").text_content()
    press(page, "ArrowDown")
    shows(page, "Is it large?")
    expect(page.locator("#zoom-now")).to_have_text(smaller or "")


def test_it_is_published_with_what_changes_before_one_s_eyes(editor: Editor, published: Draft):
    page = editor.page
    edit_draft(
        draft=published,
        operation=AddStep("set", "note", "Note", after="charge"),
        revision=revision_now(published),
        by=person("designer"),
    )
    page.reload()
    page.get_by_role("link", name="Compare with v1").click()
    expect(page.locator("#after-note.new")).to_have_count(1)
    expect(page.get_by_text("Runs go another way.")).to_be_visible()
    page.goto(page.url.replace("compare/1/draft", "publish"))
    expect(page.get_by_text("Runs that are under way stay on v1")).to_be_visible()
    page.get_by_label("Note").fill("With a note.")
    page.get_by_role("button", name="Publish v2").click()
    expect(page.get_by_text("Published v2 (1.1.0).")).to_be_visible()
    assert Workflow.objects.get().published.number == 2  # type: ignore[union-attr]


def test_whoever_publishes_has_seen_the_last_edit(
    editor: Editor, published: Draft, expected_troubles: list[str]
):
    page = editor.page
    expected_troubles.append("status of 409")
    by = person("admin")
    for key in ("one", "two"):
        edit_draft(
            draft=published,
            operation=AddStep("set", key, after="charge"),
            revision=revision_now(published),
            by=by,
        )
        if key == "one":
            page.goto(page.url.partition("/edit/")[0] + "/publish/")
    page.get_by_label("Note").fill("Because.")
    page.get_by_role("button", name="Publish v2").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "ada changed the draft since you looked at it. Look again."
    )
    expect(page.get_by_label("Note")).to_have_value("Because.")
    expect(page.locator(".diff")).to_contain_text("Two")


def test_two_people_see_where_the_other_is(
    editor: Editor, live_site: Site, another: Callable[..., Page], draft: Draft
):
    page, other = editor.page, another()
    sign_in(other, live_site.url, person("admin"))
    other.goto(f"{live_site.url}/workflows/small/edit/?step=ask")
    expect(page.locator("#presence")).to_contain_text("ada, in Ask a person")
    expect(page.locator("#who-ask")).to_contain_text("AD")
    expect(other.locator("#presence")).to_contain_text("dora, in Charge card")
    page.locator("#graph-large a").click()
    expect(other.locator("#presence")).to_contain_text("dora, in Is it large?")
    expect(other.locator("#who-charge")).to_have_text("")
    other.goto(f"{live_site.url}/workflows/")
    expect(page.locator("#presence")).to_have_text("")
    expect(page.locator("#who-ask")).to_have_text("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(
    another: Callable[..., Page], live_site: Site, published: Draft, scheme: str, size: dict[str, int] | None
):
    page = another(color_scheme=scheme, **({"viewport": size} if size else {}))
    sign_in(page, live_site.url, person("designer"))
    edit_draft(
        draft=published,
        operation=AddStep("action", "note", "Note", after="charge"),
        revision=revision_now(published),
        by=person("designer"),
    )
    found = []
    for place in (
        "edit/?step=charge",
        "edit/",
        "edit/add/",
        "edit/steps/charge/connect/",
        "compare/1/draft/",
        "publish/",
    ):
        page.goto(f"{live_site.url}/workflows/small/{place}")
        page.locator("html[data-shortcuts]").wait_for(state="attached")
        if size and place.startswith("edit"):
            for pane in ("Steps", "Graph"):
                page.locator(".pane-switch").get_by_text(pane, exact=True).click()
                found += [f"{place} {pane}: {one}" for one in violations(page)]
        found += [f"{place}: {one}" for one in violations(page)]
    assert not found, "\n".join(found)


def test_on_a_phone_one_thing_at_a_time(another: Callable[..., Page], live_site: Site, draft: Draft):
    page = another(viewport=PHONE)
    sign_in(page, live_site.url, person("designer"))
    page.goto(f"{live_site.url}/workflows/small/edit/?step=charge")
    switch = page.locator(".pane-switch")
    expect(page.locator("#step-form")).to_be_visible()
    switch.get_by_text("Graph", exact=True).click()
    expect(page.locator("#graph")).to_be_visible()
    expect(page.locator("#step-form")).to_be_hidden()
    page.locator("#graph-ask a").click()
    expect(page.locator("#step-form")).to_be_visible()
    shows(page, "Ask a person")
    switch.get_by_text("Steps", exact=True).click()
    expect(page.get_by_role("navigation", name="Steps")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_boxes_lead_to_their_steps(
    another: Callable[..., Page], live_site: Site, draft: Draft, expected_troubles: list[str]
):
    expected_troubles.append("status of 422")
    page = another(java_script_enabled=False)
    sign_in(page, live_site.url, person("designer"))
    page.goto(f"{live_site.url}/workflows/small/edit/")
    page.locator("#graph-ask a").click()
    shows(page, "Ask a person")
    page.locator("#step-head summary").click()
    page.get_by_role("button", name="Move down").click()
    expect(page.get_by_text("Ask a person cannot move past")).to_be_visible()
