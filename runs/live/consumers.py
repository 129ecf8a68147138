"""A socket of one open run page. All its knowledge is how far the page has come."""

import asyncio
import contextlib
import logging
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from runs.models import Run
from runs.queries import find_run

from .fragments import Fragments, render
from .watch import EVERY_PAGE, group_of, keep_watch

logger = logging.getLogger(__name__)

PAUSE = 0.25  # seconds: at most four updates a second for each page
LOOK = 20.0  # seconds: what a lost ring can cost
SIGNED_OUT, NOT_YOURS = 4401, 4403  # not in the range that browsers come back from
LARGEST_FRAME = 4096


class RunConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self.run_id = self.scope["url_route"]["kwargs"]["run_id"]
        asked = parse_qs(self.scope["query_string"].decode("latin1"))
        self.step, self.tab, after = (asked.get(name, [""])[0] for name in ("step", "tab", "after"))
        self.seq = int(after) if after.isdecimal() and len(after) < 10 else 0
        self.groups_heard = (group_of(self.run_id), EVERY_PAGE)
        self.rung = asyncio.Event()
        self.keeper: asyncio.Task[None] | None = None
        await self.accept()
        # Hearing comes first, so that nothing falls between the first look and the first ring.
        keep_watch(asyncio.get_running_loop())
        for group in self.groups_heard:
            await self.channel_layer.group_add(group, self.channel_name)
        self.rung.set()
        self.keeper = asyncio.create_task(self.keep_up())

    async def disconnect(self, code: int) -> None:
        for group in self.groups_heard:
            await self.channel_layer.group_discard(group, self.channel_name)
        if self.keeper is not None:
            self.keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.keeper

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if len(text_data or bytes_data or "") > LARGEST_FRAME:
            await self.close(1009)

    async def run_moved(self, message: dict[str, Any]) -> None:
        if message["seq"] > self.seq:
            self.rung.set()

    async def any_moved(self, message: dict[str, Any]) -> None:
        """The bell has missed something, and nobody knows what."""
        self.rung.set()

    async def keep_up(self) -> None:
        """Catch up at each ring and every so often, never more than four times a second."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.rung.wait(), LOOK)
            self.rung.clear()
            try:
                if not await self.catch_up():
                    return
            except Exception:  # a page that stands still for a moment is better than one that is cut off
                logger.exception("a live page could not catch up", extra={"run": str(self.run_id)})
            await asyncio.sleep(PAUSE)

    async def catch_up(self) -> bool:
        """Send what the page lacks. False when its reader may not see it any more."""
        user = await self.scope["find_user"]()
        if not user.is_authenticated:
            await self.close(SIGNED_OUT)
            return False
        found = await database_sync_to_async(self.read)(user)
        if found is None:
            await self.close(NOT_YOURS)
            return False
        self.seq = found.seq
        await self.send(text_data=found.html)
        return True

    def read(self, user: Any) -> Fragments | None:
        run: Run | None = find_run(user, self.run_id)
        return None if run is None else render(run, user, after=self.seq, step=self.step, tab=self.tab)
