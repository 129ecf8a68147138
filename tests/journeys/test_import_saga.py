"""Sagas of others: pasted, bound to the shop in the browser, published, run live, and undone live by their catches."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from designer.actions import add_destination
from designer.graph import Action, AnyStep, words_of
from designer.interop.asl import write_asl
from runs.models import Run
from tests.demo.shop_process import ShopProcess
from tests.designer.asl import TRAVEL
from tests.journeys.orders import ADDRESS, PATIENCE, RunView
from tests.oracle.definitions import corpus
from tests.oracle.sagas import graph_of
from tests.people import person, sign_in
from tests.promises import check_all_runs
from tests.servers import Site

pytestmark = pytest.mark.journey

# What each function is here: a call of the shop, with what the state has at hand.
TRIP = {
    "ReserveFlight": "/stock/reservations",
    "ReserveCarRental": "/courier/bookings",
    "ProcessPayment": "/payments/charges",
    "ConfirmFlight": "/billing/invoices",
    "ConfirmCarRental": "/courier/bookings/${ arguments.Payload.ReserveCarRentalResult.Payload.id }/confirm",
    "RefundPayment": "/payments/charges/${ arguments.Payload.ProcessPaymentResult.Payload.id }/refund",
    "CancelRentalReservation": "/courier/bookings/${ arguments.Payload.ReserveCarRentalResult.Payload.id }/cancel",
    "CancelFlightReservation": "/stock/reservations/${ arguments.Payload.ReserveFlightResult.Payload.id }/release",
}
PATH = ("ReserveFlight", "ReserveCarRental", "ProcessPayment", "RefundPayment", "CancelRentalReservation",
        "CancelFlightReservation", "SendingSMSFailure")  # fmt: skip
DONE = ["stock.reserve", "courier.book", "payments.charge"]
UNDONE = ["payments.refund", "courier.cancel", "stock.release"]

ORDER = next(saga for saga in corpus("saga_oracle") if saga["id"] == "saga/eventuate/local-last-fails")
# What its steps are at the shop: where each is done and undone, and what the shop's ledger calls that.
AT_THE_SHOP = {
    "localStep1": ("/stock/reservations", "release", "stock.reserve", "stock.release"),
    "ReserveCredit": ("/payments/charges", "refund", "payments.charge", "payments.refund"),
    "localStep3": ("/courier/bookings", "cancel", "courier.book", "courier.cancel"),
}


@pytest.fixture
def site(crew: None, shop: ShopProcess, live_site: Site) -> Iterator[Site]:
    add_destination(host="127.0.0.1", port=urlsplit(shop.url).port or 0, private=True, by=None)
    yield live_site
    check_all_runs()


def asked(number: str) -> dict[str, Any]:
    return {
        "order_id": number,
        "items": [{"sku": "MUG-01", "quantity": 1}],
        "ship_to": ADDRESS,
        "amount": 480.5,
        "card": "tok_demo_visa",
        "customer": {"name": "Ada Lindqvist", "email": "ada@example.org"},
        "name": "Ada Lindqvist",
    }


def order_machine() -> dict[str, Any]:
    """The saga of another engine as a machine: each step is given the order, and each undo what is to be undone."""
    graph = graph_of(ORDER)
    given = {name: f"${{ input.{name} }}" for name in asked("")}
    steps = {key: with_inputs(step, given) for key, step in graph.steps.items()}
    return {"Comment": "Take an order.", **write_asl(replace(graph, steps=steps)).document}


def with_inputs(step: AnyStep, given: dict[str, Any]) -> AnyStep:
    assert isinstance(step, Action)
    undo = step.compensate and replace(step.compensate, inputs={"id": "${ output.id }"})
    return replace(step, inputs=given, compensate=undo)


def order_calls() -> dict[str, str]:
    """What each state of that machine calls."""
    calls = {step: place for step, (place, *_) in AT_THE_SHOP.items()}
    undone = [one["name"] for one in ORDER["steps"] if one["compensation"]]
    places = {step: (AT_THE_SHOP[step][0], AT_THE_SHOP[step][1]) for step in undone}
    return calls | {
        f"Undo {step}": f"{place}/${{ arguments.Payload.id }}/{undo}"
        for step, (place, undo) in places.items()
    }


def bring_in(page: Page, site: Site, machine: dict[str, Any], *, unbound: int) -> None:
    """Paste the machine."""
    page.goto(f"{site.url}/workflows/")
    page.get_by_role("link", name="Import").first.click()
    page.get_by_label("The document").fill(json.dumps(machine, indent=2))
    page.get_by_role("button", name="Import as a draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bind the steps")
    expect(page.locator(".import-strip")).to_contain_text(f"Unbound{unbound}")


def bind(page: Page, shop: ShopProcess, calls: dict[str, str], *, bound: int) -> None:
    for state, place in calls.items():
        row = page.get_by_role("group", name=words_of(state), exact=True)
        row.get_by_label("Bind it to").select_option("http")
        row.get_by_label("Address").fill(f"{shop.url}{place}")
    page.get_by_role("button", name="Bind and open the editor").click()
    expect(page.locator(".toast")).to_contain_text(f"Bound {bound} steps.")


def publish(page: Page) -> None:
    expect(page.locator("#toolbar")).not_to_contain_text("error")
    page.get_by_role("link", name="Publish v1").click()
    page.get_by_label("Note").fill("From elsewhere, as it was.")
    page.get_by_role("button", name=re.compile("^Publish")).click()


def start(page: Page, site: Site, key: str, number: str) -> RunView:
    page.goto(f"{site.url}/workflows/{key}/start/")
    page.get_by_label("Input").fill(json.dumps(asked(number)))
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile("/runs/"))
    return RunView(page)


def ended(view: RunView) -> list[str]:
    """The steps that have succeeded, the first one first."""
    return [line.removesuffix(" succeeded") for line in view.events() if line.endswith(" succeeded")]


def fault_of_newest_run() -> str:
    run = Run.objects.first()
    assert run is not None and run.fault is not None
    return str(run.fault["name"])


def test_a_saga_from_aws_runs_and_is_undone_live(page: Page, site: Site, shop: ShopProcess):
    sign_in(page, site.url, person("admin"))
    bring_in(page, site, TRAVEL, unbound=10)
    bind(page, shop, TRIP, bound=10)
    publish(page)

    fine = start(page, site, "book_a_trip", "TRIP-1")
    fine.shows("Succeeded")
    fine.is_the_same_page()
    assert shop.effects("TRIP-1") == [*DONE, "billing.invoice", "courier.await_pod"]

    shop.behave("TRIP-2", {"billing.invoice": "always 503"})
    failed = start(page, site, "book_a_trip", "TRIP-2")
    failed.shows("Failed")
    failed.is_the_same_page()
    expect(page.locator("#events .event").first).to_contain_text("The run failed", timeout=PATIENCE)
    assert ended(failed) == [words_of(state) for state in PATH]
    assert any("its fallback takes over" in line for line in failed.events())
    assert shop.effects("TRIP-2") == [*DONE, *UNDONE]
    assert fault_of_newest_run() == "Job Failed"


def test_the_order_saga_of_another_engine_runs_and_is_undone_live(page: Page, site: Site, shop: ShopProcess):
    expected = ORDER["expected"]
    done = [AT_THE_SHOP[step][2] for step in expected["forward"]]
    undoing = {one["compensation"]: AT_THE_SHOP[one["name"]][3] for one in ORDER["steps"]}
    sign_in(page, site.url, person("admin"))
    bring_in(page, site, order_machine(), unbound=5)
    bind(page, shop, order_calls(), bound=5)
    publish(page)

    fine = start(page, site, "take_an_order", "ORD-1")
    fine.shows("Succeeded")
    assert shop.effects("ORD-1") == done

    last = done.pop()
    shop.behave("ORD-2", {last: "always 503"})
    failed = start(page, site, "take_an_order", "ORD-2")
    failed.shows("Failed")
    failed.is_the_same_page()
    expect(page.locator("#events .event").first).to_contain_text("The run failed", timeout=PATIENCE)
    assert shop.effects("ORD-2") == [*done, *(undoing[name] for name in expected["compensations"])]
