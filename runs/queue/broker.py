"""The broker that django-q2 asks for work: tickets for our own, rows of its own for the tasks of other apps."""

import logging
import os
import time
from datetime import UTC, datetime

from django.db import Error, connection
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.signing import SignedPackage

from runs.bell import BellLost

from .board import THE_BOARD, now
from .heartbeat import Heartbeat
from .usher import POLL, Usher

logger = logging.getLogger(__name__)

# What the monitor acknowledges for a ticket. Rows of ordinary tasks are acknowledged by their number.
TICKET = "ticket"
# Wide: a step keeps its own time. A multiple of the guard's cycle, or its count-down would miss zero.
TICKET_TIMEOUT = 24 * 3600
# An exception out of `dequeue` would stop the queue for ten seconds.
LONGEST_PAUSE = 2.0

type Package = tuple[str | int, str]


class Broker(ORM):
    """Nothing is opened here: the sentinel builds the broker and forks. The pusher's `dequeue` opens what it needs."""

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key)
        self.usher: tuple[int, Usher] | None = None
        self.looked_at = 0.0
        self.pause = 0.0

    def dequeue(self) -> list[Package]:
        """The next tasks, after a wait of at most a poll. Never raises."""
        usher = self.own_usher()
        THE_BOARD.mark_pulse()
        try:
            tasks = self.ordinary_tasks()
            wanted = usher.wait_for_ticket()
            self.pause = 0.0
        except (Error, BellLost, OSError) as problem:
            tasks, wanted = [], self.recover(usher, problem)
        if wanted:
            usher.issue()
            tasks.append((TICKET, ticket()))
        return tasks

    def acknowledge(self, task_id: str | int) -> None:
        if task_id == TICKET:
            THE_BOARD.answer()
        else:
            super().acknowledge(task_id)

    def fail(self, task_id: str | int) -> None:
        self.acknowledge(task_id)

    def own_usher(self) -> Usher:
        """This process's: a listener must not be shared by a fork."""
        if self.usher is None or self.usher[0] != os.getpid():
            self.usher = (os.getpid(), Usher(THE_BOARD, Conf.WORKERS, Heartbeat.cluster))
        return self.usher[1]

    def ordinary_tasks(self) -> list[Package]:
        """Tasks of other apps, looked for once a second. The parent class sleeps when there are none."""
        if now() - self.looked_at < POLL:
            return []
        self.looked_at = now()
        due = self.get_connection().filter(key=self.list_key, lock__lt=timezone.now())
        return (super().dequeue() or []) if due.exists() else []

    def recover(self, usher: Usher, problem: Exception) -> bool:
        """Take a breath. A canary goes out all the same: without the database the cluster is idle, not hung."""
        self.pause = min(self.pause * 2 or 0.1, LONGEST_PAUSE)
        logger.warning("The queue cannot be read; trying again.", extra={"problem": str(problem)})
        usher.close()
        connection.close()
        time.sleep(self.pause)
        return usher.is_canary_due() and usher.has_room()


def ticket() -> str:
    """A task that calls `serve`, as `async_task` would sign it."""
    return SignedPackage.dumps(
        {
            "id": TICKET,
            "name": TICKET,
            "func": "runs.queue.tickets.serve",
            "args": (),
            "kwargs": {},
            "started": datetime.now(UTC),
            "save": False,
            "ack_failure": True,
            "timeout": TICKET_TIMEOUT,
        }
    )
