from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from designer.access import permission_required
from designer.requests import is_htmx
from runs.actions import check_claim, check_decide, claim_review, decide_review, release_review
from runs.forms import DecisionForm
from runs.models import Review
from runs.queries.inbox import WHICH, counts, inbox
from runs.queries.review_page import review_page
from runs.refusals import Refused, refusal_of

from .loading import asked, get_review
from .refusing import refused


@require_GET
@permission_required("runs.view_review")
def list_reviews(request: HttpRequest) -> HttpResponse:
    which = asked(request, "which")
    which = which if which in WHICH else WHICH[0]
    context = {"groups": inbox(request.user, which), "which": which, "counts": counts(request.user)}
    part = "#items" if is_htmx(request) else ""
    return render(request, f"runs/reviews.html{part}", {**context, "chosen": asked(request, "chosen")})


@require_http_methods(["GET", "POST"])
@permission_required("runs.view_review")
def show_review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    review = get_review(request.user, review_id)
    form = DecisionForm(request.POST if request.method == "POST" else None, review=review)
    if not form.is_valid():
        context = review_context(request, review, form)
        return render(request, "runs/review.html", context, status=422 if form.is_bound else 200)
    try:
        decided = decide_review(review_id=review.pk, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        return refuse(request, refusal, review.pk, form)
    messages.success(request, form.said(decided))
    return redirect("runs:reviews")


@require_POST
@permission_required("runs.decide_review")
def claim(request: HttpRequest, review_id: UUID) -> HttpResponse:
    review = get_review(request.user, review_id)
    try:
        claim_review(review_id=review.pk, by=request.user)
    except Refused as refusal:
        return refuse(request, refusal, review.pk, DecisionForm(review=review))
    return redirect("runs:review", review.pk)


@require_POST
@permission_required("runs.decide_review")
def release(request: HttpRequest, review_id: UUID) -> HttpResponse:
    review = get_review(request.user, review_id)
    try:
        release_review(review_id=review.pk, by=request.user)
    except Refused as refusal:
        return refuse(request, refusal, review.pk, DecisionForm(review=review))
    return redirect("runs:review", review.pk)


def refuse(request: HttpRequest, refusal: Refused, review_id: UUID, form: DecisionForm) -> HttpResponse:
    """The page as it has become meanwhile, with what was typed."""
    context = review_context(request, get_review(request.user, review_id), form)
    return refused(request, refusal, "runs/review.html", context)


def review_context(request: HttpRequest, review: Review, form: DecisionForm) -> dict[str, Any]:
    return {
        "review": review,
        "page": review_page(review, request.user),
        "form": form,
        "claim_refused": refusal_of(check_claim, review, request.user),
        "decide_refused": refusal_of(check_decide, review, request.user),
        "groups": inbox(request.user),
        "counts": counts(request.user),
        "which": WHICH[0],
        "chosen": str(review.pk),
    }
