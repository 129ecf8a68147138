"""Reading a run: choosing steps, folding waits, and nothing lost while the page keeps up."""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from runs.models import Run
from tests.actions.flows import SAGA, echo, flow, review
from tests.factories import Hand, a_run
from tests.journeys.test_live_page import has_every_line_once, open_run, sleep
from tests.people import person, sign_in
from tests.servers import Site, wait_until

pytestmark = pytest.mark.journey

GIVES = {"key": "k", "note": "x"}
LOOP = flow(
    begin={"kind": "set", "assign": {"n": 0}, "next": "one"},
    one=echo(assign={"n": "${ vars.n + 1 }"}, next="again"),
    again={"kind": "choice", "choose": [{"when": "${ vars.n < 40 }", "next": "one"}]},
)


@pytest.fixture
def run(transactional_db: None) -> Run:
    return a_run({**SAGA, "business_key": "ORD-1"})


def chosen(page: Page) -> set[str]:
    """The steps that some part of the page shows as chosen."""
    links = page.locator("#run a[aria-current][href^='?step=']").evaluate_all(
        "all => all.filter(a => !a.closest('#run-side')).map(a => a.getAttribute('href'))"
    )
    return {re.sub(r"^\?step=|[&#].*", "", link) for link in links}


def test_a_step_chosen_anywhere_is_chosen_everywhere(page: Page, live_site: Site, run: Run):
    hand = Hand()
    hand.claim()
    hand.succeed("one", GIVES)
    view = open_run(page, live_site, run)
    page.locator("#track-one a").click()
    expect(page.locator("#run-step")).to_contain_text("acme.record@1.0.0")
    expect(page).to_have_url(re.compile(r"\?step=one"))
    assert chosen(page) == {"one"}
    page.locator(".run-graph a", has_text="Two").click()
    expect(page.locator("#run-side")).to_have_attribute("data-chosen", "two")
    assert chosen(page) == {"two"}
    assert page.locator("#track-two a").get_attribute("aria-current") == "true"
    hand.succeed("two", GIVES)
    expect(page.locator("#run-step .pill").first).to_have_text("Succeeded")
    view.is_the_same_page()
    fresh = page.context.new_page()
    fresh.goto(page.url)
    assert chosen(fresh) == {"two"}


def test_keys_walk_the_steps(page: Page, live_site: Site, run: Run):
    hand = Hand()
    hand.claim()
    hand.succeed("one", GIVES)
    open_run(page, live_site, run)
    for key, step in (("j", "one"), ("j", "two"), ("k", "one")):
        page.keyboard.press(key)
        expect(page.locator("#run-side")).to_have_attribute("data-chosen", step)
    assert chosen(page) == {"one"}
    page.go_back()
    expect(page.locator("#run-side")).to_have_attribute("data-chosen", "two")


def test_a_value_is_copied_as_it_stands(page: Page, live_site: Site, transactional_db: None):
    run = a_run(SAGA, {"word": "hello"})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_run(page, live_site, run)
    page.goto(f"{page.url.partition('?')[0]}?tab=data")
    copy = page.get_by_role("button", name="Copy Input")
    copy.click()
    expect(copy).to_have_attribute("data-copied", "yes")
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == {"word": "hello"}


def test_waits_are_folded_and_unfolded(page: Page, live_site: Site, transactional_db: None):
    run = a_run(flow(look=review(), yes=echo(), no={"kind": "fail", "error": "No"}))
    Hand().claim()
    begun = timezone.now() - timedelta(minutes=10)
    Run.objects.update(created_at=begun)
    run.step_runs.update(started_at=begun)
    view = open_run(page, live_site, run)
    expect(page.locator(".axis .folded")).to_have_text("⋯ 10 min ⋯")
    page.get_by_role("link", name="True scale").click()
    expect(page.locator(".axis .folded")).to_have_count(0)
    expect(page).to_have_url(re.compile("scale=true"))
    page.locator("#track-look a").click()
    expect(page).to_have_url(re.compile(r"step=look&scale=true"))
    page.get_by_role("link", name="Fold waits").click()
    expect(page.locator(".axis .folded")).to_have_count(1)
    view.is_the_same_page()


def test_the_line_of_now_moves_and_the_bar_of_what_runs_grows(page: Page, live_site: Site, run: Run):
    Hand().claim()
    open_run(page, live_site, run)
    width = "Number(document.querySelector('[data-grows]').getAttribute('width'))"
    before = page.evaluate(width)
    wait_until(lambda: page.evaluate(width) > before + 20, what="the bar")
    # A push draws the line anew where the server sees it; the next tick moves it on.
    moved = "document.querySelector('#timeline-now path').style.transform"
    wait_until(lambda: "translateX" in page.evaluate(moved), what="the line")


