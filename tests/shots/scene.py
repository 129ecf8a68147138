"""The scene of the pictures: orders in every state, reviews with and without time left, and a month before them."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from designer.actions import create_workflow, edit_draft, import_document
from designer.drafts import graph_of_draft
from designer.graph import ReplaceStep, Retry
from designer.models import Workflow
from runs.actions import claim_review, start_run
from runs.models import Review, Run
from tests.designer.asl import ORDER as MACHINE
from tests.history import Past, relive
from tests.journeys.orders import order
from tests.people import signed_in
from tests.servers import wait_until
from tests.shots.scene_beside import play_beside

# What the shop is told to do, what the run's page is called, and the state in which it is worth a picture.
ORDERS = {
    "succeeded": ("none", {"succeeded"}),
    "undone": ("courier_fails", {"failed"}),
    "stuck": ("refund_fails", {"failed"}),
    "review": ("high_risk", {"running"}),
}
PAST = {"succeeded": 96.0, "undone": 3.0, "stuck": 0.2}


def play() -> None:
    """Prints the addresses of what there is to see, as JSON."""
    workflow = Workflow.objects.select_related("published").get(key="order_fulfilment")
    admin = get_user_model().objects.get(username="admin")
    runs = {
        name: place(workflow, f"ORD-{20_917 + number}", simulate, admin)
        for number, (name, (simulate, _)) in enumerate(ORDERS.items())
    }
    for name, (_, states) in ORDERS.items():
        wait_until(lambda name=name, states=states: settled(runs[name], states), seconds=120, what=name)
    rework(workflow, admin)
    import_document(document=MACHINE, by=admin)
    beside = play_beside(admin)
    create_workflow(key="returns_intake", title="Returns intake", owner="care", by=admin)
    remember(runs)
    asked = ask_late(workflow, admin)
    runs["running"] = place(workflow, "ORD-20940", "slow_stock", admin)
    addresses = {f"run-{name}": f"/runs/{run.pk}/" for name, run in runs.items()}
    addresses |= {"run-step": f"/runs/{runs['undone'].pk}/?step=book", "review": f"/reviews/{asked.pk}/"}
    addresses |= beside
    addresses |= {"cancel": f"/runs/{runs['review'].pk}/cancel/", "session": session_of(admin)}
    print(json.dumps(addresses))


def place(workflow: Workflow, number: str, simulate: str, by: Any) -> Run:
    assert workflow.published is not None
    return start_run(version=workflow.published, inputs=order(number, simulate), by=by)


def settled(run: Run, states: set[str]) -> bool:
    run.refresh_from_db()
    return run.status in states


def remember(runs: dict[str, Run]) -> None:
    """As if the same had happened before, most of it well."""
    pasts = [Past(runs[name], weight, 4.0) for name, weight in PAST.items()]
    relive(pasts, count=1_800, span=timedelta(days=2), steps=900)


def rework(workflow: Workflow, by: Any) -> None:
    """A draft that has gone on since its version: a step that is tried longer, and one that has a new name."""
    reworked: dict[str, dict[str, Any]] = {
        "book": {"timeout": timedelta(seconds=30), "retry": Retry(attempts=6, wait=timedelta(seconds=0.5))},
        "deliver": {"title": "Hand it over"},
    }
    for key, changes in reworked.items():
        draft = workflow.draft
        draft.refresh_from_db()
        changed = replace(graph_of_draft(draft).step(key), **changes)
        edit_draft(draft=draft, operation=ReplaceStep(changed), revision=draft.revision, by=by)


def ask_late(workflow: Workflow, by: Any) -> Review:
    """Another review, past its limit, and claimed."""
    run = place(workflow, "ORD-20931", "high_risk", by)
    asked: Review = wait_until(lambda: run.reviews.first(), seconds=60, what="the second review")
    due = timezone.now() - timedelta(minutes=42)
    Review.objects.filter(pk=asked.pk).update(opened_at=due - timedelta(minutes=30), due_at=due)
    claim_review(review_id=asked.pk, by=by)
    return asked


def session_of(user: Any) -> str:
    client: Client = signed_in(user)
    return client.cookies["choreo_session"].value
