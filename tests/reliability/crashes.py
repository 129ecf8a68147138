"""Processes that die at a named point: what they had not committed is gone, and what they held is found later.

A death is an exception that nothing catches, so it unwinds what a kill would cut off: the open transaction is rolled
back, and what was to happen after the commit does not. test_real_deaths.py does the same to real processes.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Min
from django.utils import timezone

from designer.models import Version
from runs.actions import (
    claim_review,
    decide_review,
    enlist_worker,
    publish_signal,
    resolve_dead_letter,
    retire_worker,
    start_run,
)
from runs.crash_points import POINTS, arm
from runs.engine import Resolution
from runs.models import DeadLetter, Review, Run, Subscription, Work
from runs.queue.desk import Desk
from runs.queue.heartbeat import Heartbeat
from runs.queue.pace import Pace
from runs.queue.tickets import Shift
from runs.refusals import Refused

TURNS, MOMENT = 200, 0.1


class Died(BaseException):
    """The process is gone."""


class Crash:
    """Dies when a point is reached for the ``at``-th time, once. Without a point it only counts."""

    def __init__(self, point: str = "", at: int = 1) -> None:
        self.point, self.at = point, at
        self.reached: Counter[str] = Counter()

    def __call__(self, point: str) -> None:
        assert point in POINTS, point
        self.reached[point] += 1
        if point == self.point and self.reached[point] == self.at:
            raise Died

    @property
    def happened(self) -> bool:
        return self.reached[self.point] >= self.at


@contextmanager
def armed(crash: Crash) -> Iterator[Crash]:
    arm(crash)
    try:
        yield crash
    finally:
        arm(None)


class Pulse(Heartbeat):
    """A worker's lease without a thread: it is found dead by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[UUID] = []

    def enlist(self) -> UUID:
        if self.worker is None:
            self.worker = enlist_worker(host="mortal", pid=1)
            self.names.append(self.worker)
        return self.worker

    def is_trusted(self) -> bool:
        return self.worker is not None


class Even(Pace):
    """Takes as much at a time however long steps last, so that a play goes the same way each time."""

    def __init__(self) -> None:
        super().__init__()
        self.limit = 4

    def learn(self, does: str, seconds: float) -> None:
        pass

    def quicken(self) -> None:
        pass

    def is_short(self, does: str) -> bool:
        return True  # so those that leave nothing outside share a commit


class World:
    """A run's surroundings: workers who may die, and people and systems who ask again when they got no answer."""

    def __init__(self, version: Version, person: User, order: str) -> None:
        self.version, self.person, self.order = version, person, order

    def start(self) -> Run:
        return self.insist(lambda: start_run(version=self.version, inputs={}, idempotency_key=self.order))

    def play(self) -> Run:
        """The run, when nothing is left to do."""
        run = self.start()
        for _ in range(TURNS):
            if not self.answer() and not Work.objects.exists():
                return Run.objects.get(pk=run.pk)
            self.work()
        raise AssertionError(f"the run does not end: {list(Work.objects.all())}")

    def work(self) -> None:
        """One worker's shift. Whether it ended well or not, its colleagues find it gone."""
        soonest = Work.objects.filter(worker=None).aggregate(due=Min("due_at"))["due"]
        if soonest and soonest > timezone.now():
            time.sleep(min((soonest - timezone.now()).total_seconds() + 0.002, MOMENT))
        pulse = Pulse()
        with suppress(Died):
            Shift(pulse, Even(), Desk(pulse, room=0)).work()
        assert not connection.in_atomic_block
        for name in pulse.names:
            self.insist(partial(retire_worker, name))

    def answer(self) -> bool:
        """What is asked of the world outside is answered; whether there was anything."""
        asked = False
        for waiting in Subscription.objects.filter(signal=None):
            told: dict[str, Any] = {
                "name": waiting.name,
                "key": waiting.key,
                "source": "/bank",
                "event_id": str(waiting.run_id),
            }
            self.insist(partial(publish_signal, **told))
            asked = True
        for review in Review.objects.filter(status="open"):
            self.insist(partial(self.decide, review.pk))
            asked = True
        for letter in DeadLetter.objects.filter(status="open"):
            self.insist(partial(self.resolve, letter.pk))
            asked = True
        return asked

    def decide(self, review: UUID) -> None:
        with suppress(Refused):
            claim_review(review_id=review, by=self.person)
            decide_review(review_id=review, outcome="approve", by=self.person)

    def resolve(self, letter: UUID) -> None:
        with suppress(Refused):
            resolve_dead_letter(letter_id=letter, how=Resolution.DONE, by=self.person, reason="By hand.")

    def insist[T](self, act: Callable[[], T]) -> T:
        """Whoever got no answer asks once more, the same."""
        try:
            return act()
        except Died:
            return act()


def effects(lines: list[Any], since: int) -> Counter[tuple[str, str, str]]:
    return Counter((line["kind"], line["key"], line["note"]) for line in lines[since:])
