"""The rules of an answer: what its page showed, who may give it, how many must, and what it may correct."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from designer.actions import set_team
from runs.actions import (
    check_change,
    claim_review,
    decide_review,
    hand_over_review,
    other_reviewers,
    release_review,
)
from runs.models import Review
from runs.refusals import ClaimLost, DataRefused, NotAllowed, Refused
from tests.actions.flows import echo, flow, review
from tests.actions.test_reviews import at_once
from tests.factories import Hand, a_run, a_user

DECIDE = "runs.decide_review"
ENDS = {"yes": echo("${ steps.look.output }"), "no": {"kind": "fail", "error": "Rejected"}}
ADDRESS = {"street": "Torstraße 12", "city": "Berlin"}
INPUT = {
    "type": "object",
    "properties": {
        "ship_to": {
            "type": "object",
            "required": ["street", "city"],
            "additionalProperties": False,
            "properties": {"street": {"type": "string", "minLength": 1}, "city": {"type": "string"}},
        }
    },
}
EDIT = {"edit": {"ship_to": "${ input.ship_to }"}}
OUTCOMES = {
    "approve": {"next": "yes"},
    "split": {"next": "yes", "title": "Approve in two parts"},
    "skip": {"next": "yes", "approvals": 1, "groups": ["leads"]},
    "reject": {"next": "no", "reason": "required"},
}

pytestmark = pytest.mark.django_db


def asked(by: User | None = None, **fields) -> Review:
    a_run({**flow(look=review(**fields), **ENDS), "input": INPUT}, {"ship_to": ADDRESS}, by=by)
    Hand().claim()
    return Review.objects.get()


def take(review: Review, user: User) -> Review:
    return claim_review(review_id=review.pk, by=user)


# --- what the page showed ----------------------------------------------------------------------------------------


def test_every_new_holder_has_a_token_of_their_own_and_a_renewal_keeps_it(maya: User, noor: User):
    review = asked()
    assert take(review, maya).claim == 1
    assert take(review, maya).claim == 1
    release_review(review_id=review.pk, by=maya)
    assert take(review, noor).claim == 2


def test_an_answer_from_before_somebody_else_had_it_is_refused(maya: User, noor: User):
    review = asked()
    before = take(review, maya).claim
    Review.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    take(review, noor)
    release_review(review_id=review.pk, by=noor)
    now = take(review, maya).claim
    with pytest.raises(ClaimLost, match="was somebody else's in the meantime"):
        decide_review(review_id=review.pk, outcome="approve", by=maya, claim=before)
    assert decide_review(review_id=review.pk, outcome="approve", by=maya, claim=now).outcome == "approve"


def test_an_answer_to_a_page_without_the_first_answer_is_refused(maya: User, noor: User):
    review = take(asked(reviewers={"approvals": 2}), maya)
    decide_review(review_id=review.pk, outcome="approve", by=maya, revision=1)
    take(review, noor)
    with pytest.raises(Refused, match="Somebody has answered this review in the meantime"):
        decide_review(review_id=review.pk, outcome="approve", by=noor, revision=1)
    assert decide_review(review_id=review.pk, outcome="approve", by=noor, revision=2).decided_at


def test_what_an_answer_was_given_to_is_hashed(maya: User, noor: User):
    review = take(asked(reviewers={"approvals": 2}, **EDIT), maya)
    decide_review(review_id=review.pk, outcome="approve", by=maya)
    take(review, noor)
    decide_review(review_id=review.pk, outcome="approve", by=noor)
    (first, second) = review.trail.filter(verb="decided").values_list("digest", flat=True)
    assert first == second
    assert len(first) == 64


# --- how many, and who -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["approve", "split"])
def test_every_answer_that_lets_the_run_go_on_needs_agreement(maya: User, noor: User, outcome: str):
    review = take(asked(reviewers={"approvals": 2}, outcomes=OUTCOMES), maya)
    assert decide_review(review_id=review.pk, outcome=outcome, by=maya).decided_at is None
    take(review, noor)
    assert decide_review(review_id=review.pk, outcome=outcome, by=noor).decided_at


def test_different_answers_are_counted_apart(maya: User, noor: User):
    review = take(asked(reviewers={"approvals": 2}, outcomes=OUTCOMES), maya)
    decide_review(review_id=review.pk, outcome="approve", by=maya)
    take(review, noor)
    assert decide_review(review_id=review.pk, outcome="split", by=noor).decided_at is None
    omar = a_user("omar", DECIDE)
    take(review, omar)
    assert decide_review(review_id=review.pk, outcome="split", by=omar).outcome == "split"


def test_who_stops_the_run_needs_nobody_else(maya: User):
    review = take(asked(reviewers={"approvals": 3}, outcomes=OUTCOMES), maya)
    assert decide_review(review_id=review.pk, outcome="reject", by=maya, reason="no").outcome == "reject"


def test_an_answer_for_a_group_is_for_its_members_who_may_give_it_alone(maya: User):
    review = take(asked(reviewers={"approvals": 2}, outcomes=OUTCOMES), maya)
    with pytest.raises(NotAllowed, match="Only leads may give this answer"):
        decide_review(review_id=review.pk, outcome="skip", by=maya)
    release_review(review_id=review.pk, by=maya)
    lea = a_user("lea", DECIDE, groups=("leads",))
    take(review, lea)
    assert decide_review(review_id=review.pk, outcome="skip", by=lea).outcome == "skip"


# --- corrected data ----------------------------------------------------------------------------------------------


def test_corrected_data_is_the_output_and_kept(maya: User):
    review = take(asked(**EDIT), maya)
    data = {"ship_to": {**ADDRESS, "city": "Leipzig"}}
    decided = decide_review(review_id=review.pk, outcome="approve", by=maya, data=data)
    assert (decided.editable, decided.data) == ({"ship_to": ADDRESS}, data)
    (following,) = Hand().claim()
    assert following.inputs["value"]["data"] == data


def test_data_that_nobody_corrected_comes_out_as_it_was(maya: User):
    decide_review(review_id=take(asked(**EDIT), maya).pk, outcome="approve", by=maya)
    (following,) = Hand().claim()
    assert following.inputs["value"]["data"] == {"ship_to": ADDRESS}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"ship_to": None},
        {"ship_to": {"street": "", "city": "Berlin"}},
        {"ship_to": {**ADDRESS, "more": 1}},
        {"ship_to": ADDRESS, "card": "1"},
        {"ship_to": {"street": "\ud800", "city": "Berlin"}},
    ],
)
def test_data_that_does_not_fit_is_refused(maya: User, data):
    review = take(asked(**EDIT), maya)
    with pytest.raises(DataRefused, match="The corrected data does not fit"):
        decide_review(review_id=review.pk, outcome="approve", by=maya, data=data)
    assert not review.trail.filter(verb="decided").exists()


def test_the_second_agrees_to_the_data_of_the_first(maya: User, noor: User):
    review = take(asked(reviewers={"approvals": 2}, **EDIT), maya)
    data = {"ship_to": {**ADDRESS, "city": "Leipzig"}}
    check_change(review)
    decide_review(review_id=review.pk, outcome="approve", by=maya, data=data)
    review = take(review, noor)
    with pytest.raises(Refused, match="maya has agreed to the data as it stands"):
        decide_review(
            review_id=review.pk, outcome="approve", by=noor, data={"ship_to": {**ADDRESS, "city": "Kiel"}}
        )
    decide_review(review_id=review.pk, outcome="approve", by=noor)
    (following,) = Hand().claim()
    assert following.inputs["value"]["data"] == data


# --- handing over ------------------------------------------------------------------------------------------------


def test_who_it_is_handed_to_has_it_and_both_are_kept(maya: User, noor: User):
    review = take(asked(), maya)
    handed = hand_over_review(review_id=review.pk, to=noor, by=maya, note="You know her")
    assert (handed.claimed_by, handed.claim) == (noor, 2)
    entry = review.trail.get(verb="handed")
    assert (entry.by, entry.to, entry.text) == (maya, noor, "You know her")
    with pytest.raises(ClaimLost):
        decide_review(review_id=review.pk, outcome="approve", by=maya)
    decide_review(review_id=review.pk, outcome="approve", by=noor)


def test_it_is_handed_only_to_those_who_may_decide(maya: User, noor: User):
    review = take(asked(by=noor, reviewers={"four_eyes": True}), maya)
    a_user("viewer")
    assert other_reviewers(review, maya) == []
    for person in (noor, User.objects.get(username="viewer")):
        with pytest.raises(Refused, match="may not decide this review"):
            hand_over_review(review_id=review.pk, to=person, by=maya)
    with pytest.raises(Refused, match="Choose somebody else"):
        hand_over_review(review_id=review.pk, to=maya, by=maya)


def test_a_teams_is_handed_to_those_who_see_it(maya: User, noor: User):
    review, theirs = take(asked(), maya), Group.objects.create(name="theirs")
    assert other_reviewers(review, maya) == [noor]
    set_team(workflow=review.run.workflow, team=theirs, by=maya)
    review = Review.objects.get(pk=review.pk)
    assert other_reviewers(review, maya) == []
    theirs.user_set.add(maya)
    with pytest.raises(Refused, match="noor may not decide this review"):
        hand_over_review(review_id=review.pk, to=noor, by=User.objects.get(pk=maya.pk))
    theirs.user_set.add(noor)
    assert other_reviewers(review, maya) == [noor]
    hand_over_review(review_id=review.pk, to=User.objects.get(pk=noor.pk), by=User.objects.get(pk=maya.pk))


def test_what_another_holds_is_not_mine_to_hand_over(maya: User, noor: User):
    review = take(asked(), maya)
    with pytest.raises(Refused, match="maya has it"):
        hand_over_review(review_id=review.pk, to=a_user("omar", DECIDE), by=noor)


@pytest.mark.django_db(transaction=True)
def test_of_a_claim_and_a_handing_over_at_once_one_counts():
    maya, noor, omar = (a_user(name, DECIDE) for name in ("maya", "noor", "omar"))
    review = asked()
    answers = at_once(
        [
            lambda: hand_over_review(review_id=review.pk, to=noor, by=maya),
            lambda: claim_review(review_id=review.pk, by=omar),
        ]
    )
    review.refresh_from_db()
    assert sum(isinstance(answer, Review) for answer in answers) == 1
    assert review.claimed_by in (noor, omar)
    assert review.claim == 1


@pytest.mark.django_db(transaction=True)
def test_of_a_release_and_a_decision_at_once_the_review_tells_one_story():
    maya = a_user("maya", DECIDE)
    review = take(asked(), maya)
    answers = at_once(
        [
            lambda: decide_review(review_id=review.pk, outcome="approve", by=maya, claim=review.claim),
            lambda: release_review(review_id=review.pk, by=maya),
        ]
    )
    review.refresh_from_db()
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert (review.status == "decided") == (review.outcome == "approve")
    assert review.run.journal.filter(kind="ReviewDecided").count() == (review.status == "decided")
