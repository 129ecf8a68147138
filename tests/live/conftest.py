"""Live pages: sockets of people who may leave, and readings that may be shared."""

import pytest

from runs.live import open_page


@pytest.fixture
def trusted_for_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads is asked again at each look."""
    monkeypatch.setattr(open_page, "TRUSTED", 0.0)
