"""Reviews and dead letters over the interface."""

import pytest
from django.contrib.auth.models import Group

from runs.models import DeadLetter, Review
from tests.api.asking import NOBODY, Program, program, refused
from tests.people import person

pytestmark = pytest.mark.django_db


def test_reviews_are_listed(reviewer: Program, asked: Review):
    told = reviewer.get("/reviews/").json()["items"]
    assert [(found["id"], found["run_key"], found["workflow"]) for found in told] == [
        (str(asked.pk), "ORD-8", "reviewed")
    ]
    for question, count in {
        "status=open": 1,
        "status=decided": 0,
        f"run={asked.run_id}": 1,
        f"run={NOBODY}": 0,
        "workflow=reviewed": 1,
        "mine=true": 0,
    }.items():
        assert len(reviewer.get(f"/reviews/?{question}").json()["items"]) == count, question
    reviewer.post(f"/reviews/{asked.pk}/claim/")
    assert len(reviewer.get("/reviews/?mine=true").json()["items"]) == 1


def test_a_review_is_read_with_what_it_leads_to(reviewer: Program, asked: Review):
    told = reviewer.get(f"/reviews/{asked.pk}/").json()
    assert told["evidence"][0] == {"label": "Risk score", "value": 81}
    assert [outcome["name"] for outcome in told["outcomes"]] == ["approve", "reject"]
    assert told["outcomes"][1]["then"] == "Ends as Rejected, nothing is undone"
    assert told["outcomes"][1]["reason_required"] is True
    assert told["claim_refused"] == ""
    assert told["decide_refused"].startswith("Claim this review")


def test_a_review_is_claimed_decided_and_then_over(reviewer: Program, asked: Review):
    told = reviewer.post(f"/reviews/{asked.pk}/claim/").json()
    assert (told["claimed_by"], told["decide_refused"]) == ("rosa", "")
    answer = reviewer.post(f"/reviews/{asked.pk}/decide/", {"outcome": "approve"})
    assert (answer.status_code, answer.json()["status"], answer.json()["outcome"]) == (
        200,
        "decided",
        "approve",
    )
    again = reviewer.post(f"/reviews/{asked.pk}/decide/", {"outcome": "reject", "reason": "no"})
    refused(again, 409, "conflict", "decided already")
    refused(reviewer.post(f"/reviews/{asked.pk}/claim/"), 409, "conflict", "decided already")


def test_a_claim_is_given_back(reviewer: Program, asked: Review):
    reviewer.post(f"/reviews/{asked.pk}/claim/")
    assert reviewer.post(f"/reviews/{asked.pk}/release/").json()["claimed_by"] is None
    refused(reviewer.post(f"/reviews/{asked.pk}/release/"), 409, "claim-lost", "You do not hold")
    refused(
        reviewer.post(f"/reviews/{asked.pk}/decide/", {"outcome": "approve"}), 409, "claim-lost", "Claim this"
    )


def test_what_another_holds_is_not_decided(reviewer: Program, asked: Review):
    other = program(person("admin"))
    other.post(f"/reviews/{asked.pk}/claim/")
    refused(reviewer.post(f"/reviews/{asked.pk}/claim/"), 409, "conflict", "ada has it until")
    refused(reviewer.post(f"/reviews/{asked.pk}/decide/", {"outcome": "approve"}), 409, "claim-lost")
    assert Review.objects.get().outcome == ""


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"outcome": "maybe"}, 409, "The answers are approve, reject"),
        ({"outcome": "reject"}, 409, "needs a reason"),
        ({}, 422, "outcome"),
        ({"outcome": 1}, 422, "outcome"),
        ({"outcome": "approve", "why": ""}, 422, "why"),
    ],
)
def test_an_answer_that_is_none_is_refused(body, status: int, said: str, reviewer: Program, asked: Review):
    reviewer.post(f"/reviews/{asked.pk}/claim/")
    refused(reviewer.post(f"/reviews/{asked.pk}/decide/", body), status, said=said)
    assert Review.objects.get().status == "open"


def test_only_its_group_decides(reviewer: Program, asked: Review):
    Group.objects.create(name="risk")
    Review.objects.update(groups=["risk"])
    refused(reviewer.post(f"/reviews/{asked.pk}/claim/"), 403, "forbidden", "Only risk may decide")


@pytest.mark.parametrize("verb", ["", "claim/", "release/", "decide/"])
def test_a_review_that_is_not_there(verb: str, reviewer: Program):
    ask = reviewer.post if verb else reviewer.get
    refused(ask(f"/reviews/{NOBODY}/{verb}"), 404, "not-found", "no such review")


def test_dead_letters_are_listed_and_read(viewer: Program, letter: DeadLetter):
    told = viewer.get("/dead-letters/?status=open").json()["items"]
    assert [(found["step"], found["phase"], found["run_key"]) for found in told] == [("two", "undo", "ORD-9")]
    assert told[0]["fault"]["name"] == "Broken"
    assert viewer.get(f"/dead-letters/{letter.pk}/").json() == told[0]
    assert viewer.get("/dead-letters/?workflow=other").json()["items"] == []
    refused(viewer.get(f"/dead-letters/{NOBODY}/"), 404, "not-found", "no such dead letter")


@pytest.mark.parametrize(("verb", "how"), [("retry", "retry"), ("skip", "skip"), ("done", "done")])
def test_a_dead_letter_is_resolved_once(verb: str, how: str, operator: Program, letter: DeadLetter):
    answer = operator.post(f"/dead-letters/{letter.pk}/{verb}/", {"reason": "Paid back at the bank"})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["resolution"], told["resolved_by"]) == ("resolved", how, "otto")
    again = operator.post(f"/dead-letters/{letter.pk}/retry/", {"reason": "Again"})
    refused(again, 409, "conflict", "The dead letter is closed.")


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "x" * 2_001}, {"reason": "x", "how": "skip"}]
)
def test_a_resolution_needs_a_reason(body, operator: Program, letter: DeadLetter):
    refused(operator.post(f"/dead-letters/{letter.pk}/skip/", body), 422, "invalid")
    assert DeadLetter.objects.get().status == "open"
