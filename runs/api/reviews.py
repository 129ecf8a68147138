"""Reviews: what waits for a person's decision."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from designer.api.bodies import JsonBody
from designer.api.operations import operation
from designer.api.paging import cut
from designer.api.problems import Problem
from designer.api.view import ApiView
from runs.actions import (
    check_claim,
    claim_review,
    decide_review,
    hand_over_review,
    other_reviewers,
    release_review,
)
from runs.models import Review
from runs.queries.inbox import visible_reviews
from runs.queries.veils import check_sees_corrections
from runs.views.loading import get_review

from .answers import told_review, told_reviews
from .shapes import DecideBody, HandOverBody, ReviewDetail, ReviewPageShape, ReviewQuestion

LOOK, DECIDE = "runs.view_review", "runs.decide_review"
FILTERS = {"status": "status", "run": "run", "workflow": "run__workflow__key"}


class Reviews(ApiView):
    needs = {"GET": LOOK}

    @operation(
        "listReviews", "List reviews", tag="Reviews", answer=ReviewPageShape, asks=[ReviewQuestion],
        said="The newest first.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = self.asked(ReviewQuestion)
        rows = found_reviews(visible_reviews(request.user), asked, request.user)
        found, following = cut(rows, request, asked, by="id", newest_first=True)
        return self.paged(told_reviews(found, request), following)


class OneReview(ApiView):
    needs = {"GET": LOOK}

    @operation(
        "getReview", "Read a review", tag="Reviews", answer=ReviewDetail,
        said="With the evidence, what each outcome leads to, and whether you may claim and decide it.",
    )  # fmt: skip
    def get(self, request: Request, review_id: UUID) -> Response:
        return Response(told_review(get_review(request.user, review_id), request))


class Claim(ApiView):
    needs = {"POST": DECIDE}
    parser_classes = [JsonBody]

    @operation(
        "claimReview", "Claim a review", tag="Reviews", answer=ReviewDetail,
        said="It is yours until `claimed_until`; claiming it again renews that.",
        also={409: "Somebody else has it, or it is decided."},
    )  # fmt: skip
    def post(self, request: Request, review_id: UUID) -> Response:
        claim_review(review_id=get_review(request.user, review_id).pk, by=request.user)
        return Response(told_review(get_review(request.user, review_id), request))


class Release(ApiView):
    needs = {"POST": DECIDE}
    parser_classes = [JsonBody]

    @operation(
        "releaseReview", "Give a claim back", tag="Reviews", answer=ReviewDetail,
        also={409: "You do not hold it."},
    )  # fmt: skip
    def post(self, request: Request, review_id: UUID) -> Response:
        release_review(review_id=get_review(request.user, review_id).pk, by=request.user)
        return Response(told_review(get_review(request.user, review_id), request))


class HandOver(ApiView):
    needs = {"POST": DECIDE}
    parser_classes = [JsonBody]

    @operation(
        "handOverReview", "Hand a review to somebody else", tag="Reviews", answer=ReviewDetail,
        also={409: "Somebody else has it, or it is decided.", 422: "Nobody of this name may decide it."},
        takes=HandOverBody, example={"to": "rosa", "note": "You know this customer"},
    )  # fmt: skip
    def post(self, request: Request, review_id: UUID) -> Response:
        review, sent = get_review(request.user, review_id), self.sent(HandOverBody)
        to = chosen_reviewer(review, request.user, sent["to"])
        hand_over_review(review_id=review.pk, by=request.user, to=to, note=sent["note"])
        return Response(told_review(get_review(request.user, review_id), request))


class Decision(ApiView):
    needs = {"POST": DECIDE}
    parser_classes = [JsonBody]

    @operation(
        "decideReview", "Decide a review", tag="Reviews", answer=ReviewDetail,
        said="The review as it is now. It is still open where another person's answer is needed.",
        also={
            409: "You do not hold it any more, it is decided, or this is not one of its outcomes.",
            422: "The corrected data does not fit.",
        },
        takes=DecideBody, example={"outcome": "approve", "reason": "Known customer"},
    )  # fmt: skip
    def post(self, request: Request, review_id: UUID) -> Response:
        review, sent = get_review(request.user, review_id), self.sent(DecideBody)
        if sent.get("data") is not None:
            check_sees_corrections(review, request.user)
        decide_review(review_id=review.pk, by=request.user, **sent)
        return Response(told_review(get_review(request.user, review_id), request))


def chosen_reviewer(review: Review, user: Any, name: str) -> Any:
    """Raises NotAllowed, Refused, Problem."""
    check_claim(review, user)
    found = next((one for one in other_reviewers(review, user) if one.get_username() == name), None)
    if found is None:
        sentence = f"“{name}” is nobody else who may decide this review."
        raise Problem("invalid", sentence, [{"pointer": "#/to", "detail": sentence}])
    return found


def found_reviews(reviews: QuerySet[Review], asked: dict[str, Any], user: Any) -> QuerySet[Review]:
    found = reviews.filter(**{column: asked[name] for name, column in FILTERS.items() if name in asked})
    return found.filter(claimed_by=user, claimed_until__gt=timezone.now()) if asked["mine"] else found
