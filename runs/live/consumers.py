"""The sockets of open pages. All that a run's page knows is how far it has come; a list's knows nothing."""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs

from runs.bell import Ring

from .fragments import Fragments, render
from .open_page import Beat, OpenPage, PageOfRuns
from .sharing import View
from .watch import Topic

SLOWEST = 60  # seconds between two looks of a list


class RunConsumer(OpenPage):
    """One run: the page is sent the parts that it is made of."""

    at_once = 2  # a step that ends and the one that begins are two commits, a moment apart

    async def connect(self) -> None:
        self.run_id = self.scope["url_route"]["kwargs"]["run_id"]
        asked = parse_qs(self.scope["query_string"].decode("latin1"))
        self.asked = {name: values[0] for name, values in asked.items()}
        self.before: View | None = None
        after = self.asked.get("after", "")
        self.seq = int(after) if after.isdecimal() and len(after) < 10 else 0
        await self.open()

    def topic(self) -> Topic:
        return self.run_id

    def beat(self) -> Beat:
        return Beat(self.run_id, self.pause)

    async def live(self) -> None:
        """It looks when the others look who have the run open, from the beginning."""
        now = time.monotonic()
        await asyncio.sleep(self.beat().after(now) - now)
        await super().live()

    def hear(self, ring: Ring) -> None:
        if ring.run is None or ring.seq > self.seq:
            self.wake()

    def look(self, user: Any) -> Fragments | None:
        return render(self.run_id, user, self.asked, since=self.since, after=self.seq, before=self.before)

    async def tell(self, found: Fragments) -> None:
        if found.html:
            await self.send(text_data=found.html)
        self.seq, self.before = found.seq, found.view


class ListConsumer(PageOfRuns):
    """A list of runs or of what is counted of them: the page is told to ask for itself again."""

    async def connect(self) -> None:
        every = parse_qs(self.scope["query_string"].decode("latin1")).get("every", [""])[0]
        self.pause = min(int(every) or 1, SLOWEST) if every.isdecimal() and 0 < len(every) < 4 else 1
        await self.open()

    def look(self, user: Any) -> str | None:
        return "<!-- something moved -->" if user.has_perm("runs.view_run") else None

    async def tell(self, found: str) -> None:
        await self.send(text_data=found)
