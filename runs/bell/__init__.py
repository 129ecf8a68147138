"""The bell: after a commit, tells other processes that there is something new to read.

A ring is a hint, never a letter: it may be lost, doubled or late, and whoever hears it reads the database.
Brokers listen for `work`, web processes for `runs`. On one machine a ring is a datagram to each listener's
socket; on PostgreSQL it is a NOTIFY.

    with closing(listen("runs")) as listener:
        while True:
            for ring in listener.wait(1.0):
                ...  # ring.run is None: anything may have changed
"""

import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import Error, connection

from runs.crash_points import crash_at

from . import datagrams, notices
from .rings import EVERYTHING, BellLost, Kind, Listener, Ring

__all__ = ["EVERYTHING", "BellLost", "Kind", "Listener", "Ring", "listen", "ring", "ring_all", "wake"]

logger = logging.getLogger(__name__)


def ring(run_id: UUID, seq: int, *, work: bool) -> None:
    """The run's journal has grown to ``seq``; with ``work`` there is also something to do. Never raises."""
    _send([Ring(run_id, seq)], work=work)


def ring_all(rings: Sequence[Ring], *, work: bool) -> None:
    """`ring` for runs that have changed together."""
    _send(rings, work=work)


def wake() -> None:
    """There is something to do. Never raises."""
    _send([], work=True)


def listen(kind: Kind) -> Listener:
    """A listener for this process alone: it must not be shared by a fork. Raises BellLost."""
    return notices.Notices(kind) if _is_postgres() else datagrams.Datagrams(kind)


def _send(rings: Sequence[Ring], *, work: bool) -> None:
    crash_at("record.after_commit_before_nudge")
    send = notices.send if _is_postgres() else datagrams.send
    try:
        send(rings, work=work)
    except (Error, OSError) as problem:
        logger.info(
            "A ring of the bell was lost; the listeners' own look will do.", extra={"problem": str(problem)}
        )
    crash_at("push.after_commit")


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"
