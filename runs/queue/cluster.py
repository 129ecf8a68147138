"""A django-q2 cluster whose processes die with their parent and stop in good order."""

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from types import FrameType

from django_q.cluster import Cluster

from .board import THE_BOARD
from .heartbeat import Heartbeat

PR_SET_PDEATHSIG = 1
# What a worker looks for at its first ticket (`Broker`).
TICKETS = "runs.queue.tickets"


class OrderlyCluster(Cluster):
    def sig_handler(self, signum: int, frame: FrameType | None) -> None:
        """The sentinel only stops once every worker has ended its ticket: so none shall be long."""
        THE_BOARD.close_shop()
        super().sig_handler(signum, frame)


def run_cluster(name: str, *, once_started: Callable[[], None]) -> int:
    """Run a cluster until it is told to stop; the exit code. Not 0: the sentinel died of itself."""
    Heartbeat.cluster = name
    # What is loaded before the fork is there once for all: no collection looks through it, or writes to its pages.
    import_module(TICKETS)
    gc.collect()
    gc.freeze()
    die_with_parents()
    cluster = OrderlyCluster()
    cluster.start()
    # Threads come after the fork, or they would be cut in two by it.
    once_started()
    sentinel = cluster.sentinel
    if sentinel is not None:
        sentinel.join()
    return 0 if THE_BOARD.closing else 1


def die_with_parents() -> None:
    """From now on every fork of this process, and theirs, is killed when the process that forked it dies."""
    if not sys.platform.startswith("linux"):
        return
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parents = [os.getpid()]

    def remember() -> None:
        parents[0] = os.getpid()

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parents[0]:
            os._exit(1)

    os.register_at_fork(before=remember, after_in_child=bind)
