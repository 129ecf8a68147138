"""Eight who reach for one review at the same time: one decision, by those who may, each counted once.

`make races` plays 500 rounds on each database.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier, Condition
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connections

from designer.models import AuditEntry
from runs.actions import cancel_run, claim_review, decide_review, hand_over_review, release_review, start_run
from runs.models import Review
from runs.models.people import ReviewStatus
from runs.refusals import NotAllowed, Refused
from tests.actions.flows import echo, flow, review
from tests.factories import Hand, a_user, a_version
from tests.promises import check_all_runs

ROUNDS = int(os.environ.get("CHOREO_TEST_RACES", "50"))
TRIES, PATIENCE = 6, 0.02  # seconds that somebody waits for an answer before they look again themselves
ASKED = flow(
    look=review(reviewers={"approvals": 2, "four_eyes": True}),
    yes=echo("${ steps.look.output }"),
    no={"kind": "fail", "error": "Rejected"},
)
type Act = Callable[[UUID, UUID], Any]
answered = Condition()


class Cast:
    """Sam starts the runs. All of them may decide reviews."""

    def __init__(self) -> None:
        names = ("sam", "ann", "ben", "cid")
        self.sam, self.ann, self.ben, self.cid = (a_user(name, "runs.decide_review") for name in names)

    def acts(self, number: int) -> list[Act]:
        """Eight at once: two tabs of Ann, Ben who is of two minds, Sam who may not, and somebody who is in the way."""
        others: list[Act] = [
            lambda run, pk: cancel_run(run_id=run, by=self.sam, reason="Ordered twice"),
            lambda run, pk: hand_over_review(review_id=pk, to=self.cid, by=self.ann),
            lambda run, pk: release_review(review_id=pk, by=self.ben),
        ]
        approvals: list[Act] = [
            says(who, "approve") for who in (self.ann, self.ann, self.ben, self.cid, self.sam, self.cid)
        ]
        return [*approvals, says(self.ben, "reject" if number % 2 else "approve"), others[number % 3]]


def says(who: User, outcome: str) -> Act:
    """Claims the review and gives this answer. Who finds it taken reaches for it again with all others who did."""

    def act(run: UUID, pk: UUID) -> Review:
        for left in reversed(range(TRIES)):
            try:
                claim_review(review_id=pk, by=who)
                review = decide_review(review_id=pk, outcome=outcome, by=who, reason="I looked at it")
            except NotAllowed:
                raise
            except Refused:
                if not left or not Review.objects.filter(pk=pk, status=ReviewStatus.OPEN).exists():
                    raise
                with answered:
                    answered.wait(PATIENCE)
            else:
                with answered:
                    answered.notify_all()
                return review
        raise AssertionError

    return act


@contextmanager
def crowd(size: int) -> Iterator[Callable[[list[Callable[[], Any]]], list[Any]]]:
    """Threads that keep their connections from round to round; what each gave, or how it was refused."""
    together = Barrier(size)

    def make(act: Callable[[], Any]) -> Any:
        together.wait(30)
        try:
            return act()
        except Refused as refusal:
            return refusal

    def part(_: int) -> None:
        together.wait(30)
        connections.close_all()

    with ThreadPoolExecutor(size) as pool:
        try:
            yield lambda acts: list(pool.map(make, acts))
        finally:
            list(pool.map(part, range(size)))


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_make_one_decision():
    cast, version, hand = Cast(), a_version(ASKED), Hand()
    for _ in range(ROUNDS):
        start_run(version=version, inputs={}, by=cast.sam)
    while hand.claim(limit=100):
        pass
    ends = []
    with crowd(8) as at_once:
        for number, (pk, run) in enumerate(Review.objects.values_list("pk", "run_id")):
            answers = at_once([partial(act, run, pk) for act in cast.acts(number)])
            ends.append(check_round(cast, run, pk, answers))
    while hand.claim(limit=100):
        pass
    assert len(ends) == ROUNDS
    assert ends.count("approve") + ends.count("reject") > ROUNDS / 5, ends
    check_all_runs()


def check_round(cast: Cast, run: UUID, pk: UUID, answers: list[Any]) -> str:
    """What came of it: the outcome, or nothing when it was cancelled or all gave up."""
    asked = Review.objects.get(pk=pk)
    given = list(asked.given.values_list("by__username", "outcome"))
    assert len({by for by, _ in given}) == len(given), "somebody was counted twice"
    assert "sam" not in dict(given), "who started the run decided it"
    assert isinstance(answers[4], NotAllowed), answers[4]
    told = list(asked.run.journal.filter(kind="ReviewDecided").values_list("data", flat=True))
    assert [one["outcome"] for one in told] == ([asked.outcome] if asked.status == "decided" else [])
    if asked.status == "decided":
        agreed = [by for by, outcome in given if outcome == asked.outcome]
        assert len(agreed) == (2 if asked.outcome == "approve" else 1)
        assert asked.decided_by and asked.decided_by.username == agreed[-1]
    deeds = AuditEntry.objects.filter(verb="decided", about=str(pk)).order_by("pk")
    assert list(deeds.values_list("by_name", flat=True)) == [by for by, _ in given]
    assert sum(isinstance(answer, Review) and bool(answer.outcome) for answer in answers) == len(told)
    return asked.outcome
