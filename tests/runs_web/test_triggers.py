"""/workflows/<key>/triggers/ and what stands behind it, without JavaScript."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from designer.models import Workflow
from runs.actions import create_trigger
from runs.models import HookSecret, Run, Trigger, Work
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_version
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db
LIST = "/workflows/flow/triggers/"
CRON = {
    "title": "At night",
    "cron": "30 2 * * *",
    "zone": "Europe/Berlin",
    "catch_up": "once",
    "input": '{"n": 1}',
}


@pytest.fixture
def workflow(db: None) -> Workflow:
    return a_version(flow(one=echo("x"))).workflow


@pytest.fixture
def designer(db: None) -> Client:
    return signed_in(person("designer"))


def text(answer: Any) -> str:
    return unescape(re.sub(r"<[^>]+>|\s+", " ", answer.content.decode()))


def post(client: Client, kind: str = "cron", **fields: str) -> Any:
    return client.post(f"{LIST}new/{kind}/", {**CRON, **fields} if kind == "cron" else fields)


def test_a_designer_adds_a_cron_and_everybody_sees_it(designer: Client, viewer: Client, workflow: Workflow):
    answer = post(designer)
    trigger = Trigger.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert (trigger.cron, trigger.zone, trigger.catch_up, trigger.input) == (
        *("30 2 * * *", "Europe/Berlin", "once"), {"n": 1}
    )  # fmt: skip
    assert (trigger.made_by, Work.objects.get().due_at) == (person("designer"), trigger.next_at)
    seen = text(viewer.get(LIST))
    assert "At night" in seen and "At 02:30" in seen and "Switch off" not in seen
    assert "Switch off" in text(designer.get(LIST))


def test_the_next_moments_can_be_looked_at_before_it_is_saved(designer: Client, workflow: Workflow):
    answer = post(designer, _test="1")
    assert not Trigger.objects.exists()
    assert len(re.findall(r"<li>\w{3} \d+ \w{3} 0[23]:[03]0", answer.content.decode())) == 5
    assert "At 02:30" in text(answer)
    assert "makes no sense" in text(post(designer, _test="1", cron="99 * * * *"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "required"),
        ({"cron": "99 * * * *"}, "minute makes no sense"),
        ({"cron": "0 0 30 2 *"}, "day"),
        ({"zone": "Mars"}, "Select a valid choice"),
        ({"version": "7"}, "Select a valid choice"),
        ({"catch_up": "\0"}, "Select a valid choice"),
        ({"cron": "\0"}, "Null characters"),
        ({"input": "{"}, "not JSON"),
        ({"input": '{"n": "${ vars.n }"}'}, "not known to a trigger"),
    ],
)
def test_what_is_not_right_is_said_at_its_place(
    designer: Client, workflow: Workflow, fields: dict, said: str
):
    answer = post(designer, **fields)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not Trigger.objects.exists()


def test_a_webhook_shows_its_secret_once(designer: Client, workflow: Workflow):
    answer = post(designer, "webhook", title="Shop", headers="X-Shop, x-other")
    trigger = Trigger.objects.get()
    [secret] = set(re.findall(r"whsec_[A-Za-z0-9+/=]{44}", unescape(answer.content.decode())))
    assert secret.endswith(HookSecret.objects.get().hint)
    assert trigger.headers == ["x-shop", "x-other"]
    assert f"/hooks/{trigger.pk}/" in answer.content.decode()
    page = designer.get(f"/triggers/{trigger.pk}/").content.decode()
    assert f"/hooks/{trigger.pk}/" in page and "whsec_" not in page
    rotated = designer.post(f"/triggers/{trigger.pk}/rotate/").content.decode()
    assert "whsec_" in rotated and secret not in unescape(rotated)


def test_a_signal_is_subscribed_to(designer: Client, workflow: Workflow):
    assert (
        post(designer, "signal", title="Paid", signal="paid", condition="input.data.n > 1").status_code == 302
    )
    assert "When the signal paid comes" in text(designer.get(LIST))
    assert "input.data" in text(
        post(designer, "signal", title="Paid", signal="paid", condition="input.data.n >")
    )


def test_it_is_changed_switched_and_removed(designer: Client, workflow: Workflow):
    post(designer)
    trigger = Trigger.objects.get()
    page = designer.get(f"/triggers/{trigger.pk}/").content.decode()
    assert "&quot;n&quot;: 1" in page and 'value="30 2 * * *"' in page
    designer.post(f"/triggers/{trigger.pk}/", {**CRON, "cron": "0 * * * *", "title": "Hourly"})
    trigger.refresh_from_db()
    assert (trigger.title, Work.objects.get().due_at, trigger.next_at.minute) == (
        "Hourly",
        trigger.next_at,
        0,
    )
    designer.post(f"/triggers/{trigger.pk}/switch/", {"enabled": "off"})
    assert "Off" in text(designer.get(LIST)) and not Work.objects.exists()
    designer.post(f"/triggers/{trigger.pk}/switch/", {"enabled": "on"})
    assert Work.objects.exists()
    designer.post(f"/triggers/{trigger.pk}/remove/")
    assert designer.get(f"/triggers/{trigger.pk}/").status_code == 404


def test_what_it_did_last_is_told(designer: Client, workflow: Workflow, hand: Hand):
    made = create_trigger(workflow=workflow, by=None, kind="cron", title="T", cron="* * * * *", input={})
    now = timezone.now().replace(second=0, microsecond=0)
    for _ in range(1):
        Trigger.objects.update(next_at=now, missed=3, refused=1, last_refusal="No <b>.", last_refused_at=now)
        Work.objects.filter(trigger=made.trigger).update(due_at=now - timedelta(seconds=1))
        hand.claim()
    page = designer.get(LIST).content.decode()
    assert f"/runs/{Run.objects.get().pk}/" in page
    assert "No &lt;b&gt;." in page and "3 moments missed" in page


@pytest.mark.parametrize("role", ["viewer", "operator", "reviewer"])
def test_only_designers_manage(role: str, workflow: Workflow):
    client = signed_in(person(role))
    trigger = create_trigger(workflow=workflow, by=None, kind="webhook", title="T").trigger
    assert client.get(LIST).status_code == 200
    for path in (f"{LIST}new/cron/", f"/triggers/{trigger.pk}/", "/workflows/flow/limits/"):
        assert client.get(path).status_code == 403
    for path in ("switch", "remove", "rotate"):
        assert client.post(f"/triggers/{trigger.pk}/{path}/").status_code == 403


def test_what_is_not_there(designer: Client, workflow: Workflow):
    assert designer.get("/workflows/nowhere/triggers/").status_code == 404
    assert designer.get(f"{LIST}new/magic/").status_code == 404
    cron = create_trigger(workflow=workflow, by=None, kind="cron", title="T", cron="* * * * *").trigger
    assert designer.post(f"/triggers/{cron.pk}/rotate/").status_code == 404
