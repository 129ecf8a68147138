"""The description and its page: complete, valid, and open to everybody."""

import json
import re

import pytest
from django.test import Client
from jsonschema_rs import Draft202012Validator

from choreo_site.api.docs import docs
from choreo_site.api.openapi import described, operations
from designer.api.problems import KINDS
from designer.graph import read_document
from tests.api.asking import Program
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


def test_it_is_json_and_yaml():
    answer = Program().get("/schema/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json()["openapi"].startswith("3.1")
    text = Program().get("/schema/", Accept="application/yaml")
    assert text["Content-Type"] == "application/yaml; charset=utf-8"
    assert read_document(text.content.decode()) == answer.json()


def test_every_operation_is_named_described_and_guarded():
    found = list(operations(described()))
    ids = [operation["operationId"] for _, _, operation in found]
    assert len(ids) == len(set(ids)) == 51
    for path, _, operation in found:
        assert re.fullmatch("[a-z]+[A-Za-z]*", operation["operationId"])
        assert operation["summary"] and operation["tags"], path
        assert operation["security"] == [{"token": []}, {"cookieAuth": []}], path
        assert operation["x-permission"], path
        assert {"400", "401", "403", "429", "503"} <= operation["responses"].keys(), path


def test_problems_are_problems_and_bodies_are_closed():
    schema = described()
    for path, method, operation in operations(schema):
        for status, answer in operation["responses"].items():
            kinds = list(answer.get("content", ()))
            assert (kinds == ["application/problem+json"]) == (status >= "400"), (path, method, status)
    bodies = [found for name, found in schema["components"]["schemas"].items() if name.endswith("Body")]
    assert len(bodies) == 15
    assert all(body["additionalProperties"] is False for body in bodies)


def test_the_examples_fit_their_shapes():
    schema = described()
    seen = 0
    for path, _, operation in operations(schema):
        for sent in operation.get("requestBody", {}).get("content", {}).values():
            shape = {**sent["schema"], "components": schema["components"]}
            for example in sent.get("examples", {}).values():
                assert Draft202012Validator(shape).is_valid(example["value"]), path
                seen += 1
    assert seen >= 9


def test_every_reference_leads_somewhere():
    schema = described()
    named = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schema))
    assert len(set(named)) > 20
    assert set(named) <= schema["components"]["schemas"].keys()


@pytest.mark.parametrize("client", [Client(), None], ids=["stranger", "viewer"])
def test_the_page_shows_every_operation_and_problem(client: Client | None):
    answer = (client or signed_in(person("viewer"))).get("/api/v1/docs/")
    assert answer.status_code == 200
    page = answer.content.decode()
    for path, _, operation in operations(described()):
        assert f'id="{operation["operationId"]}"' in page
        assert f"<code>{path}</code>" in page
    assert all(f'id="problem-{name}"' in page for name in KINDS)
    assert "curl -X POST http://testserver/api/v1/runs/" in page
    assert set(re.findall(r'href="#([^"]+)"', page)) - {"main"} <= set(re.findall(r'id="([^"]+)"', page))


def test_the_page_says_who_may():
    found = {operation.id: operation.roles for group in docs().groups.values() for operation in group}
    assert found["startRun"] == "the roles operator, admin"
    assert found["getRun"] == "every role"
