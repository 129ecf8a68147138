"""/reviews/<id>/: see why, claim, decide."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from runs.actions import cancel_run, claim_review, decide_review
from runs.models import Review
from tests.actions.flows import flow, review, undoable
from tests.factories import Hand, a_run
from tests.people import person, signed_in
from tests.runs_web.conftest import ENDS

pytestmark = pytest.mark.django_db


def place(asked: Review, more: str = "") -> str:
    return f"/reviews/{asked.pk}/{more}"


def test_it_shows_why_it_is_here_and_what_follows(reviewer: Client):
    show = [
        {"label": "Plain", "value": "<b>bold</b>"},
        {"label": "Rows", "value": [{"sku": "MUG-01", "n": 2}]},
        {"label": "Deep", "value": {"a": {"b": [1]}}},
    ]
    no = {"kind": "fail", "error": "Rejected"}
    a_run(flow(one=undoable("one", next="look"), look=review(show=show), yes=ENDS["yes"], no=no))
    hand = Hand()
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "one"})
    page = reviewer.get(place(Review.objects.get())).content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<li><span>MUG-01</span><span>2</span></li>" in page
    assert "&quot;b&quot;" in page
    assert "Goes on with Yes" in page
    assert "Undoes One, then ends as Rejected" in page


def test_it_is_claimed_and_given_back(reviewer: Client, asked: Review):
    assert "Nobody has it. Claim it to decide." in reviewer.get(place(asked)).content.decode()
    answer = reviewer.post(place(asked, "claim/"), follow=True)
    assert "Nobody else can decide it." in answer.content.decode()
    answer = reviewer.post(place(asked, "release/"), follow=True)
    assert "Nobody has it." in answer.content.decode()


def test_what_another_holds_cannot_be_claimed(reviewer: Client, asked: Review):
    claim_review(review_id=asked.pk, by=person("admin"))
    assert "ada has it until" in reviewer.get(place(asked)).content.decode()
    answer = reviewer.post(place(asked, "claim/"))
    assert answer.status_code == 409
    assert "ada has it until" in answer.content.decode()


def test_what_is_not_held_cannot_be_given_back(reviewer: Client, asked: Review):
    answer = reviewer.post(place(asked, "release/"))
    assert answer.status_code == 409
    assert "You do not hold this review any more." in answer.content.decode()


def test_a_decision_is_taken_and_said(reviewer: Client, asked: Review):
    reviewer.post(place(asked, "claim/"))
    answer = reviewer.post(place(asked), {"outcome": "reject", "reason": "a fraud"}, follow=True)
    assert answer.redirect_chain == [("/reviews/", 302)]
    assert "Look at it of ORD-8 is decided: Reject." in answer.content.decode()
    page = reviewer.get(place(asked)).content.decode()
    assert "a fraud" in page
    assert '<span class="pill is-ok ">' in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose an answer."),
        ({"reason": "kept as typed"}, "Choose an answer."),
        ({"outcome": "nonsense", "reason": "kept as typed"}, "Select a valid choice."),
        ({"outcome": "reject", "reason": "   "}, "“Reject” needs a reason: it is kept with the run."),
        ({"outcome": "approve", "reason": "z" * 5_001}, "at most 5000"),
        ({"outcome": "approve", "reason": "z" * 1_000_000}, "at most 5000"),
        ({"outcome": "approve\0", "reason": "kept as typed"}, "Select a valid choice."),
        ({"outcome": "approve", "reason": "a\0kept as typed"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    reviewer, asked: Review, fields: dict[str, str], said: str
):
    reviewer.post(place(asked, "claim/"))
    answer = reviewer.post(place(asked), fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert fields.get("reason", "").strip() in page
    assert ('value="approve" data-key="a" checked' in page) == (fields.get("outcome") == "approve")
    asked.refresh_from_db()
    assert asked.status == "open"


def test_a_decision_without_the_claim_is_refused_and_kept(reviewer: Client, asked: Review):
    answer = reviewer.post(place(asked), {"outcome": "approve", "reason": "all is well"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Claim this review to decide it: then nobody else can." in page
    assert "all is well" in page


def test_a_decision_after_the_claim_has_ended_is_refused_and_kept(reviewer: Client, asked: Review):
    reviewer.post(place(asked, "claim/"))
    Review.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    answer = reviewer.post(place(asked), {"outcome": "approve", "reason": "all is well"})
    assert answer.status_code == 409
    assert "all is well" in answer.content.decode()
    assert "Claim it" in answer.content.decode()


def test_the_second_decision_is_refused_shows_the_first_and_keeps_what_was_typed(
    reviewer: Client, asked: Review
):
    ada = person("admin")
    claim_review(review_id=asked.pk, by=ada)
    decide_review(review_id=asked.pk, outcome="approve", by=ada, reason="looks fine")
    answer = reviewer.post(place(asked), {"outcome": "reject", "reason": "I would not"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The review has been decided already." in page
    assert "looks fine" in page
    assert "What you had written: I would not" in page


def test_a_decision_after_the_run_went_on_is_refused(reviewer: Client, asked: Review):
    reviewer.post(place(asked, "claim/"))
    cancel_run(run_id=asked.run_id, by=person("operator"))
    answer = reviewer.post(place(asked), {"outcome": "approve"})
    assert answer.status_code == 409
    assert "The run went on without this review" in answer.content.decode()
    assert "Withdrawn" in reviewer.get(place(asked)).content.decode()


def test_only_the_named_groups_may(asked: Review):
    Review.objects.update(groups=["risk"])
    rosa = person("reviewer")
    client = signed_in(rosa)
    assert "Only risk may decide this review." in client.get(place(asked)).content.decode()
    answer = client.post(place(asked, "claim/"))
    assert answer.status_code == 403
    assert "Only risk may decide this review." in answer.content.decode()
    rosa.groups.add(Group.objects.create(name="risk"))
    assert signed_in(rosa).post(place(asked, "claim/")).status_code == 302


def test_four_eyes_are_said_before_they_are_needed(db: None):
    ada = person("admin")
    a_run(flow(look=review(reviewers={"four_eyes": True}), **ENDS), by=ada)
    Hand().claim()
    asked = Review.objects.get()
    assert (
        "You started this run, so somebody else must decide."
        in signed_in(ada).get(place(asked)).content.decode()
    )
    assert signed_in(ada).post(place(asked, "claim/")).status_code == 403


def test_the_first_of_two_approvals_is_kept_and_said(reviewer: Client, asked: Review):
    outcomes = [{**one, "approvals": 2} for one in asked.outcomes]
    Review.objects.update(outcomes=outcomes)
    reviewer.post(place(asked, "claim/"))
    answer = reviewer.post(place(asked), {"outcome": "approve"}, follow=True)
    assert "Your answer “Approve” is kept; another person&#x27;s is needed." in answer.content.decode()
    assert "You have given your answer" in reviewer.get(place(asked)).content.decode()


def test_the_page_costs_few_queries(reviewer: Client, asked: Review, django_assert_max_num_queries):
    reviewer.get(place(asked))
    with django_assert_max_num_queries(24):
        reviewer.get(place(asked))
