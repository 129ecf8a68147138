"""app.js in a real browser under the real policy, on a page the test plays itself."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.front.stage import Stage, raised

pytestmark = pytest.mark.journey

LIVE = (
    '<span data-live hidden></span><div id="live" hx-ws:connect="/ws/runs/7/?after=3" hx-swap="none"></div>'
)
EVENTS = '<div class="card"><ol id="events" class="events" data-keep-scroll tabindex="0">{}</ol></div>'
LINE = '<li class="event" data-seq="{0}">line {0}</li>'


@pytest.fixture
def stage() -> Iterator[Stage]:
    with raised() as stage:
        yield stage


@pytest.fixture
def visit(stage: Stage, page: Page) -> Iterator[Callable[[str], Page]]:
    refused: list[str] = []
    page.on("console", lambda said: "Content Security Policy" in said.text and refused.append(said.text))

    def open_page(body: str) -> Page:
        stage.body = body
        page.goto(stage.url)
        page.wait_for_function("document.documentElement.dataset.shortcuts")
        return page

    yield open_page
    assert not refused


def grown(*numbers: int) -> str:
    lines = "".join(LINE.format(number) for number in numbers)
    return f'<div hx-swap-oob="afterbegin:#events">{lines}</div>'


def top(line: Locator) -> float:
    box = line.bounding_box()
    assert box
    return box["y"]


def test_the_pill_follows_the_socket(stage: Stage, visit: Callable[[str], Page]) -> None:
    page = visit(LIVE)
    expect(page.locator("[data-live]")).to_have_text("Live")
    stage.accepting = False
    stage.close(1012)
    expect(page.locator("[data-live]")).to_have_text("Reconnecting")
    stage.accepting = True
    expect(page.locator("[data-live]")).to_have_text("Live", timeout=15_000)


def test_a_reconnect_asks_from_the_newest_line(stage: Stage, visit: Callable[[str], Page]) -> None:
    page = visit(LIVE + EVENTS.format(LINE.format(3)))
    expect(page.locator("[data-live]")).to_have_text("Live")
    stage.send(grown(5, 4))
    expect(page.locator(".event")).to_have_count(3)
    stage.close(1012)
    page.wait_for_timeout(1500)
    assert stage.sockets == ["/ws/runs/7/?after=3", "/ws/runs/7/?after=5"]


def test_who_is_signed_out_is_told_so_and_not_reconnected(stage: Stage, visit: Callable[[str], Page]) -> None:
    page = visit(LIVE)
    expect(page.locator("[data-live]")).to_have_text("Live")
    stage.close(4401)
    expect(page.get_by_role("link", name="Sign in again")).to_have_attribute("href", "/sign-in/?next=%2F")
    page.wait_for_timeout(1200)
    assert len(stage.sockets) == 1


def test_without_a_socket_the_page_asks_for_itself(stage: Stage, visit: Callable[[str], Page]) -> None:
    region = '<p id="run" data-refresh hx-get="/part" hx-trigger="refresh" hx-swap="outerMorph">{}</p>'
    stage.answers["/part"] = (200, {}, region.format("fresh"))
    page = visit(LIVE + region.format("old"))
    expect(page.locator("[data-live]")).to_have_text("Live")
    stage.accepting = False
    stage.close(1012)
    expect(page.locator("#run")).to_have_text("fresh", timeout=20_000)
    expect(page.locator("[data-live]")).to_contain_text("Offline, showing")


def test_a_list_scrolled_away_counts_what_is_new(stage: Stage, visit: Callable[[str], Page]) -> None:
    page = visit(LIVE + EVENTS.format("".join(LINE.format(number) for number in range(80, 0, -1))))
    expect(page.locator("[data-live]")).to_have_text("Live")
    page.evaluate("document.querySelector('#events').scrollTop = 300")
    line = page.locator("[data-seq='65']")
    before = top(line)
    stage.send(grown(82, 81))
    stage.send(grown(83))
    expect(page.locator(".events-new")).to_have_text("3 new")
    assert top(line) == pytest.approx(before, abs=2)
    page.locator(".events-new").click()
    expect(page.locator(".events-new")).to_have_count(0)
    assert page.evaluate("document.querySelector('#events').scrollTop") == 0


def test_a_line_that_stands_there_already_is_not_told_again(
    stage: Stage, visit: Callable[[str], Page]
) -> None:
    page = visit(LIVE + EVENTS.format("".join(LINE.format(number) for number in (5, 4, 3))))
    expect(page.locator("[data-live]")).to_have_text("Live")
    stage.send(grown(6, 5, 4))
    expect(page.locator("#events")).to_contain_text("line 6")
    expect(page.locator("#events li")).to_have_text([f"line {number}" for number in (6, 5, 4, 3)])


def test_clocks_go_on_by_themselves(visit: Callable[[str], Page]) -> None:
    page = visit('<time data-since="999990" data-tick="ago">10 s ago</time>')
    expect(page.locator("time")).to_have_text("12 s ago")


def test_a_clock_that_stopped_takes_the_text_of_the_server(
    stage: Stage, visit: Callable[[str], Page]
) -> None:
    page = visit(
        LIVE
        + '<p id="took"><time data-since="999990" data-tick="elapsed" hx-morph-skip-children>1</time></p>'
    )
    expect(page.locator("[data-live]")).to_have_text("Live")
    stage.send('<p id="took" hx-swap-oob="outerMorph"><time>12.5 s</time></p>')
    expect(page.locator("#took")).to_have_text("12.5 s")


def test_posts_carry_the_token_of_the_cookie(stage: Stage, visit: Callable[[str], Page]) -> None:
    stage.answers["/save"] = (200, {}, "saved")
    page = visit('<button hx-post="/save" hx-target="#main">Save</button>')
    page.get_by_role("button").click()
    expect(page.locator("#main")).to_have_text("saved")
    assert stage.requests[-1][2]["x-csrftoken"] == "tok123"


@pytest.mark.parametrize(
    ("kind", "sent"),
    [('hx-post="/save"', ""), ('method="post" action="/save"', "csrfmiddlewaretoken=tok123")],
)
def test_forms_that_were_open_when_somebody_signed_in_again_can_be_sent(
    stage: Stage, visit: Callable[[str], Page], kind: str, sent: str
) -> None:
    stage.answers["/save"] = (200, {}, "saved")
    old = '<input type="hidden" name="csrfmiddlewaretoken" value="old">'
    page = visit(f"<form {kind}>{old}<button>Save</button></form>")
    with page.expect_request("**/save") as request:
        page.get_by_role("button").click()
    assert (request.value.post_data or "") == sent


def test_a_refused_form_is_shown_and_focused(stage: Stage, visit: Callable[[str], Page]) -> None:
    stage.answers["/save"] = (422, {}, '<input id="amount" aria-invalid="true">')
    page = visit('<form hx-post="/save" hx-target="this"><input name="amount"><button>Save</button></form>')
    page.get_by_role("button").click()
    expect(page.locator("#amount")).to_be_focused()


def test_any_other_refusal_is_a_sentence_and_leaves_the_page_alone(
    stage: Stage, visit: Callable[[str], Page]
) -> None:
    stage.answers["/save"] = (
        403,
        {},
        "<main><h1>No</h1><p class='muted'>Only a designer may do this.</p></main>",
    )
    page = visit('<button hx-post="/save" hx-target="#main">Save</button>')
    page.get_by_role("button").click()
    expect(page.locator(".toast")).to_contain_text("Only a designer may do this.")
    expect(page.get_by_role("button", name="Save")).to_be_visible()


def test_a_lapsed_session_does_not_throw_the_page_away(stage: Stage, visit: Callable[[str], Page]) -> None:
    stage.answers["/save"] = (200, {"hx-redirect": "/sign-in/?next=/"}, "")
    page = visit('<textarea></textarea><button hx-post="/save">Save</button>')
    page.locator("textarea").fill("a long reason")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("Sign in again")
    expect(page.locator("textarea")).to_have_value("a long reason")


def test_letters_are_keys_except_while_typing(visit: Callable[[str], Page]) -> None:
    page = visit('<input id="text"><label><input type="radio" data-key="a" id="approve">Approve</label>')
    page.locator("#text").press("a")
    expect(page.locator("#approve")).not_to_be_checked()
    page.locator("#text").blur()
    page.keyboard.press("a")
    expect(page.locator("#approve")).to_be_checked()


def test_letters_can_be_turned_off(visit: Callable[[str], Page]) -> None:
    page = visit(
        '<button data-keys hidden>Keys</button><input type="radio" data-key="a" id="approve" aria-label="A">'
    )
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("button", name="Keys")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("a")
    expect(page.locator("#approve")).not_to_be_checked()


def test_control_enter_sends_the_form_in_focus(stage: Stage, visit: Callable[[str], Page]) -> None:
    stage.answers["/decide"] = (200, {}, "decided")
    page = visit(
        '<form hx-post="/decide" hx-target="#main"><textarea></textarea><button class="primary">Go</button></form>'
    )
    page.locator("textarea").press("Control+Enter")
    expect(page.locator("#main")).to_have_text("decided")


def test_what_is_refused_does_not_react(stage: Stage, visit: Callable[[str], Page]) -> None:
    page = visit('<button hx-post="/publish" aria-disabled="true" title="Fix 1 error first">Publish</button>')
    page.locator("button").click(force=True)
    page.wait_for_timeout(300)
    assert all(path != "/publish" for _, path, _ in stage.requests)


def test_unsaved_edits_hold_the_page(visit: Callable[[str], Page]) -> None:
    page = visit('<form data-guard><input id="text"></form>')
    page.locator("#text").press_sequentially("x")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
