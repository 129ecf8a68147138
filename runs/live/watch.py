"""Listening for a whole web process: one thread hears the bell and passes each ring to the run's group."""

import asyncio
import logging
import os
import threading
import time
from contextlib import closing, suppress
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from django.db import Error

from runs import bell

logger = logging.getLogger(__name__)
LOOK = 1.0  # seconds between looks whether the loop is still there
BACKOFF = 2.0

_watching: dict[tuple[int, int], threading.Thread] = {}
_under_way: set[asyncio.Future[None]] = set()  # the loop itself holds them weakly


EVERY_PAGE = "run.any"  # rings without a run: anything may have moved
ANY_RUN = "run.each"  # the rings of every run, for lists


def group_of(run_id: UUID) -> str:
    return f"run.{run_id.hex}"


def keep_watch(loop: asyncio.AbstractEventLoop) -> None:
    """See to it that this process listens, once for each event loop."""
    key = (os.getpid(), id(loop))
    thread = _watching.get(key)
    if thread is None or not thread.is_alive():
        _watching[key] = threading.Thread(target=_watch, args=(loop,), name="choreo-bell", daemon=True)
        _watching[key].start()


def _watch(loop: asyncio.AbstractEventLoop) -> None:
    while not loop.is_closed():
        try:
            with closing(bell.listen("runs")) as listener:
                while not loop.is_closed():
                    for ring in listener.wait(LOOK):
                        _pass_on(loop, ring)
        except (bell.BellLost, Error, OSError) as problem:
            # Every consumer looks by itself every so often, so nothing is lost but time.
            logger.info("The bell is not heard for a moment.", extra={"problem": str(problem)})
            time.sleep(BACKOFF)


def _pass_on(loop: asyncio.AbstractEventLoop, ring: bell.Ring) -> None:
    letters: dict[str, dict[str, Any]]
    if ring.run is None:
        letters = {EVERY_PAGE: {"type": "any.moved"}}
    else:
        moved = {"type": "run.moved", "run": ring.run.hex, "seq": ring.seq}
        letters = {group_of(ring.run): moved, ANY_RUN: moved}
    with suppress(RuntimeError):  # the loop was closed this very moment
        for group, message in letters.items():
            loop.call_soon_threadsafe(_send_soon, group, message)


def _send_soon(group: str, message: dict[str, Any]) -> None:
    """Called on the loop: what is still under way when it ends is cancelled with it."""
    sending = asyncio.ensure_future(get_channel_layer().group_send(group, message))
    _under_way.add(sending)
    sending.add_done_callback(_sent)


def _sent(sending: asyncio.Future[None]) -> None:
    _under_way.discard(sending)
    if not sending.cancelled() and (problem := sending.exception()) is not None:
        logger.info("A ring was not passed on; the pages' own look will do.", extra={"problem": str(problem)})
