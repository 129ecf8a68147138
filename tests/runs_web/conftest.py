"""The cast with their browsers, and runs at every point of their lives."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from runs.models import DeadLetter, Review, Run
from tests.factories import Hand
from tests.people import person, signed_in
from tests.promises import check_all_runs
from tests.situations import a_held_run, an_open_review, an_undo_that_gave_up


@pytest.fixture(autouse=True)
def promises_are_kept(db: None) -> Iterator[None]:
    yield
    if (
        connection.vendor == "sqlite"
    ):  # what the engine promises is the same on both; tests/actions asks on both
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
    return a_held_run(hand)


@pytest.fixture
def asked(db: None) -> Review:
    return an_open_review()


@pytest.fixture
def letter(db: None) -> DeadLetter:
    return an_undo_that_gave_up()
