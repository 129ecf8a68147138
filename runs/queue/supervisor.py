"""The supervisor: owns one cluster, and replaces it as a whole when it dies or hangs.

It never trusts django-q2's own replacing of single processes: a killed process may have held a lock.
"""

import logging
import mmap
import os
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ

from designer.ids import uuid7
from runs.actions import release_cluster

from .board import SIZE, Board, now
from .vigil import Vigil

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
FIRST_WAIT, LONGEST_WAIT = 0.2, 10.0
# A cluster that lived this long had recovered: its death is a new story.
SETTLED_AFTER = 30.0

# Starts the command that runs a cluster of this name, with the board's file, in a session of its own.
type Launch = Callable[[str, int], subprocess.Popen[bytes]]


@dataclass
class Charge:
    """The cluster that is looked after: its processes, its board, and who watches the board."""

    name: str
    process: subprocess.Popen[bytes]
    file: int
    board: Board
    vigil: Vigil
    started: float = field(default_factory=now)

    def kill(self) -> None:
        """All its processes at once: they are a session of their own."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.file)


class Supervisor:
    def __init__(self, launch: Launch, *, grace: float) -> None:
        self.launch = launch
        self.grace = grace
        self.stirring = threading.Event()
        self.stopping = False
        self.wait = FIRST_WAIT

    def run(self) -> None:
        """Until `stop` is called, by a signal."""
        while not self.stopping:
            charge = self.start()
            reason = self.watch(charge)
            if reason is None:
                self.end(charge)
            else:
                self.replace(charge, reason)

    def stop(self) -> None:
        self.stopping = True
        self.stirring.set()

    def stir(self) -> None:
        """A child has died, or something else is worth a look."""
        self.stirring.set()

    def start(self) -> Charge:
        name = f"{socket.gethostname()[:40]}-{uuid7().hex[-12:]}"
        file = nameless_file(SIZE)
        board = Board()
        board.share(mmap.mmap(file, SIZE))
        process = self.launch(name, file)
        vigil = Vigil(
            workers=Conf.WORKERS, lease=settings.CHOREO_LEASE_SECONDS, started=now(), others=count_other_tasks
        )
        logger.info("A cluster starts.", extra={"cluster": name, "pid": process.pid})
        return Charge(name, process, file, board, vigil)

    def watch(self, charge: Charge) -> str | None:
        """Why it must be replaced; None when it is to stop."""
        while not self.stopping:
            self.stirring.wait(LOOK_EVERY)
            self.stirring.clear()
            if charge.process.poll() is not None:
                return None if self.stopping else "its parent process died"
            if reason := charge.vigil.look(charge.board.read()):
                return reason
        return None

    def replace(self, charge: Charge, reason: str) -> None:
        logger.warning("The cluster is replaced: %s.", reason, extra={"cluster": charge.name})
        charge.kill()
        self.release(charge)
        if now() - charge.started >= SETTLED_AFTER:
            self.wait = FIRST_WAIT
        self.pause(self.wait)
        self.wait = min(self.wait * 2, LONGEST_WAIT)

    def end(self, charge: Charge) -> None:
        """Ask the parent alone: a signal to the whole group would end steps in the middle."""
        charge.process.send_signal(signal.SIGTERM)
        try:
            charge.process.wait(self.grace)
        except subprocess.TimeoutExpired:
            logger.warning("The cluster did not stop in time and is killed.", extra={"cluster": charge.name})
        charge.kill()
        self.release(charge)

    def release(self, charge: Charge) -> None:
        """Its processes are dead for certain: their work need not wait for the lease to lapse."""
        try:
            released = release_cluster(charge.name)
        except Error as problem:
            logger.warning("Its work comes back when the lease lapses.", extra={"problem": str(problem)})
        else:
            if released:
                logger.info("Its work is given back.", extra={"workers": released})
        connection.close()

    def pause(self, seconds: float) -> None:
        until = now() + seconds
        while not self.stopping and (left := until - now()) > 0:
            self.stirring.wait(left)
            self.stirring.clear()


def nameless_file(size: int) -> int:
    """The descriptor of a file of zeros that goes with the last process that has it open."""
    descriptor, path = tempfile.mkstemp(prefix="choreo-board-")
    os.unlink(path)
    os.ftruncate(descriptor, size)
    return descriptor


def count_other_tasks() -> int:
    """Ordinary tasks that are out: a worker may be busy with one for as long as it likes."""
    try:
        return OrmQ.objects.filter(key=Conf.CLUSTER_NAME, lock__gt=timezone.now()).count()
    except Error:
        return 0
    finally:
        connection.close()
