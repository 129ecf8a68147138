"""Reviews and dead letters over the interface."""

import pytest
from django.contrib.auth.models import Group

from runs.models import DeadLetter, Review
from tests.actions.flows import echo, flow, review
from tests.api.asking import NOBODY, Program, program, refused
from tests.factories import Hand, a_run, action
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


# --- with corrected data, and in other hands ------------------------------------------------------------------


@pytest.fixture
def editable(db: None) -> Review:
    """An open review whose address may be corrected."""
    address = {"street": {"type": "string", "minLength": 1}, "city": {"type": "string"}}
    input = {"type": "object", "properties": {"ship_to": {"type": "object", "properties": address}}}
    step = review(edit={"ship_to": "${ input.ship_to }"})
    steps = flow(look=step, yes=echo("${ steps.look.output }"), no={"kind": "fail", "error": "Rejected"})
    a_run({**steps, "key": "edited", "input": input}, {"ship_to": {"street": "Torstr. 1", "city": "Berlin"}})
    Hand().claim()
    return Review.objects.get()


def test_data_is_corrected(reviewer: Program, editable: Review):
    told = reviewer.post(f"/reviews/{editable.pk}/claim/").json()
    assert told["data"] == {"ship_to": {"street": "Torstr. 1", "city": "Berlin"}}
    assert told["data_schema"]["properties"].keys() == {"ship_to"}
    data = {"ship_to": {"street": "Torstr. 12", "city": "Berlin"}}
    seen = {name: told[name] for name in ("claim", "revision")}
    answer = reviewer.post(f"/reviews/{editable.pk}/decide/", {"outcome": "approve", "data": data, **seen})
    assert (answer.status_code, answer.json()["data"]) == (200, data)


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"ship_to": {"street": 3}}, "#/data/ship_to/street"),
        ({"ship_to": {"street": "x"}, "card": "x"}, "#/data"),
        ({}, "#/data/ship_to"),
        ([], "#/data"),
        ("x", "#/data"),
    ],
)
def test_data_that_does_not_fit_is_refused(data, pointer: str, reviewer: Program, editable: Review):
    reviewer.post(f"/reviews/{editable.pk}/claim/")
    answer = reviewer.post(f"/reviews/{editable.pk}/decide/", {"outcome": "approve", "data": data})
    problem = refused(answer, 422, "invalid", "The corrected data does not fit.")
    assert any(error["pointer"].startswith(pointer) for error in problem["errors"])
    assert Review.objects.get().status == "open"


def test_a_decision_may_name_what_it_saw(reviewer: Program, asked: Review):
    reviewer.post(f"/reviews/{asked.pk}/claim/")
    seen = reviewer.get(f"/reviews/{asked.pk}/").json()
    reviewer.post(f"/reviews/{asked.pk}/release/")
    other = program(person("admin"))
    other.post(f"/reviews/{asked.pk}/claim/")
    other.post(f"/reviews/{asked.pk}/release/")
    reviewer.post(f"/reviews/{asked.pk}/claim/")
    body = {"outcome": "approve", "claim": seen["claim"], "revision": seen["revision"]}
    refused(reviewer.post(f"/reviews/{asked.pk}/decide/", body), 409, "claim-lost", "Look at it again")


def test_a_review_is_handed_over(reviewer: Program, asked: Review):
    other = person("admin")
    reviewer.post(f"/reviews/{asked.pk}/claim/")
    answer = reviewer.post(f"/reviews/{asked.pk}/hand-over/", {"to": "ada", "note": "Yours"})
    assert (answer.status_code, answer.json()["claimed_by"]) == (200, "ada")
    refused(
        reviewer.post(f"/reviews/{asked.pk}/hand-over/", {"to": "ada"}), 409, "conflict", "ada has it until"
    )
    person("viewer")
    for name in ("vera", "ada", "nobody"):
        answer = program(other).post(f"/reviews/{asked.pk}/hand-over/", {"to": name})
        problem = refused(answer, 422, "invalid", "nobody else who may decide")
        assert problem["errors"][0]["pointer"] == "#/to"


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


def gave_up() -> DeadLetter:
    """A step that gave up and waits for a person."""
    hand = Hand()
    a_run(
        {
            **flow(one=action("acme.add", **{"with": {"a": 1.0, "b": 2.0}, "on_exhausted": "dead_letter"})),
            "key": "add",
        }
    )
    hand.claim()
    hand.fail("one", retryable=False)
    return DeadLetter.objects.get()


def test_what_was_done_by_hand_is_told(operator: Program):
    letter = gave_up()
    body = {"reason": "Added on paper"}
    for output in ("three", None):
        answer = operator.post(f"/dead-letters/{letter.pk}/done/", {**body, "output": output})
        problem = refused(answer, 422, "invalid", "does not fit the contract of acme.add@1.0.0")
        assert problem["errors"][0]["pointer"] == "#/output"
    refused(
        operator.post(f"/dead-letters/{letter.pk}/skip/", {**body, "output": 3}), 422, "invalid", "output"
    )
    answer = operator.post(f"/dead-letters/{letter.pk}/done/", {**body, "output": 3.5})
    assert answer.status_code == 200
    assert operator.get(f"/runs/{letter.run_id}/steps/one/").json()["output"] == 3.5


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "x" * 2_001}, {"reason": "x", "how": "skip"}]
)
def test_a_resolution_needs_a_reason(body, operator: Program, letter: DeadLetter):
    refused(operator.post(f"/dead-letters/{letter.pk}/skip/", body), 422, "invalid")
    assert DeadLetter.objects.get().status == "open"
