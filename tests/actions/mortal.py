"""Workers who die: each makes one transaction, and what it holds after that is anybody's again."""

from typing import Any

from runs.actions import Grip, Report, claims, retire_worker
from runs.actions.errands import do_errands
from runs.engine import Fault
from runs.models import Work
from tests.factories import Hand

OUTPUT = {"key": "k", "note": "n"}


class Mortals:
    every = 3  # of so many, one dies before it can even report or run its errand

    def __init__(self, **failing: str) -> None:
        self.failing = failing  # steps that fail, and by which error
        self.turn = 0

    def step(self) -> bool:
        """One transaction by one worker, who dies. False: idle."""
        if not Work.objects.exists():
            return False
        hand, self.turn = Hand(), self.turn + 1
        claimed = claims.claim_once(Grip(hand.id))
        if self.turn % self.every:
            do_errands(claimed.errands)
            for held in claimed.held:
                hand.report(held, self.outcome(held), go_on=False)
        retire_worker(hand.id)
        return True

    def outcome(self, held: Any) -> Report:
        if held.phase == "do" and held.key in self.failing:
            return Report(fault=Fault(name=self.failing[held.key], retryable=False))
        return Report(output=OUTPUT)

    def finish(self) -> None:
        for _ in range(400):
            if not self.step():
                return
        raise AssertionError("the runs do not end")
