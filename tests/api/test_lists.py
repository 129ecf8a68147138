"""A longer list asks the database no more often than a short one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from designer.graph import Graph, encode_header
from designer.models import Draft, Workflow
from tests.actions.flows import SAGA, flow, review
from tests.api.asking import Program, program
from tests.factories import Hand, a_run
from tests.people import person
from tests.situations import ENDS

pytestmark = pytest.mark.django_db


def one_more_of_each(number: int) -> None:
    """A run that waits for a person's decision and one that was undone as far as it went, of two workflows."""
    hand, by = Hand(), person("admin")
    a_run({**flow(look=review(), **ENDS), "key": f"reviewed{number}"}, by=by)
    a_run({**SAGA, "key": f"stuck{number}"}, by=by)
    hand.claim()
    for key in ("one", "two"):
        hand.succeed(key, {"key": "k", "note": key})
    hand.fail("three", retryable=False)
    hand.fail("two", retryable=False)
    for workflow in Workflow.objects.filter(draft=None):
        Draft.objects.create(workflow=workflow, header=encode_header(Graph(key=workflow.key)), edited_by=by)


def queries_of(asking: Program, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = asking.get(path)
    assert answer.status_code == 200
    assert answer.json()["items"]
    return len(asked)


@pytest.mark.parametrize(
    "path", ["/runs/", "/reviews/", "/dead-letters/", "/workflows/", "/workflows/stuck0/versions/"]
)
def test_a_list_is_read_in_a_handful_of_queries(path: str):
    asking = program(person("admin"))
    one_more_of_each(0)
    asking.get(path)  # reads what each process reads once
    few = queries_of(asking, path)
    for number in range(1, 5):
        one_more_of_each(number)
    asking.get(path)
    assert queries_of(asking, path) == few < 14
