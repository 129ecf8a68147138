"""The graph of a run in a browser: it grows with the run, keys walk its lines, and the list says the same."""

import re

import pytest
from playwright.sync_api import Page, expect

from runs.models import Run
from tests.actions.flows import branches, echo, flow
from tests.factories import Hand, a_run
from tests.people import person, sign_in
from tests.servers import Site

pytestmark = pytest.mark.journey

FORKED = flow(one=echo(next="both"), both=branches(next="last", a=echo(), b=echo()), last=echo())
FOREIGN = """[...document.querySelectorAll("#run-graph *")]
  .filter((element) => element.namespaceURI !== "http://www.w3.org/2000/svg").length"""
FOCUSED = "document.activeElement.closest('.step-node')?.id"
DRAWN = "document.querySelector('#run-graph').outerHTML.replace(/ (data-htmx-powered|class)=\"[^\"]*\"/g, '')"


@pytest.fixture
def run(transactional_db: None) -> Run:
    return a_run({**FORKED, "business_key": "ORD-1"})


# Where the sign of a step that runs stands, at every eighth of its turn.
TURNED = """(place) => {
  const sign = document.querySelector(`${place} .icon-run > use`);
  const [turning] = sign.getAnimations();
  return [0, 200, 400, 600, 800, 1000, 1200, 1400].map((moment) => {
    turning.currentTime = moment;
    const { x, y, width, height } = sign.getBoundingClientRect();
    return [Math.round(x + width / 2), Math.round(y + height / 2)];
  });
}"""


def open_run(page: Page, site: Site, run: Run) -> None:
    sign_in(page, site.url, person("operator"))
    page.goto(f"{site.url}/runs/{run.pk}/")
    expect(page.locator("[data-live]")).to_have_text("Live")


def test_the_graph_follows_the_run(page: Page, live_site: Site, run: Run):
    open_run(page, live_site, run)
    hand = Hand()
    expect(page.locator("#node-one")).to_have_class(re.compile("is-idle"))
    hand.claim()
    expect(page.locator("#node-one")).to_have_class(re.compile("is-run"))
    hand.succeed("one", "")
    hand.claim()
    hand.succeed("b", "")
    hand.succeed("a", "")
    hand.claim()
    hand.succeed("last", "")
    expect(page.locator("#node-the-end")).to_have_class(re.compile("is-ok"))
    expect(page.get_by_role("link", name="Last: succeeded")).to_be_visible()
    assert page.evaluate(FOREIGN) == 0
    grown = page.evaluate(DRAWN)
    page.reload()
    assert page.evaluate(DRAWN) == grown


def test_the_sign_of_what_runs_turns_on_the_spot(page: Page, live_site: Site, run: Run):
    Hand().claim()
    page.emulate_media(reduced_motion="no-preference")
    open_run(page, live_site, run)
    for place in ("#node-one", ".run-head .pill"):
        seen = page.evaluate(TURNED, place)
        assert all(abs(x - seen[0][0]) <= 1 and abs(y - seen[0][1]) <= 1 for x, y in seen), (place, seen)


def test_arrow_keys_walk_along_the_lines(page: Page, live_site: Site, run: Run):
    open_run(page, live_site, run)
    page.locator("#node-one a").focus()
    walked = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        walked.append(page.evaluate(FOCUSED))
    assert walked[:4] == ["node-both", "node-a", "node-b", "node-last"]
    assert walked[4] in ("node-a", "node-b")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?step=[ab]"))
    expect(page.locator(f"#{walked[4]} a")).to_have_attribute("aria-current", "true")


def test_the_list_says_the_same_and_stays_chosen(page: Page, live_site: Site, run: Run):
    open_run(page, live_site, run)
    expect(page.locator("#run-ladder")).to_be_hidden()
    page.get_by_text("List", exact=True).click()
    expect(page.locator("#run-graph")).to_be_hidden()
    expect(page.locator("#run-ladder").get_by_role("link")).to_have_count(4)
    page.reload()
    expect(page.locator("#run-ladder")).to_be_visible()
