"""A worker process's lease: its row among the workers, renewed by a thread as long as the process lives.

Nothing here happens before django-q2 has forked: the first ticket enlists the process.
"""

import logging
import math
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from multiprocessing.util import Finalize
from uuid import UUID

from django.conf import settings
from django.db import Error, connection, connections

from runs.actions import Assignment, beat, enlist_worker, hold_on, retire_worker

from .board import THE_BOARD, now

logger = logging.getLogger(__name__)


class Heartbeat:
    """One process's. `cluster` is the name of the group of processes it belongs to."""

    cluster = ""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.worker: UUID | None = None
        self.beaten_at = 0.0
        self.enlisting = threading.Lock()
        # The attempts that are being made, by their work, and when each must have ended.
        self.making: dict[int, tuple[Assignment, float]] = {}
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None

    def enlist(self) -> UUID:
        """The worker this process is. What it is making goes on under a new name too. Raises django.db.Error."""
        with self.enlisting:
            worker = self.worker
            if worker is None:
                worker = enlist_worker(host=socket.gethostname()[:100], pid=self.pid, cluster=self.cluster)
                hold_on([made for made, _ in tuple(self.making.values())], worker=worker)
                self.worker, self.beaten_at = worker, now()
            if self.thread is None:
                self.thread = threading.Thread(target=self.go_on, name="heartbeat", daemon=True)
                self.thread.start()
                Finalize(None, self.retire, exitpriority=10)
            return worker

    def is_trusted(self) -> bool:
        """Whether what this worker claimed is still its own, as far as it can know. Raises django.db.Error."""
        if now() - self.beaten_at > settings.CHOREO_LEASE_SECONDS / 2:
            self.beat()
        return self.worker is not None

    def renounce(self) -> None:
        """Be someone else from now on. What the old worker held and we do not know of is another's as soon as its lease
        has lapsed; what we know of comes along."""
        self.worker = None

    def beat(self) -> None:
        worker = self.worker
        if worker is None:
            return
        if beat(worker):
            self.beaten_at = now()
        elif self.worker == worker:
            logger.warning("This worker was silent for so long that it was given up; it starts anew.")
            self.worker = None

    @contextmanager
    def limited(self, assignment: Assignment) -> Iterator[None]:
        """While it is open the attempt is being made, and has its hard limit."""
        self.making[assignment.work_id] = assignment, hard_limit(assignment)
        try:
            yield
        finally:
            self.making.pop(assignment.work_id, None)

    def go_on(self) -> None:
        """The thread: with a connection of its own, that it closes when it ends or when it breaks."""
        while not self.stopping.wait(settings.CHOREO_BEAT_SECONDS):
            THE_BOARD.mark_beat()
            self.end_overlong()
            try:
                self.beat()
                if self.making:
                    # They may last longer than the lease of a name that has been given up meanwhile.
                    self.enlist()
            except Error as problem:
                logger.warning("The worker cannot renew its lease.", extra={"problem": str(problem)})
                if _has_lost_its_server():
                    # One that comes back may have forgotten the last commits: then it holds for ours what we have
                    # reported already, and would as long as we beat. A report in the old name counts until it lapses.
                    self.renounce()
                connections.close_all()
        connections.close_all()

    def end_overlong(self) -> None:
        """A step that no exception stops has lost its attempt by now; its worker goes with it."""
        if any(now() > limit for _, limit in tuple(self.making.values())):
            logger.error("A step did not let go long after its timeout; its worker ends itself.")
            os.kill(os.getpid(), signal.SIGKILL)

    def retire(self) -> None:
        """Say good-bye, so that nobody waits for the lease to lapse."""
        self.stopping.set()
        if self.thread is not None:
            self.thread.join(settings.CHOREO_BEAT_SECONDS)
        worker, self.worker = self.worker, None
        if worker is None or self.pid != os.getpid():
            return
        try:
            retire_worker(worker)
        except Error as problem:
            logger.info("The worker could not sign off.", extra={"problem": str(problem)})


def hard_limit(assignment: Assignment) -> float:
    """When an attempt that has begun now must have ended, as `now` tells it."""
    if assignment.timeout is None:
        return math.inf
    return now() + assignment.timeout.total_seconds() + settings.CHOREO_TIMEOUT_GRACE


def _has_lost_its_server() -> bool:
    """A file forgets no commits, and a server that still answers has not been away."""
    if connection.vendor == "sqlite":
        return False
    return connection.connection is None or not connection.is_usable()


@lru_cache(maxsize=1)
def heartbeat_of(pid: int) -> Heartbeat:
    return Heartbeat()


def heartbeat() -> Heartbeat:
    """This process's; a fork gets its own."""
    return heartbeat_of(os.getpid())
