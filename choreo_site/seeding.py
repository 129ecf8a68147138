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

USUAL_SHOP = "http://127.0.0.1:8099"
PORTS = {"http": 80, "https": 443}
EXAMPLES = Path(__file__).parent / "demo" / "definitions"


def seed_examples(*, by: User) -> list[str]:
    """Publish the example workflows when there is no workflow yet; returns their titles."""
    if not settings.CHOREO_DEMO or Workflow.objects.exists():
        return []
    _list_shop(by)
    return [
        _publish_example(path.read_text(encoding="utf-8"), by) for path in sorted(EXAMPLES.glob("*.yaml"))
    ]


def _list_shop(by: User) -> None:
    """The shop is on this machine, so `http.request` may call it only because it is listed: a row like any other."""
    shop = urlsplit(shop_url())
    port = shop.port or PORTS[shop.scheme]
    with suppress(Refused):  # somebody has listed it already
        add_destination(host=shop.hostname or "", port=port, private=True, by=by)


def _publish_example(text: str, by: User) -> str:
    document = read_document(text.replace(USUAL_SHOP, shop_url()))
    draft = import_document(document=document, by=by)
    version = publish(draft=draft, note="The example as it ships.", revision=draft.revision, by=by)
    reviews = [step for step in decode(document).steps.values() if isinstance(step, Review)]
    for name in sorted({name for review in reviews for name in review.reviewers.groups}):
        Group.objects.get_or_create(name=name)[0].user_set.add(by)
    return version.workflow.title
