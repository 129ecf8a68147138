"""An order from the start form to its end, watched live; what goes wrong is undone, and the shop's ledger agrees."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from runs.models import Run
from tests.demo.shop_process import ShopProcess
from tests.journeys.orders import (
    PATIENCE,
    RunView,
    place,
    publish_examples,
    start_from_form,
)
from tests.people import person, sign_in
from tests.promises import check_all_runs
from tests.servers import Site, wait_until

pytestmark = pytest.mark.journey

DONE = {"stock.reserve", "payments.charge", "billing.invoice", "mail.order_placed"}
UNDONE = ["stock.release", "payments.refund", "billing.void", "mail.apology"]


@pytest.fixture
def site(crew: None, live_site: Site) -> Iterator[Site]:
    publish_examples()
    yield live_site
    check_all_runs()


def latest() -> Run:
    run = Run.objects.first()
    assert run is not None
    return run


def undone_in_reverse(run: Run) -> bool:
    order = run.step_runs.exclude(undo_order=None).order_by("undo_order").values_list("completed", flat=True)
    return list(order) == sorted(order, reverse=True)


def test_an_order_is_fulfilled_while_two_tabs_watch(page: Page, site: Site, shop: ShopProcess):
    sign_in(page, site.url, person("operator"))
    start_from_form(page, site.url, "ORD-FINE", "slow_stock")
    first, tab = RunView(page), page.context.new_page()
    tab.goto(page.url)
    second = RunView(tab)
    expect(first.step("reserve")).to_contain_text("running", timeout=PATIENCE)
    for view in (first, second):
        view.shows("Succeeded")
        expect(view.page.locator("#events .event").first).to_contain_text("The run succeeded")
        expect(view.page.locator("[data-live]")).to_have_text("Live")
        view.is_the_same_page()
    assert first.events() == second.events()
    assert len(first.events()) == len(
        set(first.page.locator("#events .event").evaluate_all("l => l.map(e => e.id)"))
    )
    assert sorted(shop.effects("ORD-FINE")) == sorted([*DONE, "courier.book", "courier.await_pod"])
    page.get_by_role("link", name="Data").click()
    expect(page.locator("#run-data")).to_contain_text('"charged": 48.5')


def test_a_courier_that_fails_undoes_the_order_backwards(page: Page, site: Site, shop: ShopProcess):
    sign_in(page, site.url, person("operator"))
    start_from_form(page, site.url, "ORD-COURIER", "courier_fails")
    view = RunView(page)
    view.record("#step-book")
    view.shows("Failed, rolled back")
    view.is_the_same_page()
    tries = [int(n) for text in view.recorded() for n in re.findall(r"attempt (\d) of 5", text)]
    assert tries == sorted(tries)
    assert tries[-1] == 5
    assert len(set(tries)) >= 3
    assert any("next try in" in text for text in view.recorded())
    expect(view.step("book")).to_contain_text("CourierUnavailable: The courier answered 503")
    run = latest()
    assert undone_in_reverse(run)
    assert sorted(view.undo_order()) == sorted(UNDONE)
    assert view.undo_order()[-1] == "stock.release"
    numbers = page.locator(".undo-order .undo-no").all_text_contents()
    assert numbers == ["1", "2", "3", "4"]
    expect(page.locator(".lede")).to_contain_text("All 4 finished steps that can be undone were undone.")
    effects = shop.effects("ORD-COURIER")
    assert sorted(effects) == sorted([*DONE, *UNDONE])
    assert effects[-4:] == view.undo_order()
    page.locator("#node-book a").click()
    expect(page.locator(".attempt")).to_have_count(5)
    expect(page.locator(".attempt .note").first).to_contain_text("before the next try")


def test_a_refund_that_fails_waits_for_a_person_three_ways(page: Page, site: Site, shop: ShopProcess):
    sign_in(page, site.url, person("operator"))
    runs = {how: place(f"ORD-{how}", "refund_fails") for how in ("retry", "skip", "done")}
    buttons = {"retry": "Retry the undo of Charge card", "skip": "Skip it", "done": "Resolve by hand"}
    for how, button in buttons.items():
        page.goto(f"{site.url}/runs/{runs[how].pk}/")
        view = RunView(page)
        view.shows("Rollback incomplete")
        expect(page.locator(".lede")).to_contain_text("The undo of Charge card gave up")
        if how == "retry":
            shop.behave(f"ORD-{how}", {"payments.refund": []})
        if how == "skip":
            page.locator(".run-head .more summary").click()
        page.locator(".run-head").get_by_role("link", name=button).click()
        page.get_by_role("textbox", name="Reason").fill("asked the bank")
        page.get_by_role("button", name="Resolve it").click()
        page.wait_for_url(re.compile(f"/runs/{runs[how].pk}/"))
        RunView(page).shows("Rollback incomplete" if how == "skip" else "Failed, rolled back")
        expect(page.locator("#step-reserve .undo")).to_have_class(re.compile("done"), timeout=PATIENCE)
        expect(page.get_by_role("link", name=buttons["retry"])).to_have_count(0)
        refunds = shop.effects(f"ORD-{how}").count("payments.refund")
        assert (how, refunds) == (how, 1 if how == "retry" else 0)
        assert shop.effects(f"ORD-{how}")[-1] == "stock.release"


def test_a_risky_order_is_approved(page: Page, another: Callable[..., Page], site: Site, shop: ShopProcess):
    watcher = another()
    sign_in(watcher, site.url, person("operator"))
    sign_in(page, site.url, person("reviewer", "risk"))
    start_from_form(watcher, site.url, "ORD-RISKY", "high_risk")
    view = RunView(watcher)
    view.shows("Needs review")
    expect(watcher.locator(".lede")).to_contain_text("Waiting for a person to decide Fraud review")

    page.goto(f"{site.url}/runs/")
    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Reviews").click()
    page.get_by_role("link", name=re.compile("Fraud review.*ORD-RISKY")).click()
    evidence = page.get_by_role("region", name="Evidence")
    expect(evidence).to_contain_text("Risk score")
    expect(evidence).to_contain_text("Ada Lindqvist <ada@example.org>")
    page.locator("#claim").get_by_role("button", name="Claim it").click()
    expect(page.locator("#claim")).to_contain_text("Nobody else can decide it.")
    page.get_by_role("radio", name=re.compile("^Approve")).check()
    page.locator("#decision-foot").get_by_role("button", name="Approve").click()
    expect(page.locator(".toast")).to_contain_text("Approve")

    view.shows("Succeeded")
    view.is_the_same_page()
    assert any("decided by rosa" in event for event in view.events())
    assert "payments.charge" in shop.effects("ORD-RISKY")


def test_a_risky_order_is_rejected_with_a_reason(
    page: Page, site: Site, shop: ShopProcess, expected_troubles
):
    expected_troubles.append("status of 422")
    sign_in(page, site.url, person("admin", "risk"))
    run = place("ORD-REJECT", "high_risk")
    review = wait_until(run.reviews.first, seconds=PATIENCE / 1000, what="the review")
    page.goto(f"{site.url}/reviews/{review.pk}/")
    page.get_by_role("button", name="Claim it to decide").click()
    expect(page.locator("#claim")).to_contain_text("Nobody else can decide it.")
    page.keyboard.press("r")
    expect(page.get_by_role("radio", name="Reject")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".field-error")).to_contain_text("needs a reason")
    expect(page.get_by_role("radio", name="Reject")).to_be_checked()
    page.get_by_role("textbox", name="Reason").fill("stolen card")
    page.get_by_role("textbox", name="Reason").press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Reject")
    page.goto(f"{site.url}/runs/{run.pk}/")
    RunView(page).shows("Failed, rolled back")
    assert shop.effects("ORD-REJECT") == ["stock.reserve", "stock.release"]
