"""People with tokens, and something at every point of its life."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection

from designer.actions import import_document, publish
from designer.models import Version
from runs.models import DeadLetter, Review, Run
from tests.api.asking import Program, program
from tests.factories import Hand
from tests.people import person
from tests.promises import check_all_runs
from tests.situations import a_held_run, an_open_review, an_undo_that_gave_up

ORDER = {
    "choreo": 1,
    "key": "order",
    "title": "Order",
    "owner": "acme",
    "input": {
        "type": "object",
        "required": ["order_id"],
        "properties": {
            "order_id": {"type": "string", "minLength": 1},
            "lines": {"type": "array", "items": {"type": "integer"}},
        },
    },
    "business_key": "${ input.order_id }",
    "start": "one",
    "steps": {
        "one": {
            "kind": "action",
            "title": "Echo it",
            "does": "acme.echo@^1",
            "with": {"value": "${ input.order_id }"},
            "timeout": "10s",
            "next": "done",
        },
        "done": {"kind": "succeed", "title": "Done", "output": {"said": "${ steps.one.output }"}},
    },
}


@pytest.fixture(autouse=True)
def nobody_has_asked() -> Iterator[None]:
    """The throttles count in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def promises_are_kept(db: None) -> Iterator[None]:
    yield
    if (
        connection.vendor == "sqlite"
    ):  # what the engine promises is the same on both; tests/actions asks on both
        check_all_runs()


@pytest.fixture
def viewer(db: None) -> Program:
    return program(person("viewer"))


@pytest.fixture
def designer(db: None) -> Program:
    return program(person("designer"))


@pytest.fixture
def operator(db: None) -> Program:
    return program(person("operator"))


@pytest.fixture
def reviewer(db: None) -> Program:
    return program(person("reviewer"))


@pytest.fixture
def order(db: None) -> Version:
    """A published workflow."""
    by = person("designer")
    draft = import_document(document=ORDER, by=by)
    return publish(draft=draft, note="The first", revision=draft.revision, by=by)


@pytest.fixture
def hand(db: None) -> Hand:
    return Hand()


@pytest.fixture
def run(hand: Hand) -> Run:
    return a_held_run(hand)


@pytest.fixture
def asked(db: None) -> Review:
    return an_open_review()


@pytest.fixture
def letter(db: None) -> DeadLetter:
    return an_undo_that_gave_up()
