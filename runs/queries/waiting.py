"""What waits for people, of all workflows: the one place that says how much and how late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, Q
from django.utils import timezone

from runs.models import DeadLetter, Review
from runs.models.people import DeadLetterStatus, ReviewStatus

from .gave_up import GaveUp, gave_up
from .inbox import visible_reviews
from .tallies import Scope, within

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    reviews: int
    late: int
    oldest: datetime | None
    dead_letters: int


def waiting(scope: Scope = None) -> Waiting:
    reviews = within(scope, Review.objects.filter(status=ReviewStatus.OPEN), "run__workflow")
    letters = within(scope, DeadLetter.objects.filter(status=DeadLetterStatus.OPEN), "run__workflow")
    late = Count("pk", filter=Q(due_at__lt=timezone.now()))
    counted = reviews.aggregate(reviews=Count("pk"), late=late, oldest=Min("opened_at"))
    return Waiting(**counted, dead_letters=letters.count())


def first_reviews(user: Any, scope: Scope = None) -> Sequence[Review]:
    """Those that are late or due next, as far as ``user`` may see them."""
    found = within(scope, visible_reviews(user).filter(status=ReviewStatus.OPEN), "run__workflow")
    return list(found.order_by(F("due_at").asc(nulls_last=True), "opened_at")[:SHOWN])


def oldest_dead_letters(scope: Scope = None) -> Sequence[GaveUp]:
    found = within(scope, DeadLetter.objects.filter(status=DeadLetterStatus.OPEN), "run__workflow")
    return gave_up(found, SHOWN)
