"""Pages of refusals, as a real server makes them."""

from collections.abc import Iterator

import httpx
import pytest
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from tests.people import person, signed_in
from tests.servers import Site, wait_until


@pytest.fixture
def cookies() -> dict[str, str]:
    name = settings.SESSION_COOKIE_NAME
    return {name: signed_in(person("viewer")).cookies[name].value}


@pytest.fixture
def opened(cookies: dict[str, str]) -> Iterator[list[BaseDatabaseWrapper]]:
    """The connections that are opened from now on, by any thread."""
    found: list[BaseDatabaseWrapper] = []

    def note(connection: BaseDatabaseWrapper, **_: object) -> None:
        found.append(connection)

    connection_created.connect(note)
    yield found
    connection_created.disconnect(note)


@pytest.mark.parametrize(
    ("path", "code"), [("/nothing/", 404), ("/workflows/nothing/", 404), ("/people/", 403)]
)
def test_a_refused_page_leaves_no_connection_open(
    live_site: Site, cookies: dict[str, str], opened: list[BaseDatabaseWrapper], path: str, code: int
):
    assert httpx.get(f"{live_site.url}{path}", cookies=cookies).status_code == code
    assert opened
    wait_until(lambda: all(one.connection is None for one in opened), what="the end of the connections")
