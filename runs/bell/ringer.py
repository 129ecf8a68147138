"""Who rings on PostgreSQL: a thread of this process, so that nobody who has committed waits for it.

A NOTIFY is a commit of its own, and inside another it holds up all others that ring. So one goes out at once, and
what is rung in the moment after it goes out together.
"""

import atexit
import logging
import os
import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from .rings import Ring, spell

logger = logging.getLogger(__name__)

CHANNEL = "choreo_{}"
MOMENT = (
    0.1  # seconds: what readers are told so soon after a ring they hear with the next one; work never waits
)
PATIENCE = 2.0  # seconds that a process which ends gives its last ring


class Ringer:
    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters
        self.asked = threading.Condition()
        self.runs: dict[UUID, int] = {}
        self.work = False
        self.closing = False
        self.connection: psycopg.Connection[Any] | None = None
        self.thread = threading.Thread(target=self._ring_on, name="bell", daemon=True)

    def ask(self, rings: Sequence[Ring], *, work: bool) -> None:
        with self.asked:
            for ring in rings:
                if ring.run is not None:
                    self.runs[ring.run] = max(ring.seq, self.runs.get(ring.run, 0))
            self.work |= work
            if self.thread.ident is None:
                self.thread.start()
            self.asked.notify_all()

    def close(self) -> None:
        """Ring what is asked for, and let go of the connection."""
        with self.asked:
            self.closing = True
            self.asked.notify_all()
        if self.thread.ident is not None:
            self.thread.join(PATIENCE)

    def _ring_on(self) -> None:
        while notices := self._next():
            # The server may have been restarted since the last ring: a new connection is worth one try.
            if not (self._sent(notices) or self._sent(notices)):
                logger.info("A ring of the bell was lost; the listeners' own look will do.")
            self._pause()
        self._hang_up()

    def _pause(self) -> None:
        with self.asked:
            self.asked.wait_for(lambda: self.work or self.closing, MOMENT)

    def _next(self) -> list[tuple[str, str]]:
        """The notices that are asked for, once there are some. Empty when it is time to end."""
        with self.asked:
            self.asked.wait_for(lambda: self.runs or self.work or self.closing)
            runs, work = self.runs, self.work
            self.runs, self.work = {}, False
        notices = [(CHANNEL.format("runs"), spell(Ring(run, seq))) for run, seq in runs.items()]
        return [*notices, (CHANNEL.format("work"), "")] if work else notices

    def _sent(self, notices: list[tuple[str, str]]) -> bool:
        try:
            if self.connection is None:
                self.connection = psycopg.connect(**self.parameters, autocommit=True)
            calls = ", ".join(["pg_notify(%s, %s)"] * len(notices))
            self.connection.execute(f"SELECT {calls}", [part for notice in notices for part in notice])
        except psycopg.Error:
            self._hang_up()
            return False
        return True

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


_of_process: dict[int, Ringer] = {}  # a fork has its parent's memory, and none of its threads


def ringer() -> Ringer:
    """This process's own."""
    mine = _of_process.get(os.getpid())
    return mine or _of_process.setdefault(os.getpid(), Ringer(connection.get_connection_params()))


def close_ringer() -> None:
    mine = _of_process.pop(os.getpid(), None)
    if mine is not None:
        mine.close()


atexit.register(close_ringer)
