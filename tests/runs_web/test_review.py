"""/reviews/<id>/: see why, claim, decide."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from runs.actions import cancel_run, claim_review, decide_review
from runs.models import Review
from tests.actions.flows import echo, flow, review, undoable
from tests.factories import Hand, a_run
from tests.people import person, signed_in
from tests.situations import ENDS

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


def test_an_answer_to_an_older_page_is_refused_and_kept(reviewer: Client, asked: Review):
    reviewer.post(place(asked, "claim/"))
    for stale in ({"claim": "7"}, {"revision": "2"}):
        answer = reviewer.post(place(asked), {"outcome": "approve", "reason": "as typed", **stale})
        assert answer.status_code == 409
        assert "in the meantime" in answer.content.decode()
        assert "as typed" in answer.content.decode()
    answer = reviewer.post(place(asked), {"outcome": "approve", "claim": "1", "revision": "1"})
    assert answer.status_code == 302


@pytest.mark.parametrize("held", ["-1", "x", "9" * 30, "1.5"])
def test_a_token_that_is_none_decides_nothing(reviewer: Client, asked: Review, held: str):
    reviewer.post(place(asked, "claim/"))
    answer = reviewer.post(place(asked), {"outcome": "approve", "claim": held, "revision": held})
    assert answer.status_code in (409, 422)
    asked.refresh_from_db()
    assert asked.status == "open"


def editable(**fields) -> Review:
    """An open review whose data may be corrected."""
    ship_to = {"street": "Torstraße 12", "country": "NL"}
    parts = {"street": {"type": "string", "minLength": 1}, "country": {"enum": ["DE", "NL"]}}
    schema = {"type": "object", "required": ["street", "country"], "properties": parts}
    document = flow(look=review(edit={"ship_to": "${ input.ship_to }"}, **fields), **ENDS)
    a_run({**document, "input": {"type": "object", "properties": {"ship_to": schema}}}, {"ship_to": ship_to})
    Hand().claim()
    return Review.objects.get()


def test_data_is_corrected_in_the_form_that_its_schema_makes(reviewer: Client):
    asked = editable()
    page = reviewer.get(place(asked)).content.decode()
    assert 'value="correct:approve"' in page
    assert 'name="data.ship_to.street" value="Torstraße 12"' in page
    reviewer.post(place(asked, "claim/"))
    sent = {"outcome": "correct:approve", "data.shown": "1", "data.ship_to.country": '"DE"'}
    refused = reviewer.post(place(asked), {**sent, "data.ship_to.street": ""})
    assert refused.status_code == 422
    assert "This field is required." in refused.content.decode()
    assert "was NL" in refused.content.decode()
    decided = reviewer.post(place(asked), {**sent, "data.ship_to.street": "Torstraße 14"}, follow=True)
    assert "is decided: Approve, with corrected data." in decided.content.decode()
    page = reviewer.get(place(asked)).content.decode()
    assert "<s>NL</s> DE" in page
    assert "<s>Torstraße 12</s> Torstraße 14" in page
    asked.refresh_from_db()
    assert asked.data == {"ship_to": {"street": "Torstraße 14", "country": "DE"}}


@pytest.mark.parametrize("written", ["FR", '"FR"', "[1e999]", ""])
def test_a_choice_that_is_none_is_refused_and_nothing_is_lost(reviewer: Client, written: str):
    asked = editable()
    reviewer.post(place(asked, "claim/"))
    sent = {"data.shown": "1", "data.ship_to.country": written, "data.ship_to.street": "Torstraße 14"}
    refused = reviewer.post(place(asked), {"outcome": "correct:approve", **sent})
    assert refused.status_code == 422
    assert 'value="Torstraße 14"' in refused.content.decode()


def test_an_approval_leaves_the_data_alone_whatever_was_typed(reviewer: Client):
    asked = editable()
    reviewer.post(place(asked, "claim/"))
    reviewer.post(place(asked), {"outcome": "approve", "data.shown": "1", "data.ship_to.street": "left over"})
    asked.refresh_from_db()
    assert asked.data == asked.editable


def test_the_preview_says_what_would_happen_and_decides_nothing(reviewer: Client):
    asked = editable()
    fields = {"data.shown": "1", "data.ship_to.street": "Torstraße 12", "data.ship_to.country": '"DE"'}
    answer = reviewer.post(place(asked, "preview/"), {"outcome": "correct:approve", **fields})
    page = answer.content.decode()
    assert "Ship to: 1 field corrected" in page
    assert 'id="was-data_ship_to_country" hx-swap-oob="outerMorph" title="was NL">was NL' in page
    assert 'id="was-data_ship_to_street" hx-swap-oob="outerMorph"></span>' in page
    assert reviewer.get(place(asked, "preview/")).status_code == 405
    asked.refresh_from_db()
    assert asked.status == "open"


def test_the_second_of_two_agrees_to_what_the_first_has_corrected(reviewer: Client):
    asked = editable(reviewers={"approvals": 2})
    ada = person("admin")
    claim_review(review_id=asked.pk, by=ada)
    corrected = {"ship_to": {"street": "Kanalweg 1", "country": "NL"}}
    decide_review(review_id=asked.pk, outcome="approve", by=ada, data=corrected)
    page = reviewer.get(place(asked)).content.decode()
    assert "ada has agreed to the data as it stands." in page
    assert "(2 of 2 people)" in page


def test_an_answer_that_is_another_group_s_is_locked_and_says_whose(reviewer: Client):
    outcomes = {"approve": {"next": "yes"}, "skip": {"next": "yes", "groups": ["leads"]}}
    a_run(flow(look=review(outcomes=outcomes), **ENDS))
    Hand().claim()
    asked = Review.objects.get()
    page = reviewer.get(place(asked)).content.decode()
    assert "Only leads may give this answer." in page
    assert 'value="skip" disabled' in page
    reviewer.post(place(asked, "claim/"))
    answer = reviewer.post(place(asked), {"outcome": "skip"})
    assert answer.status_code == 403


def test_it_is_handed_over_to_one_who_may_decide(reviewer: Client, asked: Review):
    person("viewer")
    ada = person("admin")
    assert f'<option value="{ada.pk}">ada</option>' in reviewer.get(place(asked)).content.decode()
    for to in ("", "nonsense", str(person("viewer").pk)):
        assert reviewer.post(place(asked, "hand-over/"), {"hand-to": to}).status_code == 422
    answer = reviewer.post(place(asked, "hand-over/"), {"hand-to": ada.pk, "hand-note": "yours"}, follow=True)
    assert "Look at it of ORD-8 is ada’s now." in answer.content.decode()
    page = reviewer.get(place(asked)).content.decode()
    assert "You handed it to ada: yours" in page
    assert "ada has it until" in page


def test_scripts_are_sent_the_parts_that_have_changed(reviewer: Client, asked: Review):
    claimed = reviewer.post(place(asked, "claim/"), headers={"HX-Request": "true"})
    parts = claimed.content.decode()
    for part in ("inbox-list", "lateness", "claim", "so-far", "decision-notice", "decision-foot"):
        assert f'id="{part}" hx-swap-oob="outerMorph"' in parts
    assert '<form class="decision"' not in parts
    assert 'name="claim" form="decision" value="1"' in parts


def test_a_refusal_is_sent_to_scripts_with_its_sentence(reviewer: Client, asked: Review):
    claim_review(review_id=asked.pk, by=person("admin"))
    refused = reviewer.post(place(asked, "claim/"), headers={"HX-Request": "true"})
    assert refused.status_code == 409
    assert "ada has it until" in refused.content.decode()


def test_the_choice_that_led_here_is_told_with_its_numbers(reviewer: Client):
    choice = {
        "kind": "choice",
        "title": "Is it risky?",
        "choose": [{"when": "${ input.score >= 70 }", "next": "look", "label": "70 or more"}],
        "otherwise": "yes",
    }
    show = [{"label": "Score", "value": "${ input.score }"}]
    a_run(flow(pick=choice, look=review(show=show), yes=echo(), no=ENDS["no"]), {"score": 82})
    Hand().claim()
    page = reviewer.get(place(Review.objects.get())).content.decode()
    assert "“Is it risky?” took “70 or more”: score is 82, the limit 70" in page
    assert 'aria-label="Score 82, limit 70"' in page
