"""What a django-q2 worker does for a ticket: claim what is due, perform it, report it, and go on until nothing is."""

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection

from designer.graph import Effect
from runs import bell
from runs.actions import Assignment, Done, Grip, Report, claim_work, is_work_due, report_attempts
from runs.crash_points import crash_at

from .board import THE_BOARD, now
from .heartbeat import Heartbeat, heartbeat
from .pace import SHORT, Pace
from .performing import perform

logger = logging.getLogger(__name__)

# A ticket is over after so much, for fairness to the other apps' tasks in the same workers.
BUDGET_SECONDS, BUDGET_STEPS = 2.0, 2_000
# Serialization failures, deadlocks, a lock that was not to be had, a server that restarts.
PAUSES = (0.02, 0.1, 0.5, 2.0)

THE_PACE = Pace()


def serve() -> None:
    """Always returns None: results are the database's affair. What we did wrong is django-q2's to log."""
    THE_BOARD.take()
    try:
        Shift(heartbeat(), THE_PACE).work()
    except Error as problem:
        logger.warning("A worker could not go on for lack of the database.", extra={"problem": str(problem)})
        connection.close()
    finally:
        THE_BOARD.put_back()


class Shift:
    """One ticket's work. `hand` holds what is claimed and not yet performed."""

    def __init__(self, heart: Heartbeat, pace: Pace) -> None:
        self.heart = heart
        self.pace = pace
        self.hand: deque[Assignment] = deque()
        self.until = now() + BUDGET_SECONDS
        self.steps = 0

    def work(self) -> None:
        try:
            while not self.is_over() and self.claim():
                while self.hand and self.heart.is_trusted():
                    self.advance()
        finally:
            if self.hand:
                # Nobody will report these: as another worker we let their lease lapse.
                self.heart.renounce()
        if self.is_over():
            bell.wake()

    def is_over(self) -> bool:
        return THE_BOARD.closing or self.steps >= BUDGET_STEPS or now() >= self.until

    def claim(self) -> bool:
        limit = self.pace.limit
        claimed = self.again(lambda: claim_work(grip=Grip(self.heart.enlist(), limit, self.pace.is_short)))
        self.take(claimed)
        if len(claimed) >= limit and is_work_due():
            # More than one worker can carry: the pusher gives a ticket to the next one, if there is one.
            bell.wake()
        return bool(claimed)

    def take(self, assignments: Iterable[Assignment]) -> None:
        """The short ones first: nobody shall wait behind a long one."""
        self.hand = deque(sorted((*self.hand, *assignments), key=lambda each: self.pace.expected(each.does)))

    def advance(self) -> None:
        """Perform what can be recorded together, report it, and keep what follows at once in the same runs."""
        done = list(self.performed())
        following = self.report(done)
        for _ in done:
            self.hand.popleft()
        self.take(following)

    def performed(self) -> Iterator[Done]:
        """The first attempt in hand. Where it does nothing in the world outside, others of that kind are made with it:
        they share a commit, and a crash before it repeats them all. They are short, and nobody waits long for it."""
        until = now() + SHORT
        for place, assignment in enumerate(self.hand):
            harmless = assignment.contract.effect is Effect.NONE
            if place and not (harmless and self.pace.is_short(assignment.does) and now() < until):
                return
            yield Done(assignment, self.perform(assignment))
            if not harmless:
                return

    def perform(self, assignment: Assignment) -> Report:
        self.steps += 1
        started = now()
        self.heart.must_end_by = hard_limit(assignment)
        crash_at("effect.before")
        report = perform(assignment)
        crash_at("effect.after_before_record")
        self.heart.must_end_by = None
        self.pace.learn(assignment.does, now() - started)
        return report

    def report(self, done: Sequence[Done]) -> list[Assignment]:
        """What follows. What cannot be recorded together is reported one by one: one shall not stop the others."""
        try:
            return self.again(lambda: report_attempts(done, grip=self.grip(len(done))))
        except Error:
            raise
        except Exception:
            if len(done) == 1:
                raise
            logger.exception("Attempts cannot be reported together. Each is reported by itself.")
        return self.report_apart(done)

    def grip(self, room: int) -> Grip | None:
        """What the worker goes on with; nothing, when its time is over or it has given up its name."""
        if self.heart.worker is None or self.is_over():
            return None
        return Grip(self.heart.worker, room, self.pace.is_short)

    def report_apart(self, done: Sequence[Done]) -> list[Assignment]:
        following: list[Assignment] = []
        problems: list[Exception] = []
        for one in done:
            try:
                following += self.report([one])
            except Error:
                raise
            except Exception as problem:
                problems.append(problem)
        if problems:
            raise problems[0]
        return following

    def again[T](self, transaction: Callable[[], T]) -> T:
        """The transaction's result, tried anew when the database could not do it now.

        Never put a step's code in it. The commit may have gone through and only its answer been lost: then
        attempts are held in this worker's name that it does not know of. So it becomes another worker first,
        and whatever the old one holds comes back when its lease has lapsed.
        """
        for pause in PAUSES:
            try:
                return transaction()
            except (OperationalError, InterfaceError) as problem:
                logger.info("A transaction is tried again.", extra={"problem": str(problem)})
                self.heart.renounce()
                connection.close_if_unusable_or_obsolete()
                time.sleep(pause * random.uniform(0.5, 1.5))
        return transaction()


def hard_limit(assignment: Assignment) -> float | None:
    if assignment.timeout is None:
        return None
    return now() + assignment.timeout.total_seconds() + settings.CHOREO_TIMEOUT_GRACE
