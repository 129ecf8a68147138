"""A stretch: what a worker makes between two commits.

An attempt that has an effect is reported by itself, at once. Those that do nothing in the world outside share a commit,
and so does what follows from them in the same runs, as long as it is of that kind: a crash before the commit repeats it
all, and nobody could tell (ADR 0037, 0046). They are known to be short, and nobody waits long for what they came to.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from designer.graph import Effect
from runs.actions import Advance, Assignment, Begun, Done, Grip, Report

from .board import now

logger = logging.getLogger(__name__)

LONGEST = 0.15  # seconds until what was made is recorded


class Stretch:
    """``grip`` says what may be made before it is recorded; None: nothing, the worker is about to end."""

    def __init__(
        self,
        begun: Sequence[Begun],
        grip: Grip | None,
        perform: Callable[[Assignment], Report],
        is_over: Callable[[], bool],
    ) -> None:
        self.done: list[Done | Begun] = [*begun]
        self.ahead: dict[UUID, Advance | None] = {one.held.run_id: one.ahead for one in begun}
        self.grip = grip
        self.perform = perform
        self.is_over = is_over
        self.until = now() + LONGEST

    def make(self, hand: Iterable[Assignment]) -> int:
        """Perform the first in hand, and what can be reported with it; how many of them that were."""
        made = 0
        for begun in self.known().values():
            self.follow(begun)
        for assignment in hand:
            harmless = assignment.contract.effect is Effect.NONE
            if self.done and not (harmless and self.is_short(assignment)):
                break
            done = Done(assignment, self.perform(assignment))
            self.done.append(done)
            made += 1
            if not harmless:
                break
            if (ahead := self.ahead_of(assignment)) is not None:
                self.follow(ahead, done)
        return made

    def is_short(self, assignment: Assignment) -> bool:
        return self.grip is not None and self.grip.foresees(assignment.does) and self.has_time()

    def has_time(self) -> bool:
        return now() < self.until and not self.is_over()

    def known(self) -> dict[UUID, Advance]:
        """The runs in which we looked ahead."""
        return {pk: ahead for pk, ahead in self.ahead.items() if ahead is not None}

    def ahead_of(self, assignment: Assignment) -> Advance | None:
        """Its run, to look ahead in. None where that would be in vain, because others are at work on it too, or could
        do harm, because a worker was lost with it: what takes it down is found by being made alone."""
        pk, run = assignment.run_id, assignment.run
        if pk not in self.ahead:
            alone = run is not None and not run.is_shared and self.grip is not None
            self.ahead[pk] = Advance(run, self.grip) if alone and run is not None else None
        ahead = self.ahead[pk]
        if ahead is not None and ahead.run is not run:
            self.ahead[pk] = ahead = None
        return ahead

    def follow(self, ahead: Advance, done: Done | None = None) -> None:
        """Hear what came of an attempt, and make what follows from it, while there is time."""
        try:
            if done is not None:
                ahead.hear(done.outcome())
            while self.grip is not None and self.has_time():
                following = ahead.take_up(self.grip.worker)
                if following is None:
                    return
                ahead.hear(Done(following, self.perform(following)).outcome())
        except Exception:
            # It is decided once more when the run is locked, and said there if it cannot be.
            logger.debug("What follows cannot be foreseen.", exc_info=True)
            self.ahead[ahead.run.pk] = None
