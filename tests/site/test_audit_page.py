"""The page of the audit trail, and its file."""

import csv
import io

import pytest
from django.contrib.auth.models import AbstractUser
from django.test import Client

from designer.actions import note_deed, seal_trail
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> AbstractUser:
    return person("admin")


@pytest.fixture
def admin(ada: AbstractUser) -> Client:
    for number in range(3):
        note_deed(
            "tried",
            "run",
            f"ORD-{number}",
            by=ada,
            about="0190b8d6-0000-7000-8000-000000000000",
            number=number,
        )
    note_deed("added", "secret", "=cmd|'/c calc'!A1", by=ada)
    seal_trail()
    return signed_in(ada)


def shown(client: Client, **asked: str) -> str:
    return client.get("/audit/", asked).content.decode()


def test_it_tells_who_did_what_to_what(admin: Client):
    page = shown(admin)
    assert "ORD-2" in page
    assert "tried" in page
    assert 'href="/runs/0190b8d6-0000-7000-8000-000000000000/"' in page
    assert "Copy the head of the chain" in page


def test_it_is_filtered(admin: Client):
    assert "ORD-1" not in shown(admin, kind="secret")
    assert "ORD-1" in shown(admin, q="ord-1")
    assert "ORD-2" not in shown(admin, q="ord-1")
    assert "ORD-1" in shown(admin, since="2020-01-01")
    assert "Nothing fits" in shown(admin, until="2020-01-01")


@pytest.mark.parametrize("asked", [{"since": "soon"}, {"kind": "king"}, {"before": "x"}, {"q": "\0"}])
def test_a_filter_that_makes_no_sense_is_told(asked: dict[str, str], admin: Client):
    assert "Nothing is listed until the filter makes sense" in shown(admin, **asked)
    assert admin.get("/audit.csv", asked).status_code == 422


def test_the_file_holds_no_formulas(admin: Client):
    answer = admin.get("/audit.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert answer["Content-Disposition"] == 'attachment; filename="audit.csv"'
    assert [row["number"] for row in rows] == ["4", "3", "2", "1"]
    assert rows[0]["name"] == "'=cmd|'/c calc'!A1"
    assert rows[1]["facts"] == '{"number": 2}'


@pytest.mark.parametrize("role", ["viewer", "designer", "operator", "reviewer"])
def test_only_an_admin_may(role: str):
    for path in ("/audit/", "/audit.csv"):
        assert signed_in(person(role)).get(path).status_code == 403
