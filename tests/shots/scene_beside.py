"""What stands beside the orders on the pictures: triggers, limits, files of deliveries, events, a map of many items."""

from typing import Any

from designer.actions import import_document, publish
from designer.graph import read_document, sample
from designer.models import Version, Workflow
from runs.actions import (
    add_upload,
    begin_upload,
    create_trigger,
    publish_signal,
    set_limits,
    start_run,
    switch_trigger,
)
from runs.models import Run, Upload
from runs.sheet import read_sheet
from tests.servers import wait_until

CATALOGUE = """
choreo: 1
key: catalogue_prices
title: Catalogue prices
owner: merchandising
notes: Works out the price of each article of a catalogue, twenty at a time.
input:
  type: object
  required: [articles]
  properties: {articles: {type: array, title: Articles}, region: {type: string, title: Region, default: EU}}
start: prepare
steps:
  prepare:
    kind: parallel
    title: Prepare
    branches:
      prices:
        start: price_all
        steps:
          price_all:
            kind: map
            title: Price articles
            items: ${ input.articles }
            max_concurrency: 20
            on_exhausted: dead_letter
            join: {on_failure: wait}
            start: price
            steps:
              price:
                kind: action
                title: Price article
                does: data.transform@^1
                with: {values: {sku: "${ item.sku }", price: "${ 1000 / item.packs }"}}
                timeout: 10s
      customs:
        when: input.region != 'EU'
        start: declare
        steps: {declare: {kind: set, title: Declare for customs, assign: {declared: true}}}
    next: done
  done: {kind: succeed, title: Priced}
"""
GOODS_IN = """
choreo: 1
key: goods_in
title: Goods in
owner: warehouse
notes: Books a delivery in. One crane for each gate, and the count only while the gate is open.
input:
  type: object
  required: [delivery, pallets]
  properties:
    delivery: {type: string, title: Delivery, minLength: 1}
    pallets: {type: integer, title: Pallets, minimum: 1, maximum: 40}
    gate: {type: string, title: Gate, enum: [north, south], default: north}
business_key: ${ input.delivery }
start: book
steps:
  book:
    kind: action
    title: Book in
    does: data.transform@^1
    with: {values: {delivery: "${ input.delivery }", pallets: "${ input.pallets }"}}
    timeout: 10s
    lock: gate ${ input.gate }
    next: tell
  tell: {kind: emit, title: Tell that goods are in, signal: goods.received, key: "${ input.delivery }", next: done}
  done: {kind: succeed, title: Booked in}
"""


def play_beside(admin: Any) -> dict[str, str]:
    """The addresses of what there is to see."""
    items = price_articles(admin)
    upload, preview = send_files(admin)
    tell_orders(admin)
    add_triggers(admin)
    wait_until(
        lambda: not Upload.objects.filter(ended_at=None, started_at__isnull=False), seconds=90, what="rows"
    )
    key = upload.workflow.key
    return {
        "triggers": f"/workflows/{key}/triggers/",
        "trigger-cron": f"/workflows/{key}/triggers/new/cron/",
        "trigger-webhook": f"/workflows/{key}/triggers/new/webhook/",
        "trigger-signal": f"/workflows/{key}/triggers/new/signal/",
        "limits": f"/workflows/{key}/limits/",
        "start-many": f"/workflows/{key}/start-many/",
        "upload-preview": f"/workflows/{key}/start-many/{preview.pk}/",
        "upload": f"/workflows/{key}/start-many/{upload.pk}/",
        "signals": "/signals/",
        "run-items": f"/runs/{items.pk}/",
        "run-items-failed": f"/runs/{items.pk}/?items=failed&step=price",
        "run-story": f"/runs/{Run.objects.filter(workflow__key='order_payment').latest('id').pk}/",
    }


def published(text: str, by: Any) -> Version:
    draft = import_document(document=read_document(text), by=by)
    return publish(draft=draft, note="First version.", revision=draft.revision, by=by)


def price_articles(admin: Any) -> Run:
    articles = [{"sku": f"ART-{n:04}", "packs": 0 if n % 97 == 13 else 1 + n % 9} for n in range(600)]
    run = start_run(
        version=published(CATALOGUE, admin), inputs={"articles": articles, "region": "EU"}, by=admin
    )
    wait_until(lambda: run.dead_letters.exists(), seconds=120, what="the articles")
    return run


def send_files(admin: Any) -> tuple[Upload, Upload]:
    """One whose runs are started, and one that is only looked at."""
    version = published(GOODS_IN, admin)
    rows = [f"DEL-{n},{1 + n % 40},{'south' if n % 3 else 'north'},{n}" for n in range(7_001, 7_131)]
    rows[4], rows[61], rows[90] = "DEL-7005,many,north,1", ",4,south,2", "DEL-7091,90,west,3"
    text = "Delivery,pallets,gate,note\n" + "\n".join(rows)
    schema = version.document["input"]
    sent = [
        add_upload(version=version, name=name, text=text, by=admin) for name in ("monday.csv", "tuesday.csv")
    ]
    begin_upload(upload=sent[0], sheet=read_sheet(text, schema), by=admin)
    return sent[0], sent[1]


def tell_orders(admin: Any) -> None:
    version = Workflow.objects.select_related("published").get(key="order_events").published
    assert version is not None
    like = sample(version.document["input"])
    runs = [
        start_run(
            version=version, by=admin, inputs={**like, "order_id": f"EVT-{1_001 + n}", "simulate": told}
        )
        for n, told in enumerate(("none", "none", "courier_fails", "card_declined", "none"))
    ]
    wait_until(lambda: all(ended(run) for run in runs), seconds=120, what="the orders told by events")
    for n in range(3):
        publish_signal(name="goods.recalled", key=f"ART-{n:04}", data={"why": "a crack"}, source="shop")


def ended(run: Run) -> bool:
    run.refresh_from_db()
    return run.ended_at is not None


def add_triggers(admin: Any) -> None:
    workflow = Workflow.objects.get(key="goods_in")
    told = {"delivery": "AUTO-${ input.scheduled_at }", "pallets": 4}
    body = {"delivery": "${ input.body.number }", "pallets": "${ input.body.pallets }"}
    heard = {"delivery": "${ input.key }", "pallets": 1}
    made: list[dict[str, Any]] = [
        {
            "kind": "cron",
            "title": "Every working morning",
            "cron": "0 6 * * 1-5",
            "zone": "Europe/Berlin",
            "input": told,
        },
        {"kind": "webhook", "title": "From the forwarder", "input": body},
        {"kind": "signal", "title": "When goods are recalled", "signal": "goods.recalled", "input": heard},
        {
            "kind": "cron",
            "title": "Sundays, until the move",
            "cron": "0 9 * * 0",
            "zone": "Europe/Berlin",
            "input": told,
        },
    ]
    triggers = [create_trigger(workflow=workflow, by=admin, **fields).trigger for fields in made]
    switch_trigger(trigger=triggers[3], enabled=False, by=admin)
    set_limits(workflow=workflow, by=admin, max_running=20, starts_per_minute=300, priority=6, queue="")
    publish_signal(name="goods.recalled", key="ART-0100", data={}, source="shop")
