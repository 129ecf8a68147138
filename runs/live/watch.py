"""Listening for a whole web process: one thread hears the bell and passes each ring to the run's group."""

import asyncio
import logging
import os
import threading
import time
from contextlib import closing, suppress
from uuid import UUID

from channels.layers import get_channel_layer
from django.db import Error

from runs import bell

logger = logging.getLogger(__name__)
LOOK = 1.0  # seconds between looks whether the loop is still there
BACKOFF = 2.0

_watching: dict[tuple[int, int], threading.Thread] = {}


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
    layer = get_channel_layer()
    if ring.run is None or layer is None:
        return
    message = {"type": "run.moved", "run": ring.run.hex, "seq": ring.seq}
    with suppress(RuntimeError):  # the loop was closed this very moment
        asyncio.run_coroutine_threadsafe(layer.group_send(group_of(ring.run), message), loop)
