"""Reviews: claimed by one, decided once, by a person who may."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from runs.actions import check_claim, check_decide, claim_review, decide_review, release_review
from runs.engine import RunStatus
from runs.models import Review, Run
from runs.refusals import ClaimLost, NotAllowed, Refused
from tests.actions.flows import echo, flow, review
from tests.factories import Hand, a_run, a_user

pytestmark = pytest.mark.django_db

ENDS = {"yes": echo("${ steps.look.output }"), "no": {"kind": "fail", "error": "Rejected"}}
DECIDE = "runs.decide_review"


def asked(by: User | None = None, **fields) -> Review:
    """An open review, its run waiting."""
    run = a_run(flow(look=review(**fields), **ENDS), by=by)
    Hand().claim()
    return Review.objects.get(run=run.pk)


def held(user: User, **fields) -> Review:
    return claim_review(review_id=asked(**fields).pk, by=user)


def expire(review: Review) -> None:
    Review.objects.filter(pk=review.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def test_a_run_asks_and_waits():
    open_review = asked()
    assert open_review.title == "Look at it"
    assert [outcome["name"] for outcome in open_review.outcomes] == ["approve", "reject"]
    assert open_review.run.reason == "awaiting_review"


def test_the_evidence_is_what_the_expressions_said_when_it_was_asked():
    show = [{"label": "Score", "value": "${ input.score }"}, {"label": "Who", "value": "Ms ${ input.who }"}]
    run = a_run(flow(look=review(show=show), **ENDS), {"score": 81, "who": "Okafor"})
    Hand().claim()
    assert run.reviews.get().evidence == [
        {"label": "Score", "value": 81},
        {"label": "Who", "value": "Ms Okafor"},
    ]


def test_evidence_too_large_to_show_is_named_by_its_size(settings):
    settings.CHOREO_INLINE_LIMIT = 1_000
    show = [{"label": "All", "value": "${ input.text }"}]
    run = a_run(flow(look=review(show=show), **ENDS), {"text": "x" * 2_000})
    Hand().claim()
    assert run.reviews.get().evidence == [{"label": "All", "value": "(2,002 bytes, too large to show here)"}]


# --- claiming ----------------------------------------------------------------------------------------------------


def test_who_claims_it_has_it_for_a_while(maya: User, noor: User, settings):
    settings.CHOREO_CLAIM_SECONDS = 600
    taken = held(maya)
    left = (taken.claimed_until - timezone.now()).total_seconds()
    assert taken.claimed_by == maya
    assert 590 < left <= 600
    with pytest.raises(Refused, match="maya has it until"):
        claim_review(review_id=taken.pk, by=noor)
    with pytest.raises(ClaimLost):
        decide_review(review_id=taken.pk, outcome="approve", by=noor)


def test_claiming_ones_own_again_renews_it(maya: User):
    taken = held(maya)
    Review.objects.update(claimed_until=timezone.now() + timedelta(seconds=5))
    assert claim_review(review_id=taken.pk, by=maya).claimed_until > timezone.now() + timedelta(seconds=60)


def test_a_claim_ends_by_itself(maya: User, noor: User):
    taken = held(maya)
    expire(taken)
    with pytest.raises(ClaimLost, match="You do not hold this review"):
        decide_review(review_id=taken.pk, outcome="approve", by=maya)
    assert claim_review(review_id=taken.pk, by=noor).claimed_by == noor
    with pytest.raises(Refused, match="noor has it"):
        claim_review(review_id=taken.pk, by=maya)
    decide_review(review_id=taken.pk, outcome="approve", by=noor)


def test_a_claim_given_back_is_anybodys(maya: User, noor: User):
    taken = held(maya)
    with pytest.raises(ClaimLost):
        release_review(review_id=taken.pk, by=noor)
    release_review(review_id=taken.pk, by=maya)
    assert claim_review(review_id=taken.pk, by=noor).claimed_by == noor
    assert list(taken.trail.values_list("verb", flat=True)) == ["opened", "claimed", "released", "claimed"]


def test_without_a_claim_nobody_decides(maya: User):
    open_review = asked()
    with pytest.raises(ClaimLost):
        check_decide(open_review, maya)
    with pytest.raises(ClaimLost):
        decide_review(review_id=open_review.pk, outcome="approve", by=maya)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_claim_at_once_one_has_it():
    open_review = asked()
    people = [a_user(f"person{n}", DECIDE) for n in range(5)]
    answers = at_once([lambda user=user: claim_review(review_id=open_review.pk, by=user) for user in people])
    assert sum(isinstance(answer, Review) for answer in answers) == 1
    assert sum(isinstance(answer, Refused) for answer in answers) == 4
    assert open_review.trail.filter(verb="claimed").count() == 1


# --- deciding ----------------------------------------------------------------------------------------------------


def test_an_approval_lets_the_run_go_on_and_tells_it_why(maya: User):
    decided = decide_review(review_id=held(maya).pk, outcome="approve", by=maya, reason="fine")
    assert (decided.status, decided.outcome, decided.decided_by) == ("decided", "approve", maya)
    (following,) = Hand().claim()
    assert following.inputs == {"value": {"outcome": "approve", "reason": "fine", "by": "maya", "data": {}}}


def test_a_rejection_ends_the_run_with_its_error(maya: User):
    decided = decide_review(review_id=held(maya).pk, outcome="reject", by=maya, reason="a fraud")
    decided.run.refresh_from_db()
    assert (decided.run.status, decided.run.fault["name"]) == (RunStatus.FAILED, "Rejected")


@pytest.mark.parametrize("reason", ["", "   "])
def test_an_outcome_that_needs_a_reason_is_refused_without(maya: User, reason: str):
    taken = held(maya)
    with pytest.raises(Refused, match="“Reject” needs a reason"):
        decide_review(review_id=taken.pk, outcome="reject", by=maya, reason=reason)
    assert taken.trail.filter(verb="decided").count() == 0


def test_an_answer_that_is_none_is_refused_with_those_there_are(maya: User):
    with pytest.raises(Refused, match="The answers are approve, reject"):
        decide_review(review_id=held(maya).pk, outcome="perhaps", by=maya)


def test_the_second_decision_is_refused(maya: User, noor: User):
    taken = held(maya)
    decide_review(review_id=taken.pk, outcome="approve", by=maya)
    for user in (maya, noor):
        with pytest.raises(Refused, match="decided already"):
            decide_review(review_id=taken.pk, outcome="reject", by=user, reason="no")
        with pytest.raises(Refused, match="decided already"):
            claim_review(review_id=taken.pk, by=user)
    taken.refresh_from_db()
    assert taken.outcome == "approve"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_counts():
    """Two tabs of one person, with different answers."""
    maya = a_user("maya", DECIDE)
    for _ in range(3):
        taken = held(maya)
        outcomes = ["approve", "reject"]
        answers = at_once(
            [
                lambda o=outcome, pk=taken.pk: decide_review(review_id=pk, outcome=o, by=maya, reason="x")
                for outcome in outcomes
            ]
        )
        assert sum(isinstance(answer, Review) for answer in answers) == 1
        assert sum(isinstance(answer, Refused) for answer in answers) == 1
        taken.refresh_from_db()
        (told,) = taken.run.journal.filter(kind="ReviewDecided")
        assert told.data["outcome"] == taken.outcome


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_ends_while_its_decision_is_on_the_way_is_one_or_the_other():
    maya, noor = a_user("maya", DECIDE), a_user("noor", DECIDE)
    for _ in range(3):
        taken = held(maya)
        Review.objects.filter(pk=taken.pk).update(claimed_until=timezone.now() + timedelta(milliseconds=15))

        def take_over(pk=taken.pk) -> Review:
            until = timezone.now() + timedelta(seconds=5)
            while True:
                try:
                    return claim_review(review_id=pk, by=noor)
                except Refused as refusal:
                    if "maya has it" not in str(refusal) or timezone.now() > until:
                        raise

        answers = at_once(
            [lambda pk=taken.pk: decide_review(review_id=pk, outcome="approve", by=maya), take_over]
        )
        assert sum(isinstance(answer, Review) for answer in answers) == 1, answers
        taken.refresh_from_db()
        assert taken.decided_by == (maya if taken.claimed_by == maya else None)


# --- who may -----------------------------------------------------------------------------------------------------


def test_the_role_is_needed():
    with pytest.raises(NotAllowed, match="Your role does not decide"):
        check_claim(asked(), a_user("ada"))


def test_only_members_of_the_groups_may(maya: User):
    open_review = asked(reviewers={"groups": ["risk", "legal"]})
    for check in (check_claim, check_decide):
        with pytest.raises(NotAllowed, match="Only risk or legal may decide"):
            check(open_review, maya)
    with pytest.raises(NotAllowed):
        claim_review(review_id=open_review.pk, by=maya)
    member = a_user("rosa", DECIDE, groups=("legal",))
    claim_review(review_id=open_review.pk, by=member)
    decide_review(review_id=open_review.pk, outcome="approve", by=member)


def test_an_administrator_is_no_member():
    admin = User.objects.create_superuser("root")
    with pytest.raises(NotAllowed, match="Only risk"):
        claim_review(review_id=asked(reviewers={"groups": ["risk"]}).pk, by=admin)


def test_four_eyes_are_two_people(maya: User, noor: User):
    open_review = asked(by=maya, reviewers={"four_eyes": True})
    with pytest.raises(NotAllowed, match="You started this run"):
        claim_review(review_id=open_review.pk, by=maya)
    claim_review(review_id=open_review.pk, by=noor)
    decide_review(review_id=open_review.pk, outcome="approve", by=noor)


def test_with_four_eyes_an_administrator_is_no_exception():
    admin = User.objects.create_superuser("root")
    with pytest.raises(NotAllowed, match="You started this run"):
        claim_review(review_id=asked(by=admin, reviewers={"four_eyes": True}).pk, by=admin)


def test_who_lost_the_role_meanwhile_does_not_decide(maya: User):
    taken = held(maya)
    maya.user_permissions.clear()
    with pytest.raises(NotAllowed):
        decide_review(review_id=taken.pk, outcome="approve", by=User.objects.get(pk=maya.pk))


# --- several approvals -------------------------------------------------------------------------------------------


def test_two_approvals_are_two_people(maya: User, noor: User):
    taken = held(maya, reviewers={"approvals": 2})
    first = decide_review(review_id=taken.pk, outcome="approve", by=maya)
    assert first.decided_at is None
    taken.refresh_from_db()
    assert (taken.status, taken.claimed_by) == ("open", None)
    assert Hand().claim() == []
    with pytest.raises(NotAllowed, match="another person's is needed"):
        claim_review(review_id=taken.pk, by=maya)
    claim_review(review_id=taken.pk, by=noor)
    assert decide_review(review_id=taken.pk, outcome="approve", by=noor).decided_at is not None
    assert [following.key for following in Hand().claim()] == ["yes"]


def test_one_rejection_is_enough(maya: User, noor: User):
    taken = held(maya, reviewers={"approvals": 3})
    decide_review(review_id=taken.pk, outcome="approve", by=maya)
    claim_review(review_id=taken.pk, by=noor)
    decided = decide_review(review_id=taken.pk, outcome="reject", by=noor, reason="no")
    assert decided.run.journal.filter(kind="ReviewDecided").count() == 1
    assert Run.objects.get().status == RunStatus.FAILED


# --- time --------------------------------------------------------------------------------------------------------


def test_nobody_in_time_escalates_and_approves_nothing():
    open_review = asked(due="300ms", on_due="escalate")
    hand = Hand()
    while not open_review.escalated_at:
        assert hand.claim() == []
        open_review.refresh_from_db()
    assert open_review.status == "open"
    assert list(open_review.trail.values_list("verb", flat=True)) == ["opened", "escalated"]


def test_nobody_in_time_takes_the_outcome_that_the_workflow_names():
    open_review = asked(due="500ms", on_due="approve")
    (following,) = Hand().claim_soon()
    assert following.inputs["value"]["outcome"] == "approve"
    open_review.refresh_from_db()
    assert (open_review.status, open_review.outcome, open_review.decided_by) == ("decided", "approve", None)
    assert open_review.decision_reason == "Nobody decided in time."
    assert list(open_review.trail.values_list("verb", "outcome")) == [("opened", ""), ("decided", "approve")]


def at_once(calls) -> list:
    """What each call gave or raised."""
    together, answers = Barrier(len(calls)), []

    def make(call) -> None:
        together.wait()
        try:
            answers.append(call())
        except Refused as refusal:
            answers.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=make, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
