"""The desk beside the bench: attempts that wait for others, each in a thread of its own, many under way at once.

A call that takes a second keeps a worker waiting for a second. So a worker makes such attempts beside its tickets: an
asynchronous step, or one that is declared with ``waits=True``. The ticket goes on at once; a thread reports what has
come to its end, together with what has ended in the same moment, and keeps what follows if that waits too.

A step at the desk cannot be interrupted: asynchronous ones are cancelled in time, and a waiting one must keep its own
deadline. One that does neither is ended with its worker, as everywhere (see `heartbeat`); and when its worker ends, it
does not keep it from doing so.
"""

import logging
import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from multiprocessing.util import Finalize
from queue import SimpleQueue
from threading import Condition, Thread

from django.conf import settings
from django.db import Error, connections

from designer import catalog
from runs.actions import Assignment, Done, Grip, Report
from runs.crash_points import crash_at

from .board import THE_BOARD
from .heartbeat import Heartbeat, heartbeat
from .performing import perform_with, secrets_for
from .reporting import report

logger = logging.getLogger(__name__)

TOGETHER = 50  # reports in one transaction, at most
GRACE = 20.0  # seconds that a worker which ends gives what is under way

type Given = tuple[Mapping[str, str], Assignment]  # what is to be made, with its secrets


class Desk:
    def __init__(self, heart: Heartbeat, room: int) -> None:
        self.heart = heart
        self.room = room
        self.kinds: set[str] = set()  # what has been seen to belong here, by `does`
        self.under_way: dict[int, Assignment] = {}
        self.given: SimpleQueue[Given | None] = SimpleQueue()
        self.ended: SimpleQueue[Done | None] = SimpleQueue()
        self.hands = 0  # threads, all of them daemons: those of an executor would be waited for
        self.is_open = False
        self.changed = Condition()

    def takes(self, assignment: Assignment) -> bool:
        """Whether it belongs here, and there is room for it."""
        if not _waits(assignment):
            return False
        self.kinds.add(assignment.does)
        return len(self.under_way) < self.room

    def wants(self, does: str) -> bool:
        return does in self.kinds and len(self.under_way) < self.room

    def begin(self, assignment: Assignment) -> None:
        """Secrets are asked for here, so that an attempt's own thread needs no connection."""
        secrets = secrets_for(assignment)
        self.under_way[assignment.work_id] = assignment
        self._open()
        if isinstance(secrets, Report):
            self.ended.put(Done(assignment, secrets))
        else:
            self.given.put((secrets, assignment))
            if self.hands < len(self.under_way):
                self.hands += 1
                Thread(target=self._lend_a_hand, name="desk", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Whether nothing is under way any more, after so long at most."""
        with self.changed:
            return self.changed.wait_for(lambda: not self.under_way, seconds)

    def close(self) -> None:
        """Give what is under way its grace. What has not ended by then is another worker's, once the lease lapses."""
        if not self.is_open:
            return
        self.room = 0  # what follows is for others
        if not self.wait(GRACE):
            logger.warning(
                "Steps were under way when their worker ended.", extra={"steps": len(self.under_way)}
            )
            self.heart.renounce()
        for _ in range(self.hands):
            self.given.put(None)
        self.ended.put(None)
        self.hands, self.is_open = 0, False

    def _open(self) -> None:
        if not self.is_open:
            self.is_open = True
            Thread(target=self._report_on, name="desk-reports", daemon=True).start()
            Finalize(None, self.close, exitpriority=20)  # before the worker signs off

    def _lend_a_hand(self) -> None:
        while (given := self.given.get()) is not None:
            self._perform(*given)

    def _perform(self, secrets: Mapping[str, str], assignment: Assignment) -> None:
        try:
            with self.heart.limited(assignment):
                crash_at("effect.before")
                done = Done(assignment, perform_with(secrets, assignment))
                crash_at("effect.after_before_record")
            connections.close_all()
        except Exception:
            logger.exception("A step came to no report.")
            self.heart.renounce()
            self._clear([assignment])
        else:
            self.ended.put(done)

    def _report_on(self) -> None:
        """The thread that reports: with a connection of its own, which it closes when nothing is under way."""
        ended: list[Done | None] = []
        while None not in ended:
            ended = self._gathered()
            if done := [one for one in ended if one is not None]:
                self._go_on(done)
                self._clear(one.held for one in done)
            if not self.under_way:
                connections.close_all()

    def _gathered(self) -> list[Done | None]:
        """What has ended, waited for; None: the desk is closed."""
        ended = [self.ended.get()]
        while len(ended) < TOGETHER and not self.ended.empty():
            ended.append(self.ended.get())
        return ended

    def _clear(self, assignments: Iterable[Assignment]) -> None:
        with self.changed:
            for assignment in assignments:
                self.under_way.pop(assignment.work_id, None)
            self.changed.notify_all()

    def _go_on(self, done: list[Done]) -> None:
        try:
            for following in report(self.heart, done, self._grip):
                self.begin(following)
            return
        except Error as problem:
            logger.warning("What a worker did cannot be reported.", extra={"problem": str(problem)})
            connections.close_all()
        except Exception:
            logger.exception("What a worker did cannot be recorded.")
        # Nobody will report these: as another worker we let their lease lapse.
        self.heart.renounce()

    def _grip(self, room: int) -> Grip | None:
        """Nothing but what belongs here."""
        worker = self.heart.worker
        if worker is None or THE_BOARD.closing:
            return None
        return Grip(worker, room, lambda does, first, kept: self.wants(does))


def _waits(assignment: Assignment) -> bool:
    """At most once stays with the ticket: at the desk it could go down with a neighbour."""
    if assignment.contract.at_most_once:
        return False
    step_type = catalog.find(assignment.contract.reference)
    return step_type is not None and step_type.waits


@lru_cache(maxsize=1)
def desk_of(pid: int) -> Desk:
    return Desk(heartbeat(), settings.CHOREO_AT_ONCE)


def desk() -> Desk:
    """This process's; a fork gets its own."""
    return desk_of(os.getpid())
