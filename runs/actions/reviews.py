"""Claiming and deciding reviews. A decision needs the claim, and the claim ends by itself."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from designer.actions import note_deed
from designer.graph import corrections_schema, question_of, violations
from designer.versions import graph_of
from designer.zones import zone_word
from runs import bell
from runs.crash_points import crash_at
from runs.engine import events, storage_flaw
from runs.models import Review, ReviewEntry
from runs.models.people import ReviewStatus
from runs.refusals import ClaimLost, DataRefused, NotAllowed, Refused

from .advance import advance, locked_run
from .reviewers import check_may_give, check_reviewer

CLAIM_LOST = "You do not hold this review any more. Claim it again to decide."
UNCLAIMED = "Claim this review to decide it: then nobody else can."
WAS_ANOTHERS = "This review was somebody else's in the meantime. Look at it again, then decide."
WAS_ANSWERED = "Somebody has answered this review in the meantime. Look at it again, then decide."


def check_claim(review: Review, user: Any) -> None:
    """Whether ``user`` may take this review now. Raises NotAllowed, Refused."""
    check_reviewer(review, user)
    _check_open(review)
    if review.is_claimed and review.claimed_by_id != user.pk:
        raise Refused(f"{review.claimed_by} has it until {_clock(review.claimed_until)}.")


def check_decide(review: Review, user: Any) -> None:
    """Whether ``user`` may decide this review now. Raises NotAllowed, ClaimLost, Refused."""
    check_reviewer(review, user)
    _check_open(review)
    if review.claimed_by_id is None:
        raise ClaimLost(UNCLAIMED)
    if review.claimed_by_id != user.pk or not review.is_claimed:
        raise ClaimLost(CLAIM_LOST)


def check_change(review: Review) -> None:
    """Whether the data may still be corrected. Raises Refused."""
    first = review.given.select_related("by").first()
    if first is not None:
        who = first.by or "Somebody"
        raise Refused(f"{who} has agreed to the data as it stands. Agree to that, or choose another answer.")


@transaction.atomic(durable=True)
def claim_review(*, review_id: UUID, by: Any) -> Review:
    """Take a review for a while: nobody else can decide it. Claiming one's own again renews it.

    Raises NotAllowed, Refused.
    """
    review = Review.objects.select_related("claimed_by", "run").get(pk=review_id)
    check_claim(review, by)
    _give_to(review, by)
    _note(review, "claimed", by=by)
    return review


@transaction.atomic(durable=True)
def release_review(*, review_id: UUID, by: Any) -> None:
    """Give a claim back. Raises ClaimLost."""
    review = Review.objects.select_related("run").get(pk=review_id)
    _change_held(review, by, claimed_by=None, claimed_until=None)
    _note(review, "released", by=by)


@transaction.atomic(durable=True)
def hand_over_review(*, review_id: UUID, to: Any, by: Any, note: str = "") -> Review:
    """Give a review that one holds, or that nobody has, to another person, who has it for a while.

    Raises NotAllowed, Refused.
    """
    review = Review.objects.select_related("claimed_by", "run").get(pk=review_id)
    check_claim(review, by)
    if to.pk == by.pk:
        raise Refused("It is yours already, or yours to claim. Choose somebody else.")
    try:
        check_reviewer(review, to)
    except NotAllowed:
        raise Refused(f"{to} may not decide this review.") from None
    _give_to(review, to, after=by)
    _note(review, "handed", by=by, to=to, text=note)
    note_deed("handed over", "review", review.title, by=by, about=review.pk, to=to.get_username())
    return review


@transaction.atomic(durable=True)
def decide_review(
    *,
    review_id: UUID,
    outcome: str,
    by: Any,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
    claim: int | None = None,
    revision: int | None = None,
) -> Review:
    """Answer the question, once and for all.

    ``data`` corrects what may be corrected; None leaves it as it is. ``claim`` and ``revision`` are those of the
    page on which the answer was given: when they have changed since, it is refused. Raises NotAllowed, ClaimLost,
    Refused.
    """
    run = locked_run(Review.objects.values_list("run_id", flat=True).get(pk=review_id))
    review = Review.objects.select_related("claimed_by", "run").get(pk=review_id)
    check_decide(review, by)
    _check_page(review, claim, revision)
    chosen = _get_outcome(review, outcome)
    _check_answer(review, chosen, reason, by, data)
    decided = review.data if data is None else data
    digest = _digest(review, decided)
    _note(review, "decided", by=by, outcome=outcome, text=reason, digest=digest)
    note_deed("decided", "review", review.title, by=by, about=review.pk, outcome=outcome, shown=digest)
    crash_at("approve.after_insert")
    if _more_needed(review, chosen):
        free = {"claimed_by": None, "claimed_until": None}
        _change_held(review, by, proposed=decided, revision=F("revision") + 1, **free)
        return review
    now = timezone.now()
    fields = {"outcome": outcome, "decision_reason": reason, "decided_by": by, "decided_at": now}
    _change_held(review, by, status=ReviewStatus.DECIDED, proposed=decided, **fields)
    fact = events.ReviewDecided(
        at=now, no=review.no, outcome=outcome, by=by.get_username(), reason=reason, data=decided
    )
    told = advance(run, [fact])
    if told.ignored[0]:
        raise Refused(f"The decision was not taken: {told.ignored[0]}.")
    review.refresh_from_db()
    return review


def _give_to(review: Review, holder: Any, *, after: Any = None) -> None:
    """Compare and set: of two who reach for a review one is told that somebody was faster. Raises Refused."""
    now = timezone.now()
    until = now + timedelta(seconds=settings.CHOREO_CLAIM_SECONDS)
    free = Q(claimed_by=None) | Q(claimed_until__lte=now) | Q(claimed_by=after or holder)
    renewed = review.claimed_by_id == holder.pk and review.is_claimed
    token = review.claim if renewed else review.claim + 1
    taken = Review.objects.filter(free, pk=review.pk, status=ReviewStatus.OPEN, claim=review.claim).update(
        claimed_by=holder, claimed_until=until, claim=token
    )
    if not taken:
        raise Refused("Somebody was faster: the review is theirs now.")
    review.claimed_by, review.claimed_until, review.claim = holder, until, token


def _change_held(review: Review, by: Any, **fields: Any) -> None:
    """Change a review that ``by`` holds: the claim may have become another's a moment ago. Raises ClaimLost."""
    if not Review.objects.filter(pk=review.pk, status=ReviewStatus.OPEN, claimed_by=by).update(**fields):
        raise ClaimLost(CLAIM_LOST)


