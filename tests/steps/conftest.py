"""A service on loopback, listed as an administrator would list it."""

from collections.abc import Iterator
from typing import Any

import pytest

from designer.actions import add_destination
from runs.steps.http_request import _policy

from .servers import serving


@pytest.fixture
def service(transactional_db: None) -> Iterator[Any]:
    """`service.url`, and what it has `seen`."""
    with serving() as server:
        add_destination(host="127.0.0.1", port=server.port, private=True, by=None)
        _policy.cache_clear()
        server.url = f"http://127.0.0.1:{server.port}"
        yield server
