"""The example definitions: sound documents over registered step types, and a form that can be sent as it is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core import mail

from choreo_site import demo
from choreo_site.demo import steps
from choreo_site.demo.models import Shipment
from choreo_site.demo.shop.behaviour import SIMULATIONS
from choreo_site.demo.shop.wares import WARES
from choreo_site.seeding import seed_examples
from designer.catalog import conform_input, resolve
from designer.graph import Action, Graph, Review, decode, encode, fill, read_document, sample, violations
from designer.models import Workflow
from tests.demo.walk import Walk
from tests.people import person

DEFINITIONS = Path(demo.__file__).with_name("definitions")
EXAMPLES = sorted(path.stem for path in DEFINITIONS.glob("*.yaml"))


def example(name: str) -> Graph:
    return decode(read_document((DEFINITIONS / f"{name}.yaml").read_text(encoding="utf-8")))


def test_there_are_three_examples_and_their_steps():
    assert EXAMPLES == ["order_fulfilment", "stock_report", "table_import"]
    assert len(steps.__all__) == 2


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_reads_and_writes_as_a_document(name):
    graph = example(name)
    assert graph.key == name
    assert decode(encode(graph)) == graph


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_step_and_its_undoing_are_in_the_catalog_as_the_contract_says(name):
    for step in example(name).steps.values():
        if isinstance(step, Action):
            contract = resolve(step.does).contract
            undone_by = resolve(step.compensate.does).key if step.compensate else None
            assert (step.key, contract.undone_by) == (step.key, undone_by)
            assert set(contract.input["required"]) <= set(step.inputs)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_start_form_can_be_sent_as_it_is_offered(name):
    graph = example(name)
    assert violations(graph.input, sample(graph.input)) == ()


def test_what_the_order_form_takes_the_first_step_takes_too():
    graph = example("order_fulfilment")
    order = sample(graph.input)
    assert conform_input(resolve("orders.validate@^1").contract, {"order": order}) == {"order": order}


def test_the_order_form_offers_what_the_shop_sells_and_simulates():
    offered = example("order_fulfilment").input["properties"]
    assert offered["items"]["items"]["properties"]["sku"]["enum"] == list(WARES)
    assert offered["simulate"]["enum"] == list(SIMULATIONS)


def test_an_order_walks_to_its_end(shop):
    graph = example("order_fulfilment")
    walk = Walk(graph, sample(graph.input) | {"order_id": "walk-1"}, "walk-1")
    assert walk.go() == "done"
    output = walk.values["steps"]["done"]["output"]
    assert (output["order_id"], output["charged"]) == ("walk-1", 48.5)
    assert output["invoice"].startswith("INV-")
    walk.undo()
    assert shop.effects("walk-1")[6:] == [
        "mail.apology",
        "billing.void",
        "courier.cancel",
        "payments.refund",
        "stock.release",
    ]


PIANO = {"items": [{"sku": "PIANO-88", "quantity": 1}]}


@pytest.mark.parametrize(("key", "risk"), [("told", {"simulate": "high_risk"}), ("piano", PIANO)])
def test_a_risky_order_waits_for_a_review_that_shows_why(shop, key, risk):
    graph = example("order_fulfilment")
    walk = Walk(graph, sample(graph.input) | {"order_id": key} | risk, key)
    assert walk.go() == "review"
    review = graph.step("review")
    assert isinstance(review, Review)
    shown = {line.label: fill(line.value, walk.values) for line in review.show}
    assert shown["Risk score"] >= 70
    assert sum(reason["points"] for reason in shown["What raised it"]) >= 70
    assert shown["Customer"] == "Ada Lindqvist <ada@example.org>"
    assert "payments.charge" not in shop.effects(key)


@pytest.mark.django_db
def test_the_import_walks_to_its_end(data_dir):
    graph = example("table_import")
    walk = Walk(graph, sample(graph.input), "walk-3")
    assert walk.go() == "done"
    output = walk.values["steps"]["done"]["output"]
    assert output["loaded"] + output["rejected"] == 3_000
    assert (data_dir / output["report"]).exists()
    walk.undo()
    assert Shipment.objects.count() == 0


@pytest.mark.django_db
def test_the_report_walks_to_its_end_because_the_shop_is_listed(shop):
    seed_examples(by=person("admin"))
    published = Workflow.objects.get(key="stock_report").published
    assert published is not None
    graph = decode(published.document)
    walk = Walk(graph, sample(graph.input), "walk-4")
    walk.values["now"] = datetime(2026, 11, 22, tzinfo=UTC)
    assert walk.go() == "done"
    assert walk.values["steps"]["done"]["output"]["stock"].keys() == set(WARES)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["sales@example.org"], "In stock")
    assert next(iter(WARES)) in sent.body
