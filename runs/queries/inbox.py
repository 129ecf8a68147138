"""The inbox: reviews by the time that is left for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from runs.models import Review
from runs.models.people import ReviewStatus

WHICH = ("open", "mine", "done")
SOON = timedelta(hours=1)
SHOWN = 200  # open ones; whoever has more has other worries
DONE_SHOWN = 50


@dataclass(frozen=True, slots=True)
class InboxItem:
    review: Review
    first_evidence: str
    used: int  # percent of the time that is gone
    tone: str

    @property
    def id(self) -> str:
        return str(self.review.pk)

    @property
    def claimed(self) -> bool:
        return self.review.is_claimed


@dataclass(frozen=True, slots=True)
class InboxGroup:
    title: str
    tone: str
    items: Sequence[InboxItem]


def visible_reviews(user: Any) -> QuerySet[Review]:
    """The reviews that ``user`` may see. Whether they may decide is asked for each."""
    if not user.has_perm("runs.view_review"):
        return Review.objects.none()
    found = Review.objects.select_related("run__workflow", "run__version", "claimed_by", "decided_by")
    return found.defer(
        *(f"run__{name}" for name in ("version__document", "state", "input", "output", "fault"))
    )


def find_review(user: Any, review_id: UUID) -> Review | None:
    return visible_reviews(user).filter(pk=review_id).first()


def open_review_count(user: Any) -> int:
    return visible_reviews(user).filter(status=ReviewStatus.OPEN).count()


def inbox(user: Any, which: str = "open") -> list[InboxGroup]:
    """Which is open, mine or done."""
    reviews = visible_reviews(user)
    if which == "done":
        decided = reviews.exclude(status=ReviewStatus.OPEN).order_by(F("decided_at").desc(nulls_last=True))
        return _groups([("Done", "", [_item(review) for review in decided[:DONE_SHOWN]])])
    now = timezone.now()
    waiting = reviews.filter(status=ReviewStatus.OPEN).order_by(F("due_at").asc(nulls_last=True), "opened_at")
    if which == "mine":
        waiting = waiting.filter(claimed_by=user, claimed_until__gt=now)
    items = [_item(review) for review in waiting[:SHOWN]]
    late = [item for item in items if item.review.due_at and item.review.due_at <= now]
    soon = [item for item in items if item.review.due_at and now < item.review.due_at <= now + SOON]
    later = [item for item in items if item not in late and item not in soon]
    return _groups(
        [("Past the limit", "fail", late), ("Due within the hour", "", soon), ("Later", "", later)]
    )


def counts(user: Any) -> dict[str, int]:
    waiting = visible_reviews(user).filter(status=ReviewStatus.OPEN)
    mine = waiting.filter(Q(claimed_by=user, claimed_until__gt=timezone.now()))
    return {"open": waiting.count(), "mine": mine.count()}


def _groups(groups: list[tuple[str, str, list[InboxItem]]]) -> list[InboxGroup]:
    return [InboxGroup(title, tone, items) for title, tone, items in groups if items]


def _item(review: Review) -> InboxItem:
    evidence = review.evidence[0] if review.evidence else None
    first = f"{evidence['label']} {evidence['value']}" if evidence and _is_plain(evidence["value"]) else ""
    if review.due_at is None:
        return InboxItem(review, first, 0, "idle")
    gone = (timezone.now() - review.opened_at) / max(review.due_at - review.opened_at, timedelta(seconds=1))
    used = max(1, min(100, round(100 * gone)))
    return InboxItem(review, first, used, "fail" if used >= 100 else "warn" if used >= 60 else "idle")


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and len(str(value)) < 60
