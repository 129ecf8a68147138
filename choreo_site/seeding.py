"""What a new installation begins with."""

from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group, User

from choreo_site.demo.shop_client import shop_url
from designer.actions import add_destination, import_document, publish
from designer.graph import Review, decode, read_document
from designer.models import Workflow
from designer.refusals import Refused
from runs.actions import create_trigger

USUAL_SHOP = "http://127.0.0.1:8099"
PORTS = {"http": 80, "https": 443}
EXAMPLES = Path(__file__).parent / "demo" / "definitions"
# What starts the workflows of an order that is told by events.
STARTED_BY = {
    "order_stock": "order.placed",
    "order_payment": "stock.reserved",
    "order_shipping": "payment.charged",
}


def seed_examples(*, by: User) -> list[str]:
    """Publish the example workflows when there is no workflow yet; returns their titles."""
    if not settings.CHOREO_DEMO or Workflow.objects.exists():
        return []
    _list_shop(by)
    alone, together = sorted(EXAMPLES.glob("*.yaml")), sorted((EXAMPLES / "order_events").glob("*.yaml"))
    published = [_publish_example(path.read_text(encoding="utf-8"), by) for path in (*alone, *together)]
    for key, signal in STARTED_BY.items():
        workflow = Workflow.objects.get(key=key)
        create_trigger(workflow=workflow, by=by, kind="signal", title=f"When {signal} comes", signal=signal)
    return [workflow.title for workflow in published]


def _list_shop(by: User) -> None:
    """The shop is on this machine, so `http.request` may call it only because it is listed: a row like any other."""
    shop = urlsplit(shop_url())
    port = shop.port or PORTS[shop.scheme]
    with suppress(Refused):  # somebody has listed it already
        add_destination(host=shop.hostname or "", port=port, private=True, by=by)


def _publish_example(text: str, by: User) -> Workflow:
    document = read_document(text.replace(USUAL_SHOP, shop_url()))
    draft = import_document(document=document, by=by)
    version = publish(draft=draft, note="The example as it ships.", revision=draft.revision, by=by)
    reviews = [step for step in decode(document).steps.values() if isinstance(step, Review)]
    for name in sorted({name for review in reviews for name in review.reviewers.groups}):
        Group.objects.get_or_create(name=name)[0].user_set.add(by)
    return version.workflow
