"""The inbox and the decision page. What changes by itself comes over the socket, as the parts that the page has."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from designer.access import permission_required
from designer.requests import is_htmx
from runs.actions import claim_review, decide_review, hand_over_review, release_review
from runs.forms import DecisionForm, HandOverForm
from runs.models import Review
from runs.queries.inbox import WHICH, Filter, inbox, next_for, place_of
from runs.queries.review_page import ReviewPage
from runs.refusals import Refused

from .loading import asked, get_review
from .refusing import refused


@require_GET
@permission_required("runs.view_review")
def list_reviews(request: HttpRequest) -> HttpResponse:
    part = "#list" if is_htmx(request) else ""
    return render(request, f"runs/reviews.html{part}", list_context(request))


@require_http_methods(["GET", "POST"])
@permission_required("runs.view_review")
def show_review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    if request.method == "GET" and is_htmx(request):
        return _parts(request, review_id)
    page = ReviewPage(get_review(request.user, review_id), request.user)
    form = DecisionForm(request.POST if request.method == "POST" else None, page=page)
    if not form.is_submitted or not form.is_valid():
        status = 422 if form.is_submitted else 200
        return render(request, "runs/review.html", review_context(request, page, form), status=status)
    try:
        decided = decide_review(review_id=review_id, by=request.user, **form.decision)
    except Refused as refusal:
        return refuse(request, refusal, review_id, request.POST)
    messages.success(request, form.said(decided))
    following = next_for(request.user, page.review, asked(request, "kind"))
    return redirect(_with_kind(request, following))


def _with_kind(request: HttpRequest, following: Review | None) -> str:
    """The review to go on with, or the list where none is left; of the kind that was asked for."""
    place = reverse("runs:review", args=[following.pk]) if following else reverse("runs:reviews")
    kind = asked(request, "kind")
    return f"{place}?{urlencode({'kind': kind})}" if kind else place


@require_POST
@permission_required("runs.view_review")
def preview(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """What would happen next: nothing is decided."""
    page = ReviewPage(get_review(request.user, review_id), request.user)
    form = DecisionForm(request.POST, page=page)
    return render(request, "runs/review.html#next", {"page": page, "form": form, "previewed": True})


@require_POST
@permission_required("runs.decide_review")
def claim(request: HttpRequest, review_id: UUID) -> HttpResponse:
    return _hold(request, review_id, claim_review)


@require_POST
@permission_required("runs.decide_review")
def release(request: HttpRequest, review_id: UUID) -> HttpResponse:
    return _hold(request, review_id, release_review)


@require_POST
@permission_required("runs.decide_review")
def hand_over(request: HttpRequest, review_id: UUID) -> HttpResponse:
    page = ReviewPage(get_review(request.user, review_id), request.user)
    form = HandOverForm(request.POST, people=page.others)
    if not form.is_valid():
        context = review_context(request, page, DecisionForm(page=page)) | {"hand_over": form}
        return render(request, "runs/review.html", context, status=422)
    try:
        hand_over_review(review_id=review_id, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        return refuse(request, refusal, review_id)
    messages.success(request, f"{page.review.title} of {page.review.run.name} is {form.said} now.")
    return redirect("runs:reviews")


def _hold(request: HttpRequest, review_id: UUID, hold: Any) -> HttpResponse:
    """Claim or release. What is being typed beside it stays: a script is sent the parts that have changed."""
    get_review(request.user, review_id)
    try:
        hold(review_id=review_id, by=request.user)
    except Refused as refusal:
        return refuse(request, refusal, review_id)
    if not is_htmx(request):
        return redirect("runs:review", review_id)
    return _parts(request, review_id, answering=True)


def _parts(request: HttpRequest, review_id: UUID, **more: Any) -> HttpResponse:
    """A refusal stays to be read until its person is answered again: what comes by itself does not take it away."""
    page = ReviewPage(get_review(request.user, review_id), request.user)
    context = review_context(request, page, DecisionForm(page=page)) | {"oob": True, "was_open": True}
    status = more.pop("status", 200)
    return render(request, "runs/review.html#changing", context | more, status=status)


def refuse(request: HttpRequest, refusal: Refused, review_id: UUID, sent: Any = None) -> HttpResponse:
    """The page as it has become meanwhile, with what was typed."""
    if is_htmx(request):
        return _parts(request, review_id, answering=True, refused=str(refusal), status=409)
    page = ReviewPage(get_review(request.user, review_id), request.user)
    context = review_context(request, page, DecisionForm(sent, page=page))
    return refused(request, refusal, "runs/review.html", context)


def list_context(request: HttpRequest, *, chosen: str = "") -> dict[str, Any]:
    which = asked(request, "which")
    filters = Filter(which if which in WHICH else WHICH[0], asked(request, "kind"), asked(request, "after"))
    return {"inbox": inbox(request.user, filters), "chosen": chosen or asked(request, "chosen")}


def review_context(request: HttpRequest, page: ReviewPage, form: DecisionForm) -> dict[str, Any]:
    review: Review = page.review
    return {
        **list_context(request, chosen=str(review.pk)),
        "review": review,
        "page": page,
        "form": form,
        "place": place_of(request.user, review, asked(request, "kind")),
        "hand_over": HandOverForm(people=page.others),
    }
