"""A socket of one open page: hears rings, and catches up after each, at its own pace."""

import asyncio
import contextlib
import logging
import time
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import timezone
from uvicorn.protocols.utils import ClientDisconnected

from runs.bell import Ring

from .together import look_together
from .watch import ANY_RUN, Topic, watch

logger = logging.getLogger(__name__)

LOOK = 20.0  # seconds: what a lost ring can cost
SIGNED_OUT, NOT_YOURS = 4401, 4403  # not in the range that browsers come back from
LARGEST_FRAME = 4096


class Refused(Exception):
    """Who reads has signed out, or may not see the page any more."""

    def __init__(self, code: int) -> None:
        self.code = code


class OpenPage(AsyncWebsocketConsumer):
    pause = 0.25  # seconds: four updates a second for each page
    at_once = 1  # updates, after a time without any
    since = 0.0  # by the monotonic clock: what was read earlier may be too old for the page
    keeper: asyncio.Task[None] | None = None
    is_closed = False

    def topic(self) -> Topic:
        """Whose rings concern the page."""
        raise AssertionError

    def beat(self) -> "Beat":
        return Beat(self, self.pause)

    def look(self, user: Any) -> Any:
        """What the page may lack, as it stood at a moment after `since`. None when ``user``, who is signed in, may not
        see it."""
        raise AssertionError

    async def tell(self, found: Any) -> None:
        """Send what the page lacks of what was found."""
        raise AssertionError

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Nothing is left behind, also where the socket ends in an error: then `disconnect` is not called."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.stop()

    async def open(self) -> None:
        """Listen from now on, and catch up at once with what has moved since the page was made."""
        self.rung = asyncio.Event()
        await self.accept()
        self.keeper = asyncio.create_task(self.live())

    async def live(self) -> None:
        try:
            # Hearing comes first, so that nothing falls between the first look and the first ring.
            await watch().join(self, self.topic())
            self.wake()
            await self.keep_up()
        finally:
            watch().leave(self, self.topic())

    async def stop(self) -> None:
        if self.keeper is not None:
            self.keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.keeper

    async def disconnect(self, code: int) -> None:
        await self.stop()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if len(text_data or bytes_data or "") > LARGEST_FRAME:
            await self.stop()
            await self.close(1009)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Once: the page may still say something before it hears of it."""
        if not self.is_closed:
            self.is_closed = True
            await super().close(code, reason)

    def hear(self, ring: Ring) -> None:
        self.wake()

    def wake(self) -> None:
        """Have it look, at nothing that was read earlier."""
        self.since = time.monotonic()
        self.rung.set()

    async def catch_up(self) -> bool:
        """False when the socket was closed: its reader was refused."""
        try:
            found = await look_together(self)
        except Refused as refused:
            await self.close(refused.code)
            return False
        with timezone.override(self.scope["zone"]):
            await self.tell(found)
        return True

    def look_as(self, user: Any) -> Any:
        """Raises Refused."""
        if not user.is_authenticated:
            raise Refused(SIGNED_OUT)
        with timezone.override(self.scope["zone"]):
            found = self.look(user)
        if found is None:
            raise Refused(NOT_YOURS)
        return found

    async def keep_up(self) -> None:
        """Catch up at each ring and every so often, never faster than the pace in the long run."""
        due, beat = time.monotonic(), self.beat()
        while True:
            await self.wait()
            try:
                if not await self.catch_up():
                    return
            except ClientDisconnected:
                return  # the browser went away in the middle of it
            except Exception:  # a page that stands still for a moment is better than one that is cut off
                logger.exception("a live page could not catch up", extra={"page": self.scope["path"]})
            now = time.monotonic()
            due = max(due, now) + self.pause
            free = due - self.pause * (self.at_once - 1)  # when it may look again
            if free > now:
                await asyncio.sleep(beat.nearest(free) - now)

    async def wait(self) -> None:
        """For a ring, or until it is time to look without one."""
        try:
            await asyncio.wait_for(self.rung.wait(), LOOK)
        except TimeoutError:
            self.wake()
        self.rung.clear()


class Beat:
    """The moments at which pages that see the same look, however long each has been open: so they look together."""

    def __init__(self, common: object, seconds: float) -> None:
        """``common`` is what these pages have in common, and the others of the site have not."""
        self.seconds = seconds
        self.first = hash(common) % 1_000 / 1_000 * seconds

    def nearest(self, moment: float) -> float:
        """To this moment, by the monotonic clock."""
        return self.after(moment - self.seconds / 2)

    def after(self, moment: float) -> float:
        return moment + self.seconds - (moment - self.first) % self.seconds


class PageOfRuns(OpenPage):
    """One that any run may change."""

    def topic(self) -> Topic:
        return ANY_RUN