def _note(review: Review, verb: str, **fields: Any) -> None:
    """Write it down, and ring for the pages that show it: a claim does not move the run."""
    ReviewEntry.objects.create(review=review, verb=verb, at=timezone.now(), **fields)
    transaction.on_commit(partial(bell.ring, review.run_id, review.run.seq, work=False), robust=True)


def _clock(moment: datetime | None) -> str:
    """With its zone: it is said to people and to programs."""
    return f"{timezone.localtime(moment):%H:%M} {zone_word(moment)}"


def _check_open(review: Review) -> None:
    if review.status == ReviewStatus.DECIDED:
        raise Refused("The review has been decided already.")
    if review.status == ReviewStatus.WITHDRAWN:
        raise Refused("The run went on without this review: there is nothing to decide any more.")


def _check_page(review: Review, claim: int | None, revision: int | None) -> None:
    if revision is not None and revision != review.revision:
        raise Refused(WAS_ANSWERED)
    if claim is not None and claim != review.claim:
        raise ClaimLost(WAS_ANOTHERS)


def _get_outcome(review: Review, name: str) -> Mapping[str, Any]:
    """Raises Refused."""
    outcome = review.find_outcome(name)
    if outcome is None:
        names = ", ".join(known["name"] for known in review.outcomes)
        raise Refused(f"“{name}” is not an answer to this review. The answers are {names}.")
    return outcome


def _check_answer(
    review: Review, outcome: Mapping[str, Any], reason: str, by: Any, data: Mapping[str, Any] | None
) -> None:
    check_may_give(outcome, by)
    if outcome["reason_required"] and not reason.strip():
        raise Refused(f"“{review.title_of(outcome['name'])}” needs a reason.")
    if data is not None:
        check_change(review)
        _check_data(review, data)


def _check_data(review: Review, data: Mapping[str, Any]) -> None:
    """All that may be corrected and nothing else, each as it was meant. Raises DataRefused."""
    graph = graph_of(review.run.version_id)
    step = question_of(graph.step(review.key))
    assert step is not None
    schema = corrections_schema(graph, step, review.editable)
    found = [(problem.path, problem.message) for problem in violations(schema, data)]
    if flaw := storage_flaw(data, largest=settings.CHOREO_VALUE_LIMIT):
        found.append(("", f"it {flaw}"))
    if found:
        raise DataRefused(found)


def _more_needed(review: Review, outcome: Mapping[str, Any]) -> bool:
    """Whether other people must give the same answer first."""
    return bool(review.given.filter(outcome=outcome["name"]).count() < outcome["approvals"])


def _digest(review: Review, data: Mapping[str, Any]) -> str:
    """Of what the answer was given to, so that it can be said later what somebody agreed to."""
    shown = {"evidence": review.evidence, "outcomes": review.outcomes, "data": data}
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