def test_what_one_types_and_opens_stays_while_twenty_pushes_arrive(
    page: Page, live_site: Site, transactional_db
):
    run, hand = a_run(LOOP), Hand()
    hand.claim()
    open_run(page, live_site, run)
    page.get_by_role("link", name="Show as table").click()
    page.locator(".side-tools summary").click()
    page.evaluate("""() => {
      const field = document.createElement("input");
      field.id = "typed";
      document.querySelector("#main").append(field);
      field.focus();
    }""")
    for number in range(20):
        page.keyboard.type(str(number % 10))
        hand.succeed("one")
        page.wait_for_timeout(40)
    expect(page.locator("#typed")).to_have_value("01234567890123456789")
    expect(page.locator("#typed")).to_be_focused()
    assert page.locator(".side-tools details").evaluate("details => details.open")
    expect(page.locator("#timeline-table")).to_contain_text("Running")
    expect(page.locator(f'#events [data-seq="{newest(run)}"]')).to_be_visible()
    has_every_line_once(page, run)


def newest(run: Run) -> int:
    told = run.journal.filter(kind__in=["StepSucceeded", "AttemptStarted", "BranchTaken"])
    return told.order_by("-seq").values_list("seq", flat=True)[0]


def test_a_socket_that_is_cut_five_times_comes_back_to_the_truth(
    page: Page, live_site: Site, transactional_db
):
    page.add_init_script("""
      const Plain = window.WebSocket;
      window.sockets = [];
      window.WebSocket = class extends Plain {
        constructor(...where) { super(...where); window.sockets.push(this); }
      };""")
    run, hand = a_run(LOOP), Hand()
    hand.claim()
    view = open_run(page, live_site, run)
    for number in range(5):
        page.evaluate("window.sockets.at(-1).close()")
        hand.succeed("one")
        wait_until(lambda number=number: page.evaluate("window.sockets.length") > number + 1, what="a socket")
        expect(page.locator("[data-live]")).to_have_text("Live")
    expect(page.locator(f'#events [data-seq="{newest(run)}"]')).to_be_visible()
    has_every_line_once(page, run)
    view.is_the_same_page()


def test_a_hidden_tab_comes_back_to_the_truth_with_its_step(page: Page, live_site: Site, run: Run):
    hand = Hand()
    hand.claim()
    view = open_run(page, live_site, run)
    page.locator("#track-one a").click()
    expect(page.locator("#run-step .pill").first).to_have_text("Running")
    sleep(page, hidden=True)
    hand.succeed("one", GIVES)
    hand.succeed("two", GIVES)
    sleep(page, hidden=False)
    expect(page.locator("#run-step .pill").first).to_have_text("Succeeded")
    expect(page.locator(".lede")).to_have_text("Three is running.")
    assert page.locator(".track").count() == 3
    view.is_the_same_page()


def test_the_table_and_the_scale_stay_with_the_chosen_step(page: Page, live_site: Site, run: Run):
    Hand().claim()
    view = open_run(page, live_site, run)
    page.get_by_role("link", name="Show as table").press("Enter")
    expect(page.get_by_role("link", name="Hide the table")).to_be_focused()
    expect(page.get_by_role("region", name="Timeline as a table")).to_contain_text("Running")
    page.locator("#track-one a").click()
    expect(page.locator("#run-side")).to_have_attribute("data-chosen", "one")
    page.get_by_role("link", name="True scale").click()
    expect(page.get_by_role("link", name="True scale")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("link", name="Fold waits")).not_to_have_attribute("aria-current", "true")
    expect(page.locator("#track-one a")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Hide the table").press("Enter")
    expect(page.locator("#timeline-table")).to_have_count(0)
    expect(page.locator("#run-side")).to_have_attribute("data-chosen", "one")
    # The tab is a chosen step's own, whether the address says so or not.
    asked = {"tab": "step"} | dict(parse_qsl(urlsplit(page.url).query))
    assert asked == {"step": "one", "tab": "step", "scale": "true"}
    view.is_the_same_page()


def test_it_reads_without_scripts(another, live_site: Site, run: Run):
    hand = Hand()
    hand.claim()
    hand.succeed("one", GIVES)
    page = another(java_script_enabled=False)
    sign_in(page, live_site.url, person("operator"))
    page.goto(f"{live_site.url}/runs/{run.pk}/")
    expect(page.locator(".track")).to_have_count(2)
    page.locator("#track-one a").click()
    expect(page.locator("#run-step")).to_contain_text("acme.record@1.0.0")
    page.get_by_role("link", name="True scale").click()
    expect(page.locator("#run-side")).to_have_attribute("data-chosen", "one")
    page.get_by_role("link", name="Show as table").click()
    expect(page.get_by_role("cell", name="Running")).to_be_visible()
    page.get_by_role("link", name="Hide the table").click()
    expect(page.locator("#timeline-table")).to_have_count(0)
