"""Claiming and deciding reviews. A decision needs the claim, and the claim ends by itself."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from runs.engine import events
from runs.models import Review, ReviewEntry
from runs.models.people import ReviewStatus
from runs.refusals import ClaimLost, NotAllowed, Refused

from .advance import advance, locked_run

CLAIM_LOST = "You do not hold this review any more. Claim it again to decide."
UNCLAIMED = "Claim this review to decide it: then nobody else can."


def check_claim(review: Review, user: Any) -> None:
    """Whether ``user`` may take this review now. Raises NotAllowed, Refused."""
    _check_reviewer(review, user)
    _check_open(review)
    if review.is_claimed and review.claimed_by_id != user.pk:
        raise Refused(f"{review.claimed_by} has it until {review.claimed_until:%H:%M}.")


def check_decide(review: Review, user: Any) -> None:
    """Whether ``user`` may decide this review now. Raises NotAllowed, ClaimLost, Refused."""
    _check_reviewer(review, user)
    _check_open(review)
    if review.claimed_by_id is None:
        raise ClaimLost(UNCLAIMED)
    if review.claimed_by_id != user.pk or not review.is_claimed:
        raise ClaimLost(CLAIM_LOST)


@transaction.atomic(durable=True)
def claim_review(*, review_id: UUID, by: Any) -> Review:
    """Take a review for a while: nobody else can decide it. Claiming one's own again renews it.

    Raises NotAllowed, Refused.
    """
    review = Review.objects.select_related("claimed_by", "run").get(pk=review_id)
    check_claim(review, by)
    now = timezone.now()
    until = now + timedelta(seconds=settings.CHOREO_CLAIM_SECONDS)
    free = Q(claimed_by=None) | Q(claimed_until__lte=now) | Q(claimed_by=by)
    taken = Review.objects.filter(free, pk=review_id, status=ReviewStatus.OPEN).update(
        claimed_by=by, claimed_until=until
    )
    if not taken:
        raise Refused("Somebody was faster: the review is theirs now.")
    ReviewEntry.objects.create(review=review, verb="claimed", by=by, at=now)
    review.claimed_by, review.claimed_until = by, until
    return review


@transaction.atomic(durable=True)
def release_review(*, review_id: UUID, by: Any) -> None:
    """Give a claim back. Raises ClaimLost."""
    released = Review.objects.filter(pk=review_id, claimed_by=by, status=ReviewStatus.OPEN).update(
        claimed_by=None, claimed_until=None
    )
    if not released:
        raise ClaimLost("You do not hold this review any more.")
    ReviewEntry.objects.create(review_id=review_id, verb="released", by=by, at=timezone.now())


@transaction.atomic(durable=True)
def decide_review(*, review_id: UUID, outcome: str, by: Any, reason: str = "", data: Any = None) -> Review:
    """Answer the question, once and for all. Raises NotAllowed, ClaimLost, Refused."""
    run = locked_run(Review.objects.values_list("run_id", flat=True).get(pk=review_id))
    review = Review.objects.select_related("claimed_by", "run").get(pk=review_id)
    check_decide(review, by)
    _check_answer(review, outcome, reason)
    now = timezone.now()
    ReviewEntry.objects.create(review=review, verb="decided", outcome=outcome, text=reason, by=by, at=now)
    if _more_needed(review, outcome):
        _change_held(review, by, claimed_by=None, claimed_until=None)
        return review
    fields = {"outcome": outcome, "decision_reason": reason, "decided_by": by, "decided_at": now}
    _change_held(review, by, status=ReviewStatus.DECIDED, **fields)
    fact = events.ReviewDecided(
        at=now, no=review.no, outcome=outcome, by=by.get_username(), reason=reason, data=data
    )
    told = advance(run, [fact])
    if told.ignored[0]:
        raise Refused(f"The decision was not taken: {told.ignored[0]}.")
    review.refresh_from_db()
    return review


def _change_held(review: Review, by: Any, **fields: Any) -> None:
    """Change a review that ``by`` holds: the claim may have become another's a moment ago. Raises ClaimLost."""
    if not Review.objects.filter(pk=review.pk, status=ReviewStatus.OPEN, claimed_by=by).update(**fields):
        raise ClaimLost(CLAIM_LOST)


def _check_reviewer(review: Review, user: Any) -> None:
    if not user.has_perm("runs.decide_review"):
        raise NotAllowed("Your role does not decide reviews.")
    if review.groups and not user.groups.filter(name__in=review.groups).exists():
        raise NotAllowed(f"Only {' or '.join(review.groups)} may decide this review.")
    if review.four_eyes and review.run.started_by_id == user.pk:
        raise NotAllowed("You started this run, so somebody else must decide.")
    if review.trail.filter(verb="decided", by=user).exists() and review.status == ReviewStatus.OPEN:
        raise NotAllowed("You have given your answer; another person's is needed.")


def _check_open(review: Review) -> None:
    if review.status == ReviewStatus.DECIDED:
        raise Refused("The review has been decided already.")
    if review.status == ReviewStatus.WITHDRAWN:
        raise Refused("The run went on without this review: there is nothing to decide any more.")


def _check_answer(review: Review, outcome: str, reason: str) -> None:
    chosen = next((known for known in review.outcomes if known["name"] == outcome), None)
    if chosen is None:
        names = ", ".join(known["name"] for known in review.outcomes)
        raise Refused(f"“{outcome}” is not an answer to this review. The answers are {names}.")
    if chosen["reason_required"] and not reason.strip():
        raise Refused(f"“{chosen['title'] or chosen['name']}” needs a reason.")


def _more_needed(review: Review, outcome: str) -> bool:
    """Whether other people must give the same answer first. The first outcome is the one that needs agreement."""
    if not review.outcomes or outcome != review.outcomes[0]["name"]:
        return False
    return review.trail.filter(verb="decided", outcome=outcome).count() < review.approvals
