"""Tokens: made once, kept as a hash, ended at will; and the two ways of coming in."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from choreo_site.models import ApiToken
from choreo_site.tokens import MOST, create_token
from tests.api.asking import Program, program, refused
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


def everything_stored() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    return repr(rows)


def test_a_token_is_never_stored():
    text = create_token(by=person("viewer"), name="test").text
    assert Program(text).get("/runs/").status_code == 200
    secret = text.removeprefix("choreo_")
    stored = everything_stored()
    assert ApiToken.objects.get().token_hash in stored
    assert secret not in stored
    assert secret[:8] not in stored


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token"])
def test_a_token_lets_in(scheme: str):
    text = create_token(by=person("viewer"), name="test").text
    assert Client().get("/api/v1/runs/", headers={"Authorization": f"{scheme} {text}"}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer choreo_x",
        "Bearer a b",
        "Bearer " + "x" * 5_000,
        "Bearer \xff",
        "Bearer \x00",
        "Basic YTpi",
        "x",
    ],
)
def test_what_is_no_token_does_not(header: str):
    answer = Client().get("/api/v1/runs/", headers={"Authorization": header})
    refused(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="choreo"'


def test_nobody_is_told_how_to_come_in():
    answer = Program().get("/runs/")
    refused(answer, 401, "unauthenticated", "Authorization: Bearer")
    assert answer["WWW-Authenticate"] == 'Bearer realm="choreo"'


def test_a_token_ends():
    user = person("viewer")
    made = create_token(by=user, name="test", days=1)
    asking = Program(made.text)
    assert asking.get("/runs/").status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(asking.get("/runs/"), 401, "unauthenticated", "past its time")
    ApiToken.objects.update(expires_at=None)
    assert asking.get("/runs/").status_code == 200
    user.is_active = False
    user.save()
    refused(asking.get("/runs/"), 401)
    user.is_active = True
    user.save()
    made.row.delete()
    refused(asking.get("/runs/"), 401)


def test_a_token_loses_what_its_person_loses(operator: Program):
    user = person("operator")
    user.groups.clear()
    refused(operator.get("/runs/"), 403, "forbidden", "This needs the role")


def test_the_last_use_is_noted_once_a_minute():
    asking = program(person("viewer"))
    asking.get("/runs/")
    used = ApiToken.objects.get().last_used_at
    assert timezone.now() - used < timedelta(seconds=10)
    asking.get("/runs/")
    assert ApiToken.objects.get().last_used_at == used
    ApiToken.objects.update(last_used_at=used - timedelta(minutes=2))
    asking.get("/runs/")
    assert ApiToken.objects.get().last_used_at > used - timedelta(minutes=1)


def test_a_session_lets_in_and_needs_its_csrf_token_to_change_something(order):
    body = {"workflow": "order", "input": {"order_id": "ORD-1"}}
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("operator"))
    assert client.get("/api/v1/runs/").status_code == 200
    refused(client.post("/api/v1/runs/", body, content_type="application/json"), 403, "forbidden", "CSRF")
    client.get("/tokens/")
    headers = {"X-CSRFToken": client.cookies["csrftoken"].value}
    answer = client.post("/api/v1/runs/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 201


# --- the page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["viewer", "designer", "operator", "reviewer", "admin"])
def test_everybody_makes_their_own(role: str):
    client = signed_in(person(role))
    answer = client.post("/tokens/", {"name": "nightly import", "days": "30"})
    assert answer.status_code == 200
    text = re.search(r'value="(choreo_[\w-]{43})"', answer.content.decode())[1]
    assert Program(text).get("/runs/").status_code == 200
    token = ApiToken.objects.get()
    assert (token.user, token.name) == (person(role), "nightly import")
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)
    again = client.get("/tokens/")
    assert text not in again.content.decode()
    assert "nightly import" in again.content.decode()
    assert "no-store" in again["Cache-Control"]


def test_one_that_holds_until_it_is_revoked():
    client = signed_in(person("viewer"))
    client.post("/tokens/", {"name": "x", "days": "0"})
    token = ApiToken.objects.get()
    assert token.expires_at is None
    answer = client.post(f"/tokens/{token.pk}/revoke/", follow=True)
    assert "has ended" in answer.content.decode()
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "", "days": "30"},
        {"name": "x", "days": "7"},
        {"name": "x" * 81, "days": "30"},
        {"name": "\0", "days": "30"},
        {},
    ],
)
def test_a_token_that_cannot_be_made(sent):
    answer = signed_in(person("viewer")).post("/tokens/", sent)
    assert answer.status_code == (422 if sent else 200)
    assert not ApiToken.objects.exists()


def test_there_is_an_end_to_it():
    user = person("viewer")
    for _ in range(MOST):
        create_token(by=user, name="x")
    answer = signed_in(user).post("/tokens/", {"name": "x", "days": "30"})
    assert (answer.status_code, f"You have {MOST} tokens" in answer.content.decode()) == (422, True)


def test_nobody_ends_another_persons():
    token = create_token(by=person("viewer"), name="x").row
    client = signed_in(person("admin"))
    assert "…" + token.hint not in client.get("/tokens/").content.decode()
    assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 404
    assert client.post(f"/tokens/{'9' * 30}/revoke/").status_code == 404
    assert ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/tokens/", 302), ("POST", "/tokens/1/revoke/", 403)]
)
def test_strangers_sign_in_first(method: str, path: str, status: int):
    assert Client().generic(method, path).status_code == status


# --- the command ---------------------------------------------------------------------------------------------


def made_by_command(*arguments: str) -> str:
    out = StringIO()
    call_command("choreo_token", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_prints_one():
    person("viewer")
    assert Program(made_by_command("vera", "--name", "cron", "--days", "7")).get("/runs/").status_code == 200
    assert ApiToken.objects.get().name == "cron"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nobody"], "no active user named 'nobody'"), (["vera", "--days", "0"], "from 1 to 3650")],
)
def test_the_command_refuses_with_a_sentence(arguments: list[str], said: str):
    person("viewer")
    with pytest.raises(CommandError, match=said):
        made_by_command(*arguments)
