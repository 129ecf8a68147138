"""/hooks/<id>/: whoever signs starts a run, once for each message, and nobody else does."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from designer.models import Version
from runs.actions import create_trigger, rotate_secret, sign, switch_trigger
from runs.models import HookSecret, Keeper, Run, Trigger
from tests.api.asking import refused
from tests.factories import a_version

pytestmark = pytest.mark.django_db
BODY = b'{"order_id": "O1"}'


class Caller:
    """Somebody with a secret, who signs as Standard Webhooks says."""

    def __init__(self, trigger: Trigger, secret: str) -> None:
        self.trigger, self.secret, self.client = trigger, secret, Client(enforce_csrf_checks=True)

    def call(self, body: bytes = BODY, named: str = "msg_1", at: float = 0, **headers: str) -> Any:
        stamp = int(time.time() + at)
        signed = {
            "webhook-id": named,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(self.secret, named, stamp, body),
        }
        named_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = named_headers.pop("content-type", "application/json")
        return self.client.post(
            f"/hooks/{self.trigger.pk}/", body, content_type=kind, headers=signed | named_headers
        )


@pytest.fixture
def caller(order: Version) -> Caller:
    return a_caller(order)


def a_caller(version: Version, **fields: Any) -> Caller:
    made = create_trigger(workflow=version.workflow, by=None, kind="webhook", title="Shop", **fields)
    return Caller(*made)


def the_input() -> Any:
    run = Run.objects.get()
    return Keeper(run).open(run.input)


def test_a_signed_call_starts_a_run_with_its_body(caller: Caller):
    answer = caller.call()
    run = Run.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"run": str(run.pk), "replayed": False})
    assert (run.trigger, run.started_by, run.key) == (caller.trigger, None, "O1")
    assert the_input() == {"order_id": "O1"}


def test_the_same_message_is_one_run(caller: Caller):
    first, again = caller.call(), caller.call(b'{"order_id": "O2"}')
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == {"run": first.json()["run"], "replayed": True}
    assert caller.call(named="msg_2").status_code == 202
    assert Run.objects.count() == 2


def test_a_template_reads_body_and_chosen_headers(order: Version):
    template = {"order_id": "${ input.body.no }/${ input.headers['x-shop'] }"}
    caller = a_caller(order, headers=["x-shop"], input=template)
    assert caller.call(b'{"no": 7}', x_shop="de", x_other="no").status_code == 202
    assert the_input() == {"order_id": "7/de"}


def test_a_wrong_signature_is_refused(caller: Caller):
    for signature in ("", "v1,", "v1,AAAA", "v2," + "A" * 44, "nonsense ä", "v1a,x", " "):
        refused(
            caller.call(webhook_signature=signature.encode().decode("latin1")), 401, "unauthenticated", "sign"
        )
    refused(caller.call(webhook_id="msg_9"), 401)
    refused(caller.call(webhook_timestamp="1"), 401)
    caller.secret = "whsec_" + "A" * 44
    refused(caller.call(), 401)
    assert not Run.objects.exists()
    caller.trigger.refresh_from_db()
    assert caller.trigger.refused == 10
    assert "does not fit" in caller.trigger.last_refusal


def test_one_right_signature_among_several_is_enough(caller: Caller):
    stamp = int(time.time())
    right = sign(caller.secret, "msg_1", stamp, BODY)
    given_ = f"v1,{'B' * 43}= {right} v2,x"
    assert caller.call(webhook_signature=given_, webhook_timestamp=str(stamp)).status_code == 202


@pytest.mark.parametrize("at", [-301, 302, -100_000])
def test_a_message_from_another_time_is_refused(caller: Caller, at: int):
    refused(caller.call(at=at), 400, "bad-request", "webhook-timestamp is")
    assert not Run.objects.exists()


@pytest.mark.parametrize("at", [-295, 0, 295])
def test_five_minutes_off_is_taken(caller: Caller, at: int):
    assert caller.call(at=at).status_code == 202


def test_an_old_secret_counts_until_it_has_ended(caller: Caller):
    old = caller.secret
    caller.secret = rotate_secret(trigger=caller.trigger, by=None)
    assert caller.secret != old
    assert caller.call(named="a").status_code == 202
    caller.secret = old
    assert caller.call(named="b").status_code == 202
    HookSecret.objects.exclude(ends_at=None).update(ends_at="2026-01-01T00:00Z")
    refused(caller.call(named="c"), 401)


def test_secrets_are_sealed(caller: Caller):
    kept = HookSecret.objects.get()
    assert caller.secret.startswith("whsec_")
    assert caller.secret not in kept.sealed
    assert kept.hint == caller.secret[-4:]


def test_what_does_not_fit_the_workflow_is_told_and_kept(caller: Caller):
    problem = refused(caller.call(b'{"order_id": 7}'), 422, "input-refused", "order_id")
    caller.trigger.refresh_from_db()
    assert caller.trigger.last_refusal == problem["detail"]
    refused(caller.call(b"{no"), 422, "input-refused", "not JSON")
    refused(caller.call(b""), 422, "input-refused", "not JSON")


def test_a_template_that_does_not_fit_is_told(order: Version):
    caller = a_caller(order, input={"order_id": "${ input.body.order.no }"})
    refused(caller.call(), 422, "input-refused", "template")


def test_unknown_and_switched_off_are_not_there(caller: Caller, order: Version):
    switch_trigger(trigger=caller.trigger, enabled=False, by=None)
    refused(caller.call(), 404, "not-found", "no webhook")
    caller.trigger = create_trigger(
        workflow=order.workflow, by=None, kind="signal", title="Paid", signal="paid"
    ).trigger
    refused(caller.call(), 404)


def test_nothing_published_is_a_conflict(order: Version):
    caller = a_caller(order)
    workflow = order.workflow
    workflow.published = None
    workflow.save()
    refused(caller.call(), 409, "conflict", "not been published")


def test_only_json_of_a_reasonable_size(caller: Caller, monkeypatch: pytest.MonkeyPatch):
    refused(caller.call(content_type="text/plain"), 415, "unsupported-media-type")
    monkeypatch.setattr(settings, "CHOREO_HOOK_BODY_LIMIT", 1024)
    refused(caller.call(json.dumps({"order_id": "x" * 2_000}).encode()), 413, "too-large", "1 KiB")
    assert caller.client.get(f"/hooks/{caller.trigger.pk}/").status_code == 405


def test_calls_are_counted_for_each_webhook(caller: Caller, order: Version, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "CHOREO_HOOK_RATE", 2)
    answers = [caller.call(named=str(n)) for n in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(refused(answers[2], 429, "too-many-requests")["status"]) == 429
    assert a_caller(order).call().status_code == 202


@hypothesis_settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(
    body=st.one_of(
        st.binary(max_size=200), st.text(max_size=100).map(lambda text: json.dumps(text).encode())
    ),
    named=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=300),
    at=st.sampled_from([0, 0, 400]),
)
def test_whatever_is_signed_is_answered_without_a_defect(body: bytes, named: str, at: int):
    cache.clear()
    trigger = Trigger.objects.filter(kind="webhook").first()
    if trigger is None:
        Keep.caller = a_caller(a_version({"start": "done", "steps": {"done": {"kind": "succeed"}}}))
    answer = Keep.caller.call(body, named, at)
    assert answer.status_code in (200, 202, 400, 422)


class Keep:
    caller: Caller


@pytest.fixture(autouse=True)
def counters_are_empty() -> Iterator[None]:
    cache.clear()
    yield
