"""Readers of runs' pages who are cut off again and again: each keeps what it was sent, and how late it was.

They are sockets alone and do as the page does (static/js/app.js): whoever comes back says what it has. They read until
a file tells up to which entry each run is to be read, and are done when they have it.
"""

import asyncio
import json
import math
import random
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

LINES = re.compile(r'<ol hx-swap-oob="(afterbegin|innerHTML):#events">(.*?)</ol>', re.DOTALL)
LINE = re.compile(r'data-seq="(\d+)"')
PATIENCE = 60.0  # seconds after the end
LOOK = 0.1  # seconds
AGAIN = 0.05  # seconds before somebody who was cut off comes back


@dataclass(frozen=True)
class Plan:
    """Whom to read, by which reader: how slowly it reads, and how long it stays once it has heard something, at least
    and at most: a server may take its time to greet."""

    site: str
    cookies: str
    run: str
    seed: int
    stays: tuple[float, float] = (1e9, 1e9)
    pause: float = 0.0


@dataclass
class Read:
    """What came of it: the lines a page would show, the newest first; when each came, and since when the connection
    had been there; how long it took to the end."""

    run: str
    lines: list[int] = field(default_factory=list)
    came: dict[int, tuple[float, float]] = field(default_factory=dict)
    since: float = 0.0
    connections: int = 0
    anew: int = 0  # how often the page's list began anew
    after_the_end: float = -1.0

    def has(self, end: float) -> bool:
        return bool(self.lines) and self.lines[0] >= end

    def hear(self, frame: str) -> None:
        for place, html in LINES.findall(frame):
            lines = [int(seq) for seq in LINE.findall(html)]
            self.came |= {seq: (time.time(), self.since) for seq in lines}
            self.anew += place == "innerHTML" or not self.lines  # as a page that is loaded then
            self.lines = lines if place == "innerHTML" else lines + self.lines


def tell_ends(ends: Path, entries: Mapping[str, int]) -> None:
    """The last entry of each run. Readers look at any moment, so it is there at once."""
    part = ends.with_suffix(".part")
    part.write_text(json.dumps(entries))
    part.rename(ends)


def read(plans: list[Plan], ends: Path) -> list[Read]:
    """Each as planned, all side by side. ``ends`` will tell the last entry of each run."""
    return asyncio.run(_read_all(plans, ends))


async def _read_all(plans: list[Plan], ends: Path) -> list[Read]:
    return await asyncio.gather(*(_read_one(plan, ends) for plan in plans))


async def _read_one(plan: Plan, ends: Path) -> Read:
    found, chance = Read(plan.run), random.Random(plan.seed)
    ended: float | None = None
    while ended is None or time.monotonic() - ended < PATIENCE:
        if end := _end_of(plan.run, ends):
            ended = ended or time.monotonic()
            if found.has(end):
                found.after_the_end = time.monotonic() - ended
                return found
        with suppress(OSError, WebSocketException):
            await _stay_connected(plan, found, stays=chance.uniform(*plan.stays), ends=ends)
        await asyncio.sleep(AGAIN)
    return found


async def _stay_connected(plan: Plan, found: Read, *, stays: float, ends: Path) -> None:
    address = f"{plan.site.replace('http', 'ws', 1)}/ws/runs/{plan.run}/?after={max(found.lines, default=0)}"
    cookies = {"Cookie": plan.cookies}
    async with connect(
        address, origin=Origin(plan.site), additional_headers=cookies, max_size=None
    ) as socket:
        found.connections += 1
        found.since, until = time.time(), math.inf
        while time.monotonic() < until and not found.has(_end_of(plan.run, ends) or math.inf):
            with suppress(TimeoutError):
                found.hear(str(await asyncio.wait_for(socket.recv(), LOOK)))
                until = min(until, time.monotonic() + stays)
            await asyncio.sleep(plan.pause)
        socket.transport.abort()  # as where a network goes away: nobody says good-bye


def _end_of(run: str, ends: Path) -> int:
    return int(json.loads(ends.read_text()).get(run, 0)) if ends.exists() else 0
