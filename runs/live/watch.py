"""Listening for a whole web process: one thread hears the bell, and each ring wakes the open pages that it concerns.

Nothing stands between. Every web process hears the bell itself, so none passes a ring on to others (docs/adr/0050).
"""

import asyncio
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import Error

from runs import bell

logger = logging.getLogger(__name__)
LOOK = 1.0  # seconds between looks whether the loop is still there
BACKOFF = 2.0
THREAD = "choreo-bell"

type Topic = UUID | str  # what pages have in common: a run, or a name
ANY_RUN = "any run"  # the pages that every run concerns


class Page(Protocol):
    def hear(self, ring: bell.Ring) -> None:
        """Called on the loop. A ring without a run concerns every page."""


class Watch:
    """Of one event loop: its open pages, by topic. All but the listening happens on the loop."""

    def __init__(self) -> None:
        self.pages: defaultdict[Topic, set[Page]] = defaultdict(set)
        self.thread: threading.Thread | None = None
        self.begun = asyncio.Event()

    async def join(self, page: Page, topic: Topic) -> None:
        """From now on the page hears what is rung, unless the bell cannot be heard."""
        self.pages[topic].add(page)
        if self.thread is None or not self.thread.is_alive():
            loop = asyncio.get_running_loop()
            self.thread = threading.Thread(target=listen, args=(self, loop), name=THREAD, daemon=True)
            self.thread.start()
        await self.begun.wait()

    def leave(self, page: Page, topic: Topic) -> None:
        self.pages[topic].discard(page)
        if not self.pages[topic]:
            del self.pages[topic]

    def pass_on(self, rings: Sequence[bell.Ring]) -> None:
        self.begun.set()
        for ring in rings:
            for page in self.concerned(ring):
                page.hear(ring)

    def concerned(self, ring: bell.Ring) -> set[Page]:
        if ring.run is None:
            return set().union(*self.pages.values())
        return self.on(ring.run) | self.on(ANY_RUN)

    def on(self, topic: Topic) -> set[Page]:
        return self.pages.get(topic, set())


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()


def watch() -> Watch:
    """Of the loop that runs."""
    return _watches.setdefault(asyncio.get_running_loop(), Watch())


def listen(watch: Watch, loop: asyncio.AbstractEventLoop) -> None:
    """Until the loop is closed."""
    rings: Sequence[bell.Ring] = ()
    while not loop.is_closed():
        try:
            with closing(bell.listen("runs")) as listener:
                while not loop.is_closed():
                    tell(watch, loop, rings)
                    rings = listener.wait(LOOK)
        except (bell.BellLost, Error, OSError) as problem:
            # Every page looks by itself every so often, so nothing is lost but time.
            logger.info("The bell is not heard for a moment.", extra={"problem": str(problem)})
            tell(watch, loop, ())
            rings = (bell.EVERYTHING,)  # once it is heard again
            time.sleep(BACKOFF)


def tell(watch: Watch, loop: asyncio.AbstractEventLoop, rings: Sequence[bell.Ring]) -> None:
    if rings or not watch.begun.is_set():
        with suppress(RuntimeError):  # the loop was closed this very moment
            loop.call_soon_threadsafe(watch.pass_on, rings)
