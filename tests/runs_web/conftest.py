"""The cast with their browsers, and runs at every point of their lives."""

from collections.abc import Iterator

import pytest
from django.test import Client

from runs.models import DeadLetter, Review, Run
from tests.actions.flows import SAGA, echo, flow, review
from tests.factories import Hand, a_run
from tests.people import person, signed_in
from tests.promises import check_all_runs

ENDS = {"yes": echo("${ steps.look.output }"), "no": {"kind": "fail", "error": "Rejected"}}


@pytest.fixture(autouse=True)
def promises_are_kept(db: None) -> Iterator[None]:
    yield
    check_all_runs()


@pytest.fixture
def viewer(db: None) -> Client:
    return signed_in(person("viewer"))


@pytest.fixture
def operator(db: None) -> Client:
    return signed_in(person("operator"))


@pytest.fixture
def reviewer(db: None) -> Client:
    return signed_in(person("reviewer"))


@pytest.fixture
def hand(db: None) -> Hand:
    return Hand()


@pytest.fixture
def run(hand: Hand) -> Run:
    """One whose first step a worker holds."""
    run = a_run({**SAGA, "business_key": "ORD-7"})
    hand.claim()
    return Run.objects.get(pk=run.pk)


@pytest.fixture
def asked(db: None) -> Review:
    """An open review."""
    show = [{"label": "Risk score", "value": 81}, {"label": "Lines", "value": [{"sku": "MUG-01", "n": 2}]}]
    a_run({**flow(look=review(show=show), **ENDS), "key": "reviewed", "business_key": "ORD-8"})
    Hand().claim()
    return Review.objects.get()


@pytest.fixture
def letter(db: None) -> DeadLetter:
    """An undo that gave up."""
    hand = Hand()
    a_run({**SAGA, "key": "stuck", "business_key": "ORD-9"})
    hand.claim()
    for key in ("one", "two"):
        hand.succeed(key, {"key": "k", "note": key})
    hand.fail("three", retryable=False)
    hand.fail("two", retryable=False)
    return DeadLetter.objects.get()
