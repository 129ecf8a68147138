"""Every scenario of this folder ends with the promises: whatever a test did, its runs must keep them."""

from collections.abc import Iterator

import pytest

from tests.factories import Hand
from tests.promises import check_all_runs


@pytest.fixture(autouse=True)
def promises_are_kept(db: None) -> Iterator[None]:
    yield
    check_all_runs()


@pytest.fixture
def hand(db: None) -> Hand:
    """A worker played by the test."""
    return Hand()
