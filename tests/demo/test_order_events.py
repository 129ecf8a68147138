"""An order told by events: small workflows that know each other's signals, and undo by them."""

from pathlib import Path
from typing import Any

import pytest

from choreo_site import demo
from choreo_site.seeding import STARTED_BY, seed_examples
from designer.drafts import problems_in, with_contracts
from designer.graph import Emit, Graph, awaited_signals, decode, read_document, sample
from designer.models import Workflow
from runs.actions import start_run
from runs.models import Run, Trigger
from runs.queries import visible_runs
from runs.queries.signals import traffic
from runs.queries.story import story_of
from tests.factories import Hand
from tests.people import person

pytestmark = pytest.mark.django_db

FOLDER = Path(demo.__file__).with_name("definitions") / "order_events"
ORDER = {"order_events", *STARTED_BY}


def graphs() -> list[Graph]:
    return [decode(read_document(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.yaml"))]


@pytest.fixture
def seeded(db: None) -> Any:
    admin = person("admin")
    seed_examples(by=admin)
    return admin


def test_they_know_each_other_s_signals_and_nothing_else():
    published = {s.signal for graph in graphs() for s in graph.steps.values() if isinstance(s, Emit)}
    awaited = {one.name for g in graphs() for s in g.steps.values() for one in awaited_signals(s).values()}
    assert awaited | set(STARTED_BY.values()) == published
    assert {graph.key for graph in graphs()} == ORDER


def test_nothing_is_wrong_with_them_once_all_are_published(seeded: Any):
    for graph in graphs():
        assert problems_in(with_contracts(graph)) == ()
    assert set(Trigger.objects.values_list("workflow__key", "signal")) == set(STARTED_BY.items())


def played(hand: Hand, refused: str = "") -> dict[str, Run]:
    """An order in which every step succeeds but the one that does ``refused``."""
    version = Workflow.objects.get(key="order_events").published
    assert version is not None
    start_run(version=version, inputs=sample(graphs()[0].input))
    for _ in range(60):
        hand.claim()
        for held in list(hand.held):
            if held.does.startswith(refused or "nothing") and held.phase == "do":
                hand.fail(held.key, "Refused", retryable=False)
            else:
                hand.succeed(held.key, {"id": "res_1", "amount": 12.0, "total": 12.0}, go_on=False)
    return {run.workflow.key: run for run in Run.objects.select_related("workflow")}


def test_an_order_is_shipped(seeded: Any):
    runs = played(Hand())
    assert {key: run.status for key, run in runs.items()} == dict.fromkeys(ORDER, "succeeded")


def test_a_courier_who_does_not_come_is_undone_by_events(seeded: Any):
    runs = played(Hand(), "courier.book")
    ends = {key: (run.status, run.reason) for key, run in runs.items()}
    assert ends == {
        "order_events": ("failed", None),
        "order_stock": ("failed", "rolled_back"),
        "order_payment": ("failed", "rolled_back"),
        "order_shipping": ("failed", None),
    }


def test_a_card_that_is_declined_puts_the_stock_back(seeded: Any):
    runs = played(Hand(), "payments.charge")
    ends = {key: (run.status, run.reason) for key, run in runs.items()}
    assert ends == {
        "order_events": ("failed", None),
        "order_stock": ("failed", "rolled_back"),
        "order_payment": ("failed", None),
    }


def test_its_runs_are_one_story(seeded: Any):
    runs = played(Hand())
    [(key, others)] = story_of(runs["order_events"], visible_runs(seeded)).items()
    assert key == "EVT-1001"
    assert {run.workflow.key for run in others} == ORDER - {"order_events"}


def test_the_page_of_signals_draws_them(seeded: Any):
    heard = {one.name: (one.senders, one.listeners) for one in traffic(person("viewer"))}
    assert heard["order.placed"] == ({"order_events"}, {"order_stock"})
    assert heard["payment.failed"] == ({"order_payment"}, {"order_events", "order_stock"})
