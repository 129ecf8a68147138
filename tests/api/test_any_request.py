"""Whatever fits the description, and whatever does not: no defect, and each answer as described.

By people of every role and by strangers. A commit tries 300 requests, always the same; `make fuzz` tries 1,500 new
ones.
"""

import os
from collections import Counter
from collections.abc import Iterator
from math import ceil
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from choreo_site.api.openapi import described
from choreo_site.tokens import create_token
from designer.graph import Graph, encode_header
from designer.models import Draft, Version, Workflow
from runs.actions import create_trigger
from runs.models import DeadLetter, Review, Run
from tests.people import CAST, person

pytestmark = pytest.mark.django_db

REQUESTS = int(os.environ.get("CHOREO_TEST_API_REQUESTS", "300"))
DEEP = REQUESTS > 300
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]


@pytest.fixture
def known(order: Version, run: Run, asked: Review, letter: DeadLetter) -> dict[str, Any]:
    """What is there, by the names that paths have for it. Every workflow has a draft."""
    for workflow in Workflow.objects.filter(draft=None):
        Draft.objects.create(workflow=workflow, header=encode_header(Graph(key=workflow.key)))
    made = create_trigger(workflow=order.workflow, by=None, kind="webhook", title="Shop")
    return {
        "trigger_id": str(made.trigger.pk),
        "key": "order",
        "number": 1,
        "reference": "acme.echo",
        "run_id": str(run.pk),
        "step": "one",
        "no": 1,
        "review_id": str(asked.pk),
        "letter_id": str(letter.pk),
    }


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests end inside the test's transaction: as for Django's own client, they leave the connection open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def requests_to(operation: Any, known: dict[str, Any]) -> st.SearchStrategy[Any]:
    """About what is there, about what is not, and about nothing sensible."""
    names = {parameter.name for parameter in operation.path_parameters}
    there = {name: known[name] for name in names}
    return st.one_of(
        operation.as_strategy(GenerationMode.POSITIVE, path_parameters=there or None),
        operation.as_strategy(GenerationMode.POSITIVE),
        operation.as_strategy(GenerationMode.NEGATIVE),
    )


def test_any_request_is_answered_as_described(
    known: dict[str, Any], one_connection: None, monkeypatch: pytest.MonkeyPatch
):
    for rate in ("CHOREO_API_RATE", "CHOREO_API_ANONYMOUS_RATE"):
        monkeypatch.setattr(f"django.conf.settings.{rate}", 1_000_000)
    tokens = {role: create_token(by=person(role), name="fuzz").text for role in CAST}
    # Half of them by somebody who may do it, or little of what is behind the permissions would be tried.
    who = [{}, *({"Authorization": f"Bearer {tokens[role]}"} for role in (*CAST, *["admin"] * len(CAST)))]
    schema = schemathesis.openapi.from_dict(described())
    schema.app = get_wsgi_application()
    operations = [found.ok() for found in schema.get_all_operations()]
    seen: Counter[int] = Counter()
    for operation in operations:
        ask(operation, known, who, ceil(REQUESTS / len(operations)), seen)
    assert seen.total() >= REQUESTS
    assert {200, 400, 401, 403, 404, 422} <= seen.keys()


def ask(
    operation: Any, known: dict[str, Any], who: list[dict[str, str]], count: int, seen: Counter[int]
) -> None:
    @settings(
        max_examples=count,
        derandomize=not DEEP,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # the first request that is answered wrongly tells enough
        report_multiple_bugs=False,
    )
    @given(case=requests_to(operation, known), headers=st.sampled_from(who))
    def send(case: Any, headers: dict[str, str]) -> None:
        response = case.call(headers=headers)
        seen[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    send()
