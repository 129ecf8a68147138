"""Whatever is sent, the answer is a problem with a sentence, and never a page or a 500."""

import json

import pytest
from django.db import OperationalError
from django.test import Client

from designer.models import Version
from runs.models import Run
from tests.api.asking import NOBODY, Program, refused
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "This is not JSON: Expecting property name enclosed in double quotes, at line 1, column 2."),
        (b"nonsense", "This is not JSON"),
        (b'{"a": NaN}', "JSON has no NaN"),
        (b'{"a": -Infinity}', "JSON has no -Infinity"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "64 bits"),
        (b'{"a": 9223372036854775808}', "64 bits"),
        (b'{"a": 1, "a": 2}', "“a” is given twice"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "given twice"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'{"a": {"b": ["x", "\\ud800"]}}', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b"\xff", "UTF-8"),
        ('{"a": "\ud800"}'.encode("utf-8", "surrogatepass"), "UTF-8"),
        (b"[" * 60 + b"]" * 60, "nested deeper than 50"),
        (b"[" * 200_000, "nested deeper than 50"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested deeper than 50"),
    ],
)
def test_a_body_that_cannot_be_read(body: bytes, said: str, operator: Program, order: Version):
    refused(operator.send("POST", "/runs/", body), 400, "malformed", said)
    assert not Run.objects.exists()


def test_the_place_of_a_flaw_is_pointed_at(operator: Program):
    problem = refused(operator.send("POST", "/runs/", b'{"a": {"b/c": ["x", "\\u0000"]}}'), 400)
    assert problem["errors"][0]["pointer"] == "#/a/b~1c/1"


def test_a_body_that_is_too_large(operator: Program, settings):
    settings.CHOREO_API_BODY_LIMIT = 2_000
    body = json.dumps({"workflow": "order", "input": {"order_id": "x" * 2_000}})
    refused(operator.send("POST", "/runs/", body), 413, "too-large", "larger than 1 KiB")


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "nonsense",
        "x/y; z",
    ],
)
def test_a_body_of_another_kind(kind: str, operator: Program):
    refused(operator.send("POST", "/runs/", b"a=1", kind), 415, "unsupported-media-type", "application/json")


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_form_with_a_session_is_no_way_around(kind: str):
    """Looking for the CSRF token, Django reads a form's body first."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("operator"))
    answer = client.generic("POST", "/api/v1/runs/", b"--x\r\nnonsense", content_type=kind)
    assert answer.status_code in (400, 403)
    refused(answer, answer.status_code)


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_another_method(method: str, viewer: Program):
    answer = viewer.send(method, "/runs/", b"")
    refused(answer, 405, "method-not-allowed", method)
    assert answer["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v2/runs/",
        "/api/v1/",
        "/api/v1/nothing/",
        "/api/v1/runs/1/",
        "/api/v1/runs/not-a-uuid/",
        f"/api/v1/runs/{NOBODY}0/",
        "/api/v1/runs/%00/",
        "/api/v1/reviews/%ff/",
        "/api/v1/runs/a%0Ab/",
        "/api/v1/workflows/a b/",
        "/api/v1/workflows/order/versions/-1/",
        "/api/v1/runs/" + "x" * 3_000 + "/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_address_that_leads_nowhere(path: str, method: str, viewer: Program):
    refused(viewer.send(method, path, b""), 404, "not-found")


def test_a_forgotten_slash_is_asked_about(viewer: Program):
    refused(viewer.get("/runs"), 404, "not-found", "Did you mean /api/v1/runs/?")


def test_a_database_that_does_not_answer(viewer: Program, monkeypatch: pytest.MonkeyPatch):
    def gone(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr("runs.api.runs.visible_runs", gone)
    answer = viewer.get("/runs/")
    refused(answer, 503, "outage", "Nothing was changed")
    assert answer["Retry-After"] == "5"


def test_a_defect_is_a_problem_too(viewer: Program, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("runs.api.runs.visible_runs", lambda user: 1 / 0)
    viewer.client.raise_request_exception = False
    problem = refused(viewer.get("/runs/"), 500, "internal", "Something is broken here")
    assert "division" not in json.dumps(problem)


def test_a_host_that_is_not_ours(viewer: Program):
    answer = viewer.client.get("/api/v1/runs/", headers={**viewer.headers, "Host": "evil.example"})
    refused(answer, 400, "bad-request")
