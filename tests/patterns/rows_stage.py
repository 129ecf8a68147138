"""The real thing: the actions on the database, with a worker played by the test."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from runs.actions import Report, cancel_run, claim_review, decide_review, publish_signal
from runs.actions.joins import add_items, close_items, force_join
from runs.engine import Phase, Status
from runs.models import Review, Run, StepRun
from runs.models.work import WorkKind
from runs.queries.values import shown_output
from tests.factories import Hand, a_run, a_user
from tests.servers import wait_until

from .pattern import Ends
from .stage import Stage

QUIET = 3  # claims in a row that bring nothing: work that follows from work may be a claim away


class RowsStage(Stage):
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.hand = Hand()
        self.person = a_user("maya", "runs.decide_review", groups=("sales",))
        self.run: Run

    def start(self, input: Any) -> None:
        self.run = a_run(self.document, input)

    def settle(self) -> None:
        idle = 0
        while idle < QUIET:
            idle = 0 if self.hand.claim() or self._report_late() else idle + 1
        self.run.refresh_from_db()

    def at_work(self) -> list[str]:
        return sorted(held.key for held in self.hand.held if held.phase is Phase.DO)

    def ends(self) -> Ends:
        steps = self.run.step_runs.order_by("no")
        return Ends(
            status=self.run.status,
            visited=list(steps.values_list("key", flat=True)),
            cancelled=sorted(steps.filter(status=Status.CANCELLED).values_list("key", flat=True)),
            output=shown_output(self.run, self.run.output),
        )

    def finish(self, key: str, output: Any) -> None:
        self._report(key, Phase.DO, output)

    def undo(self, key: str) -> None:
        self._report(key, Phase.UNDO, {})

    def signal(self, name: str, key: str, keep: timedelta) -> None:
        publish_signal(name=name, key=key, source="/outside", keep=keep)

    def let_time_pass(self, key: str) -> None:
        ordered = self.run.work.filter(kind=WorkKind.TIMER, no=self._find(key).no)
        wait_until(lambda: not ordered.filter(due_at__gt=timezone.now()).exists(), seconds=5, what=key)

    def decide(self, key: str, answer: str) -> None:
        review = Review.objects.get(run=self.run, key=key)
        claim_review(review_id=review.pk, by=self.person)
        decide_review(review_id=review.pk, outcome=answer, by=self.person)

    def add_items(self, key: str, items: list[Any]) -> None:
        add_items(run_id=self.run.pk, no=self._find(key).no, items=items, by=self.person)

    def close_items(self, key: str) -> None:
        close_items(run_id=self.run.pk, no=self._find(key).no, by=self.person)

    def force(self, key: str) -> None:
        force_join(run_id=self.run.pk, no=self._find(key).no, by=self.person)

    def cancel(self) -> None:
        cancel_run(run_id=self.run.pk, by=self.person)

    def _find(self, key: str) -> StepRun:
        return self.run.step_runs.filter(key=key).latest("no")

    def _report_late(self) -> bool:
        left = set(self.run.step_runs.filter(status=Status.ABANDONED).values_list("no", flat=True))
        late = [held for held in self.hand.held if held.no in left and held.phase is Phase.DO]
        for held in late:
            self.hand.report(held, Report(output={}))
        return bool(late)

    def _report(self, key: str, phase: Phase, output: Any) -> None:
        mine = [held for held in self.hand.held if held.key == key and held.phase is phase]
        assert mine, f"nobody is at work at {key}"
        self.hand.report(min(mine, key=lambda held: held.no), Report(output=output))
