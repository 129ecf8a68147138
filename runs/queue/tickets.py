"""What a django-q2 worker does for a ticket: claim what is due, perform it, report it, and go on until nothing is."""

import logging
import random
import time
from collections import deque
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import Error, InterfaceError, OperationalError, connection

from runs import bell
from runs.actions import Assignment, claim_work, is_work_due, report_attempt
from runs.crash_points import crash_at

from .board import THE_BOARD, now
from .heartbeat import Heartbeat, heartbeat
from .pace import Pace
from .performing import perform

logger = logging.getLogger(__name__)

# A ticket is over after so much, for fairness to the other apps' tasks in the same workers.
BUDGET_SECONDS, BUDGET_STEPS = 2.0, 200
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
        knows_what_it_holds = False
        try:
            while not self.is_over() and self.claim():
                while self.hand and self.heart.is_trusted():
                    self.advance(self.hand[0])
                    self.hand.popleft()
            knows_what_it_holds = True
        finally:
            if self.hand or not knows_what_it_holds:
                # Nobody will report these: as another worker we let their lease lapse.
                self.heart.renounce()
        if self.is_over():
            bell.wake()

    def is_over(self) -> bool:
        return THE_BOARD.closing or self.steps >= BUDGET_STEPS or now() >= self.until

    def claim(self) -> bool:
        limit = self.pace.limit
        claimed = self.again(lambda: claim_work(worker=self.heart.enlist(), limit=limit))
        self.hand.extend(sorted(claimed, key=lambda each: self.pace.expected(each.does)))
        if len(claimed) >= limit and is_work_due():
            # More than one worker can carry: the pusher gives a ticket to the next one, if there is one.
            bell.wake()
        return bool(claimed)

    def advance(self, assignment: Assignment) -> None:
        """Perform it, report it, and keep what follows at once in the same run."""
        self.steps += 1
        started = now()
        self.heart.must_end_by = hard_limit(assignment)
        crash_at("effect.before")
        report = perform(assignment)
        crash_at("effect.after_before_record")
        self.heart.must_end_by = None
        self.pace.learn(assignment.does, now() - started)
        try:
            following = self.again(lambda: report_attempt(assignment, report, go_on=not self.is_over()))
        except ObjectDoesNotExist:
            logger.info("A run was deleted while a step was performed.", extra={"run": assignment.run_id})
            return
        if following is not None:
            self.hand.append(following)

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
