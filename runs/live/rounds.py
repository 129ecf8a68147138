"""Pages that want a look at the database at the same time take it together.

To open a connection costs more than what a page reads by it. So whoever comes while others look waits until they have
looked, and all who wait look by one connection, one after the other.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.db import close_old_connections

GATHER = 0.01  # seconds: one ring wakes all readers of a run, one after the other
MOST = 64  # looks in one round: the first of them waits for the last

type Look = Callable[[], Any]

_rounds: WeakKeyDictionary[asyncio.AbstractEventLoop, "Rounds"] = WeakKeyDictionary()


async def in_a_round[T](look: Callable[[], T]) -> T:
    """What ``look`` gives, or raises, in the thread that reads for all sockets of this loop."""
    rounds = _rounds.setdefault(asyncio.get_running_loop(), Rounds())
    found: T = await rounds.take(look)
    return found


class Rounds:
    def __init__(self) -> None:
        self.waiting: list[tuple[Look, asyncio.Future[Any]]] = []
        self.under_way: asyncio.Task[None] | None = None

    async def take(self, look: Look) -> Any:
        ends: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting.append((look, ends))
        if self.under_way is None:
            self.under_way = asyncio.create_task(self.go_round())
        return await ends

    async def go_round(self) -> None:
        while self.waiting:
            await asyncio.sleep(GATHER)
            taken, self.waiting = self.waiting[:MOST], self.waiting[MOST:]
            wanted = [(look, ends) for look, ends in taken if not ends.done()]
            found = await sync_to_async(looked)(look for look, _ in wanted)
            for (_, ends), what in zip(wanted, found, strict=True):
                if not ends.done():
                    tell(ends, what)
        self.under_way = None


def looked(looks: Iterable[Look]) -> list[Any]:
    """What each gives, or the exception it raises."""
    try:
        return [outcome(look) for look in looks]
    finally:
        close_old_connections()


def outcome(look: Look) -> Any:
    try:
        return look()
    except Exception as problem:  # it is raised where the look is waited for
        return problem


def tell(ends: asyncio.Future[Any], what: Any) -> None:
    if isinstance(what, Exception):
        ends.set_exception(what)
    else:
        ends.set_result(what)
