"""Every scenario of this folder ends with the promises: whatever a test did, its runs must keep them."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from tests.factories import Hand, a_user
from tests.promises import check_all_runs


@pytest.fixture(autouse=True)
def promises_are_kept(db: None) -> Iterator[None]:
    yield
    check_all_runs()


@pytest.fixture
def hand(db: None) -> Hand:
    """A worker played by the test."""
    return Hand()


@pytest.fixture
def maya(db: None) -> User:
    return a_user("maya", "runs.decide_review")


@pytest.fixture
def noor(db: None) -> User:
    return a_user("noor", "runs.decide_review")
