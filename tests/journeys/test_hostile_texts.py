"""Names, values, errors and signals that would run scripts, shown on every page and in a live frame: none of them runs.

The page counts what a payload would call; a breach of the policy fails any journey (conftest.py).
"""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from choreo_site.tokens import create_token
from designer.actions import import_document, note_deed, publish
from designer.models import Destination, Version
from runs.actions import Report, cancel_run, create_trigger, publish_signal, start_run
from runs.engine import Fault
from runs.models import Review, Upload
from tests.actions.flows import echo, flow, review
from tests.factories import Hand
from tests.people import person, sign_in
from tests.security.payloads import ALL, PAYLOADS
from tests.servers import Site

pytestmark = pytest.mark.journey

COUNT = "window.counted = 0; window.boom = () => { window.counted += 1; }; window.alert = window.boom;"
# What a payload makes of a page when it is taken for more than text.
MADE = """document.querySelectorAll(`img[src="x"], [onerror], [onload], [onfocus], [ontoggle], [onbegin], iframe,
  object, embed, base, marquee, math, foreignObject, [href^="javascript:"], [formaction], [srcdoc], script:not([src]),
  script[src^="data:"], [hx-get="/"]`).length"""
SHORT = [payload for payload in PAYLOADS if len(payload) <= 60]


def short(number: int) -> str:
    return SHORT[number % len(SHORT)]


@pytest.fixture
def told(live_site: Site) -> dict[str, Any]:
    """Something of everything, all of it called by payloads."""
    ada, hand = person("admin", short(1)), Hand()
    User.objects.create_user("mallory", first_name=short(2)[:150], last_name=short(3)[:150])
    version = hostile_version(ada)
    runs = [
        start_run(version=version, inputs={"key": payload, "all": ALL}, by=ada) for payload in PAYLOADS[:12]
    ]
    hand.claim(limit=50)
    for number, held in enumerate(list(hand.held)):
        broken = Fault(name="Broken", message=ALL, step=held.key, retryable=False)
        hand.report(held, Report(fault=broken) if number % 3 == 2 else Report(output=PAYLOADS[number]))
    hand.claim(limit=50)
    for number, payload in enumerate(SHORT):
        publish_signal(name=payload[:100], key=payload, data={payload: ALL}, source=payload[:200])
        note_deed("did", "run", payload, by=ada, **{"reason": payload, "number": number})
    trigger = create_trigger(workflow=version.workflow, by=ada, kind="webhook", title=short(5)).trigger
    create_token(by=ada, name=short(6))
    Destination.objects.create(host=short(7), port=443, added_by=ada, added_at=timezone.now())
    upload = Upload.objects.create(
        workflow=version.workflow,
        version=version,
        name=ALL[:200],
        text=f"key,all\n{quoted(short(8))},{quoted(ALL)}\n",
        made_at=timezone.now(),
    )
    asked = Review.objects.filter(run__in=runs).first()
    return {"ada": ada, "run": runs[0], "others": runs, "review": asked, "trigger": trigger, "upload": upload}


def quoted(cell: str) -> str:
    """As a cell of CSV."""
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


def hostile_version(by: User) -> Version:
    look = {
        **review(
            show=[
                {"label": short(9), "value": "${ input.all }"},
                {"label": short(10), "value": "${ input.key }"},
            ]
        ),
        "title": short(11),
    }  # fmt: skip
    look["outcomes"] = {
        "approve": {"title": short(12)[:60], "next": "yes"}, "reject": {"next": "no", "reason": "required"},
    }  # fmt: skip
    document = {
        "choreo": 1, "key": "hostile", "title": ALL[:200], "owner": short(13)[:64], "notes": ALL[:1000],
        "input": {
            "type": "object", "title": short(14), "description": ALL,
            "properties": {
                "key": {"type": "string", "title": short(15), "description": ALL},
                "all": {"type": "string"},
            },
        },
        "business_key": "${ input.key }",
        **flow(
            one=echo("${ input.key }", title=short(16)[:100], next="look"),
            look=look,
            yes=echo("${ input.all }", title=short(17)[:100]),
            no={"kind": "fail", "error": "Rejected", "message": "${ input.all }"},
        ),
    }  # fmt: skip
    draft = import_document(document=document, by=by)
    return publish(draft=draft, note=ALL, revision=draft.revision, by=by)


def pages(told: dict[str, Any]) -> list[str]:
    run, failed, workflow = told["run"].pk, told["others"][2].pk, "/workflows/hostile"
    return [
        "/workflows/", f"{workflow}/", f"{workflow}/versions/1/", f"{workflow}/edit/", f"{workflow}/edit/?step=one",
        f"{workflow}/edit/?step=look", f"{workflow}/edit/?step=no", f"{workflow}/compare/1/draft/",
        f"{workflow}/publish/", f"{workflow}/start/", f"{workflow}/triggers/", f"{workflow}/limits/",
        f"{workflow}/runs/", f"{workflow}/export/", f"/triggers/{told['trigger'].pk}/",
        f"{workflow}/start-many/{told['upload'].pk}/", "/runs/", f"/runs/?q={PAYLOADS[8]}", f"/runs/{failed}/",
        f"/runs/{failed}/?step=one", f"/runs/{run}/?step=look", f"/runs/{run}/?tab=graph", f"/runs/{run}/cancel/",
        "/reviews/", f"/reviews/{told['review'].pk}/", "/signals/", f"/search/?q={PAYLOADS[4]}", "/people/", "/teams/",
        "/tokens/", "/secrets/", "/destinations/", "/audit/", f"/audit/?q={PAYLOADS[8]}", "/api/v1/docs/",
    ]  # fmt: skip


@pytest.fixture
def expected_troubles() -> list[str]:
    return ["status of 404", "status of 422"]


def test_no_text_becomes_a_script(page: Page, live_site: Site, told: dict[str, Any]):
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.add_init_script(COUNT)
    sign_in(page, live_site.url, told["ada"])
    for path in pages(told):
        page.goto(live_site.url + path)
        assert (path, page.evaluate(MADE), page.evaluate("window.counted")) == (path, 0, 0)
    check_live(page, live_site, told)
    assert dialogs == []


def check_live(page: Page, site: Site, told: dict[str, Any]) -> None:
    """A frame comes over the socket, and everything in it is somebody's text."""
    page.goto(f"{site.url}/runs/{told['run'].pk}/")
    expect(page.locator("[data-live]")).to_have_text("Live")
    cancel_run(run_id=told["run"].pk, by=told["ada"], reason=ALL)
    expect(page.get_by_text("boom(1)", exact=False).first).to_be_visible()
    expect(page.locator("h1 + .pill")).to_have_text("Cancelled")
    assert (page.evaluate(MADE), page.evaluate("window.counted")) == (0, 0)
