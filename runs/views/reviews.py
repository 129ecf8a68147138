from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from designer.requests import HtmxHttpRequest
from runs.actions import check_claim, check_decide, claim_review, decide_review, release_review
from runs.forms import DecisionForm
from runs.models import Review
from runs.queries.inbox import counts, inbox
from runs.queries.review_page import review_page
from runs.refusals import Refused, refusal_of

from .loading import get_review
from .refusing import refused


@require_GET
@permission_required("runs.view_review", raise_exception=True)
def list_reviews(request: HtmxHttpRequest) -> HttpResponse:
    which = request.GET.get("which", "open")
    context = {"groups": inbox(request.user, which), "which": which, "counts": counts(request.user)}
    part = "#items" if request.htmx else ""
    return render(request, f"runs/reviews.html{part}", context)


@require_http_methods(["GET", "POST"])
@permission_required("runs.view_review", raise_exception=True)
def show_review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    review = get_review(request.user, review_id)
    form = DecisionForm(request.POST or None, review=review)
    context = review_context(request, review, form)
    if request.method == "GET":
        return render(request, "runs/review.html", context)
    if not form.is_valid():
        return render(request, "runs/review.html", context, status=422)
    try:
        decided = decide_review(review_id=review.pk, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        return refused(request, refusal, "runs/review.html", review_context(request, review, form))
    messages.success(request, form.said(decided))
    return redirect("runs:reviews")


@require_POST
@permission_required("runs.decide_review", raise_exception=True)
def claim(request: HttpRequest, review_id: UUID) -> HttpResponse:
    review = get_review(request.user, review_id)
    try:
        claim_review(review_id=review.pk, by=request.user)
    except Refused as refusal:
        context = review_context(request, review, DecisionForm(review=review))
        return refused(request, refusal, "runs/review.html", context)
    return redirect("runs:review", review.pk)


@require_POST
@permission_required("runs.decide_review", raise_exception=True)
def release(request: HttpRequest, review_id: UUID) -> HttpResponse:
    review = get_review(request.user, review_id)
    try:
        release_review(review_id=review.pk, by=request.user)
    except Refused as refusal:
        context = review_context(request, review, DecisionForm(review=review))
        return refused(request, refusal, "runs/review.html", context)
    return redirect("runs:review", review.pk)


def review_context(request: HttpRequest, review: Review, form: DecisionForm) -> dict:
    return {
        "review": review,
        "page": review_page(review, request.user),
        "form": form,
        "claim_refused": refusal_of(check_claim, review, request.user),
        "decide_refused": refusal_of(check_decide, review, request.user),
        "groups": inbox(request.user),
        "counts": counts(request.user),
        "which": "open",
    }
