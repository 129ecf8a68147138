"""A saga from AWS: pasted, bound to the shop in the browser, published, run live, and undone live by its catches."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from designer.actions import add_destination
from runs.models import Run
from tests.demo.shop_process import ShopProcess
from tests.designer.asl import TRAVEL
from tests.journeys.orders import ADDRESS, PATIENCE, RunView, open_shop, workers
from tests.people import person, sign_in
from tests.promises import check_all_runs
from tests.servers import Site

pytestmark = pytest.mark.journey

# What each function is here: a call of the shop, with what the state has at hand.
CALLS = {
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


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopProcess]:
    with open_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture(scope="module")
def crew(shop: ShopProcess, django_db_setup: None) -> Iterator[None]:
    with workers(shop):
        yield


@pytest.fixture
def site(crew: None, shop: ShopProcess, live_site: Site) -> Iterator[Site]:
    add_destination(host="127.0.0.1", port=urlsplit(shop.url).port or 0, private=True, by=None)
    yield live_site
    check_all_runs()


def trip(number: str) -> str:
    asked = {
        "order_id": number,
        "items": [{"sku": "MUG-01", "quantity": 1}],
        "ship_to": ADDRESS,
        "amount": 480.5,
        "card": "tok_demo_visa",
        "customer": {"name": "Ada Lindqvist", "email": "ada@example.org"},
        "name": "Ada Lindqvist",
    }
    return json.dumps(asked)


def bring_in(page: Page, site: Site) -> None:
    """Paste the machine."""
    page.goto(f"{site.url}/workflows/")
    page.get_by_role("link", name="Import").first.click()
    page.get_by_label("The document").fill(json.dumps(TRAVEL, indent=2))
    page.get_by_role("button", name="Import as a draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bind the steps")
    expect(page.locator(".import-strip")).to_contain_text("Unbound10")


def bind(page: Page, shop: ShopProcess) -> None:
    for state, place in CALLS.items():
        row = page.get_by_role("group", name=state, exact=True)
        expect(row.get_by_label("Address")).to_be_hidden()
        row.get_by_label("Bind it to").select_option("http")
        row.get_by_label("Address").fill(f"{shop.url}{place}")
    page.get_by_role("button", name="Bind and open the editor").click()
    expect(page.locator(".toast")).to_contain_text("Bound 10 steps.")


def publish(page: Page) -> None:
    expect(page.locator("#toolbar")).not_to_contain_text("error")
    page.get_by_role("link", name="Publish v1").click()
    page.get_by_label("Note").fill("From AWS, as it was.")
    page.get_by_role("button", name=re.compile("^Publish")).click()


def start(page: Page, site: Site, number: str) -> RunView:
    page.goto(f"{site.url}/workflows/book_a_trip/start/")
    page.get_by_label("Input").fill(trip(number))
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile("/runs/"))
    return RunView(page)


def test_a_saga_from_aws_runs_and_is_undone_live(page: Page, site: Site, shop: ShopProcess):
    sign_in(page, site.url, person("admin"))
    bring_in(page, site)
    bind(page, shop)
    publish(page)

    fine = start(page, site, "TRIP-1")
    fine.shows("Succeeded")
    fine.is_the_same_page()
    assert shop.effects("TRIP-1") == [*DONE, "billing.invoice", "courier.await_pod"]

    shop.behave("TRIP-2", {"billing.invoice": "always 503"})
    failed = start(page, site, "TRIP-2")
    failed.shows("Failed")
    failed.is_the_same_page()
    expect(page.locator("#events .event").first).to_contain_text("The run failed", timeout=PATIENCE)
    ended = [line.removesuffix(" succeeded") for line in failed.events() if line.endswith(" succeeded")]
    assert ended == list(PATH)
    assert any("its fallback takes over" in line for line in failed.events())
    assert shop.effects("TRIP-2") == [*DONE, *UNDONE]
    run = Run.objects.first()
    assert run is not None and run.fault is not None
    assert run.fault["name"] == "Job Failed"
