"""The connection that pages look by is kept: it holds nothing up meanwhile, and is replaced when it is lost."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from designer.actions import import_document
from runs.live.together import look_together
from tests.designer.drafts import SMALL
from tests.factories import Hand, a_run
from tests.live.test_consumer import THREE, Socket, meanwhile
from tests.live.test_together import Page
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = "lists/", "reviews/", "drafts/small/"
TABS = "", "?step=one&tab=step", "?tab=data", "?table=shown&rows=all"
IN_TRANSACTION = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'
"""


class Reading(Page):
    """It finds what its reader sees."""

    def __init__(self, see: Callable[[], object]) -> None:
        super().__init__("maya", [], see)

    def look_as(self, user: str) -> object:
        return self.see()


def asked(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def fail() -> None:
    with transaction.atomic():
        asked("SELECT nothing FROM nowhere")


def end() -> None:
    """The server ends the connection. A file ends none."""
    if connection.vendor == "sqlite":
        fail()
    asked("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.parametrize("trouble", [fail, end])
def test_what_goes_wrong_in_the_middle_costs_one_look(trouble: Callable[[], None]):
    async def look() -> list[Any]:
        sights = (
            lambda: asked("SELECT 1"),
            trouble,
            lambda: asked("SELECT 2"),
            lambda: connection.in_atomic_block,
        )
        return await asyncio.gather(*(look_together(Reading(see)) for see in sights), return_exceptions=True)

    first, failed, *others = asyncio.run(look())
    assert isinstance(failed, DatabaseError)
    assert [first, *others] == [1, 2, False]


def test_one_that_the_server_ends_between_two_looks_is_missed_by_nobody():
    backend = "1" if connection.vendor == "sqlite" else "pg_backend_pid()"

    async def look() -> tuple[int, int]:
        page = Reading(lambda: asked(f"SELECT {backend}"))
        first = await look_together(page)
        if connection.vendor == "postgresql":
            await meanwhile(lambda: asked(f"SELECT pg_terminate_backend({first}, 5000)"))
        return first, await look_together(page)

    first, second = asyncio.run(look())
    assert (first == second) == (connection.vendor == "sqlite")


def test_nothing_is_held_open_between_two_looks():
    """On SQLite its log could not be emptied, on PostgreSQL no row that is gone."""
    run, hand = a_run(THREE), Hand()
    import_document(document=SMALL, by=person("designer"))
    admin = signed_in(person("admin"))

    async def look() -> int:
        sockets = [
            Socket(admin, f"/ws/{place}") for place in (*(f"runs/{run.pk}/{tab}" for tab in TABS), *PLACES)
        ]
        for socket in sockets:
            assert await socket.connect()
        for socket in sockets:
            await socket.frame()
        await meanwhile(hand.claim)
        await sockets[0].frame()
        await asyncio.sleep(1)
        found: int = await meanwhile(held_open)
        for socket in sockets:
            await socket.disconnect()
        return found

    assert asyncio.run(look()) == 0


def held_open() -> int:
    if connection.vendor == "postgresql":
        return int(asked(IN_TRANSACTION))
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as file:
        return int(file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
