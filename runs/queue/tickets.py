"""What a django-q2 worker does for a ticket: claim what is due, perform it, report it, and go on until nothing is."""

import logging
from collections import deque
from collections.abc import Iterable
from copy import copy
from dataclasses import replace

from django.db import Error, connection

from runs import bell
from runs.actions import (
    Assignment,
    Begun,
    Grip,
    Report,
    Start,
    claim_work,
    hand_back,
    hold_on,
    is_work_due,
)
from runs.crash_points import crash_at

from .board import THE_BOARD, now
from .clock import THE_CLOCK
from .desk import Desk, desk
from .heartbeat import Heartbeat, heartbeat
from .pace import Pace
from .performing import perform
from .reporting import report
from .stretch import Stretch
from .trouble import again

logger = logging.getLogger(__name__)

# For fairness to the other apps' tasks in the same workers a ticket claims nothing new after a while. It goes on with
# the runs that it is at, much longer: two workers at one run would each undo what the other has foreseen.
CLAIM_SECONDS = 2.0
BUDGET_SECONDS, BUDGET_STEPS = 20.0, 20_000

THE_PACE = Pace()


def serve() -> None:
    """Always returns None: results are the database's affair. What we did wrong is django-q2's to log."""
    THE_BOARD.take()
    try:
        Shift(heartbeat(), THE_PACE, desk()).work()
    except Error as problem:
        logger.warning("A worker could not go on for lack of the database.", extra={"problem": str(problem)})
        connection.close()
    finally:
        THE_BOARD.put_back()


class Shift:
    """One ticket's work. `hand` holds what is claimed and not yet performed, `begun` the runs it starts."""

    def __init__(self, heart: Heartbeat, pace: Pace, desk: Desk) -> None:
        self.heart = heart
        self.desk = desk
        self.pace = pace
        self.hand: deque[Assignment] = deque()
        self.begun: list[Begun] = []
        self.until, self.claims_until = now() + BUDGET_SECONDS, now() + CLAIM_SECONDS
        self.steps = 0

    def work(self) -> None:
        knows_what_it_holds = False
        try:
            while self.claims_more() and self.claim():
                self.go_on()
            hand_back(self.held())
            knows_what_it_holds = True
        finally:
            if not knows_what_it_holds:
                # Nobody will report these: as another worker we let their lease lapse.
                self.heart.renounce()
        if not self.claims_more():
            bell.wake()

    def claims_more(self) -> bool:
        return not self.is_over() and now() < self.claims_until

    def is_over(self) -> bool:
        return THE_BOARD.closing or self.steps >= BUDGET_STEPS or now() >= self.until

    def go_on(self) -> None:
        """With what is in hand, as long as it is ours. Once the cluster stops what was not begun is for others; but not
        what may be made only once, which a person would have to look into as if it had been begun."""
        while self.held() and self.is_ours():
            once = [each for each in self.hand if each.contract.at_most_once]
            if THE_BOARD.closing and (free := [each for each in self.held() if each not in once]):
                hand_back(free)
                self.hand, self.begun = deque(once), []
            else:
                self.advance()

    def held(self) -> list[Assignment | Start]:
        return [*self.hand, *(one.held for one in self.begun)]

    def is_ours(self) -> bool:
        """Whether the leases of what is in hand are renewed, as far as we can know."""
        return self.heart.is_trusted() and all(each.worker == self.heart.worker for each in self.held())

    def claim(self) -> bool:
        if THE_CLOCK.is_wrong():
            return False
        limit = self.pace.limit
        claimed = again(self.heart, lambda: self.claimed(limit))
        self.begun = [one for one in claimed if isinstance(one, Begun)]
        self.take(one for one in claimed if isinstance(one, Assignment))
        if len(claimed) >= limit and is_work_due():
            # More than one worker can carry: the pusher gives a ticket to the next one, if there is one.
            bell.wake()
        return bool(claimed or self.hand)

    def claimed(self, limit: int) -> list[Assignment | Begun]:
        worker = self.heart.enlist()
        # What was claimed in an old name comes along, unless others have it by now.
        self.hand = deque(hold_on(self.hand, worker=worker))
        hand_back(one.held for one in self.begun)
        return claim_work(grip=Grip(worker, limit, self.wants, self.foresees))

    def take(self, assignments: Iterable[Assignment]) -> None:
        """What waits for others goes to the desk; of the rest the short ones come first, and none behind a long one."""
        here = [each for each in (*self.hand, *assignments) if not self.laid_aside(each)]
        self.hand = deque(sorted(here, key=lambda each: self.pace.expected(each.does)))

    def laid_aside(self, assignment: Assignment) -> bool:
        takes = self.desk.takes(assignment)
        if takes:
            # The run as we know it stays ours: the desk's thread changes its own.
            self.desk.begin(replace(assignment, run=copy(assignment.run)))
            self.pace.quicken()
        return takes

    def advance(self) -> None:
        """Perform what can be recorded together, report it, and keep what follows at once in the same runs."""
        stretch = Stretch(self.begun, self.grip(0), self.perform, self.is_over)
        made = stretch.make(self.hand)
        following = report(self.heart, stretch.done, self.grip, stretch.known())
        self.begun = []
        for _ in range(made):
            self.hand.popleft()
        self.take(following)

    def perform(self, assignment: Assignment) -> Report:
        self.steps += 1
        started = now()
        with self.heart.limited(assignment):
            crash_at("effect.before")
            report = perform(assignment)
            crash_at("effect.after_before_record")
        self.pace.learn(assignment.does, now() - started)
        return report

    def grip(self, room: int) -> Grip | None:
        """What the worker goes on with; nothing, when its time is over or it has given up its name."""
        if self.heart.worker is None or self.is_over():
            return None
        # As many as a claim would bring, so that two workers are not made to share a run that one is at work on.
        room = max(room, self.pace.limit - len(self.hand))
        return Grip(self.heart.worker, room, self.wants, self.foresees)

    def foresees(self, does: str) -> bool:
        return bool(self.pace.is_short(does)) and not self.desk.wants(does)

    def wants(self, does: str, first: bool, kept: int) -> bool:
        """What takes no time of ours, what is known to be short, and of each run the first that is not known to be
        long; that too, when there is nothing else to do: a map of long items would keep a ticket from all others."""
        if self.desk.wants(does):
            return True
        short = self.pace.is_short(does)
        return bool(short) or (first and short is None) or (not kept and not is_work_due())
