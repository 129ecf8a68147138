"""Pages that want a look at the database at the same time take it together.

To open a connection and to ask who reads cost more than what a page reads. So whoever comes while others look waits
until they have looked. All who wait look by one connection, which is kept, one after the other, and who they are is
asked at once.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.db import connections

GATHER = 0.002  # seconds: a ring wakes all readers of a run at once, but some may be a moment late
MOST = 64  # looks in one go: the first of them waits for the last


class Page(Protocol):
    scope: Any

    def look_as(self, user: Any) -> Any:
        """What the page shows now, to ``user``."""


_looks: WeakKeyDictionary[asyncio.AbstractEventLoop, "Looks"] = WeakKeyDictionary()


async def look_together(page: Page) -> Any:
    """What ``page.look_as`` gives or raises, in the thread that reads for all sockets of this loop."""
    return await _looks.setdefault(asyncio.get_running_loop(), Looks()).take(page)


class Looks:
    def __init__(self) -> None:
        self.waiting: list[tuple[Page, asyncio.Future[Any]]] = []
        self.under_way: asyncio.Task[None] | None = None

    async def take(self, page: Page) -> Any:
        ends: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting.append((page, ends))
        if self.under_way is None:
            self.under_way = asyncio.create_task(self.go_on())
        return await ends

    async def go_on(self) -> None:
        try:
            while self.waiting:
                await asyncio.sleep(GATHER)
                here = [one for one in self.waiting if not one[1].done()]  # the others have gone
                taken, self.waiting = here[:MOST], here[MOST:]
                for (_, ends), what in zip(taken, await found_by([page for page, _ in taken]), strict=True):
                    if not ends.done():
                        tell(ends, what)
        finally:
            self.under_way = None  # or nobody who comes later would ever look


async def found_by(pages: Sequence[Page]) -> list[Any]:
    """What each sees, or the exception that its look raises."""
    try:
        return await sync_to_async(looked)(pages) if pages else []
    except Exception as problem:
        return [problem] * len(pages)


def looked(pages: Sequence[Page]) -> list[Any]:
    try:
        users = pages[0].scope["find_readers"]([page.scope for page in pages])
        return [outcome(page, user) for page, user in zip(pages, users, strict=True)]
    finally:
        keep_connections()


def keep_connections() -> None:
    """Those that are well, for the next look."""
    for connection in connections.all(initialized_only=True):
        connection.close_at = None
        connection.close_if_unusable_or_obsolete()


def outcome(page: Page, user: Any) -> Any:
    try:
        return page.look_as(user)
    except Exception as problem:  # it is raised where the look is waited for
        keep_connections()  # the next one reads by one that is well
        return problem


def tell(ends: asyncio.Future[Any], what: Any) -> None:
    if isinstance(what, Exception):
        ends.set_exception(what)
    else:
        ends.set_result(what)
