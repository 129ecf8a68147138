"""Secrets and destinations are kept on two pages, by administrators, and no page shows a value again."""

from typing import Any

import pytest
from django.test import Client

from designer.models import AuditEntry, Destination, Secret
from designer.secrets import secret_values
from tests.factories import a_version
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db
VALUE = "C4nary-v4lue"


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin"))


def text(answer: Any) -> str:
    return answer.content.decode()


def test_a_secret_is_added_replaced_and_removed(admin: Client):
    assert admin.post("/secrets/", {"name": "shop_token", "value": VALUE}).status_code == 302
    secret = Secret.objects.get()
    page = admin.get("/secrets/")
    assert page["Cache-Control"].startswith("max-age=0")
    assert "shop_token" in text(page) and VALUE not in text(page)
    admin.post(f"/secrets/{secret.pk}/", {"value": "-----BEGIN\r\nlines-----"})
    assert secret_values(["shop_token"]) == {"shop_token": "-----BEGIN\nlines-----"}
    admin.post(f"/secrets/{secret.pk}/remove/")
    assert not Secret.objects.exists()
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", "by__username"))
    assert verbs == [("added", "ada"), ("replaced", "ada"), ("removed", "ada")]
    assert "ada removed" in text(admin.get("/secrets/"))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "Shop Token", "value": VALUE}, "cannot name a secret"),
        ({"name": "shop_token", "value": "V4lue"}, "8 to 8,192 characters"),
        ({"name": "", "value": VALUE}, "This field is required"),
        ({"name": "shop_token", "value": ""}, "This field is required"),
        ({"name": "shop_token", "value": f"{VALUE}\0"}, "Null characters are not allowed"),
    ],
)
def test_a_refusal_says_why_and_does_not_repeat_the_value(admin: Client, sent: dict[str, str], said: str):
    answer = admin.post("/secrets/", sent)
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert "4lue" not in text(answer)
    assert not Secret.objects.exists()


def test_a_name_is_given_once(admin: Client):
    for status in (302, 422):
        assert admin.post("/secrets/", {"name": "shop_token", "value": VALUE}).status_code == status


def test_replacing_by_nothing_is_refused(admin: Client):
    admin.post("/secrets/", {"name": "shop_token", "value": VALUE})
    answer = admin.post(f"/secrets/{Secret.objects.get().pk}/", {"value": ""})
    assert (answer.status_code, "was not replaced" in text(answer)) == (422, True)


def test_it_says_which_workflows_name_a_secret(admin: Client):
    admin.post("/secrets/", {"name": "shop_token", "value": VALUE})
    assert "No published workflow names it" in text(admin.get("/secrets/"))
    call = {"kind": "action", "does": "acme.echo", "with": {"value": "${ secret.shop_token }"}}
    a_version({"start": "call", "steps": {"call": call}})
    page = text(admin.get("/secrets/"))
    assert 'Named by <a href="/workflows/flow/">Flow</a>' in page
    assert 'data-copy="${ secret.shop_token }"' in page


def test_a_destination_is_listed_and_removed(admin: Client):
    admin.post("/destinations/", {"host": "Shop.Internal.", "port": 8099, "private": "on"})
    destination = Destination.objects.get()
    assert (destination.host, destination.port, destination.private) == ("shop.internal", 8099, True)
    assert "shop.internal:8099" in text(admin.get("/destinations/"))
    admin.post(f"/destinations/{destination.pk}/remove/")
    assert not Destination.objects.exists()
    assert "removed" in text(admin.get("/destinations/"))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"host": "https://example.com/", "port": 443}, "is no host"),
        ({"host": "*", "port": 443}, "is no host"),
        ({"host": "*.com", "port": 443}, "is no host"),
        ({"host": "a b", "port": 443}, "is no host"),
        ({"host": "example.com", "port": 0}, "greater than or equal to 1"),
        ({"host": "example.com", "port": 70_000}, "less than or equal to 65535"),
        ({"host": "", "port": 443}, "This field is required"),
    ],
)
def test_what_is_no_destination_is_refused(admin: Client, sent: dict[str, Any], said: str):
    answer = admin.post("/destinations/", sent)
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert not Destination.objects.exists()


@pytest.mark.parametrize(
    "host", ["api.example.com", "*.example.com", "localhost", "10.0.0.7", "fd00::7", "a_b.example"]
)
def test_names_addresses_and_all_below_a_name_are_hosts(admin: Client, host: str):
    assert admin.post("/destinations/", {"host": host, "port": 443}).status_code == 302


@pytest.mark.parametrize("path", ["/secrets/", "/destinations/"])
@pytest.mark.parametrize("role", ["viewer", "designer", "operator", "reviewer"])
def test_nobody_else_may(role: str, path: str):
    client = signed_in(person(role))
    assert client.get(path).status_code == 403
    sent = {"name": "a_secret", "value": VALUE, "host": "example.com", "port": 1}
    assert client.post(path, sent).status_code == 403
    assert not Secret.objects.exists() and not Destination.objects.exists()
    assert path not in text(client.get("/workflows/"))


@pytest.mark.parametrize(
    "path", ["/secrets/7/", "/secrets/7/remove/", "/destinations/7/remove/", f"/secrets/{2**70}/"]
)
def test_what_is_not_there_is_not_found(admin: Client, path: str):
    assert admin.post(path, {"value": VALUE}).status_code == 404
    assert admin.get(path).status_code == 405
