"""State machines over the interface: in with a report, bound, out with what is lost."""

from typing import Any

import pytest

from designer.graph import write_yaml
from designer.models import Draft, Version, Workflow
from tests.api.asking import Program, refused
from tests.api.conftest import ORDER
from tests.designer.asl import FUNCTION, JSONATA
from tests.designer.asl import ORDER as MACHINE

pytestmark = pytest.mark.django_db

IMPORT, PLACE = "/workflows/import/", "/workflows/take_an_order"


@pytest.fixture
def imported(designer: Program) -> dict[str, Any]:
    answer = designer.post(IMPORT, MACHINE)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_machine_is_imported_with_its_report(imported: dict[str, Any]):
    assert imported["workflow"]["key"] == "take_an_order"
    assert {line["treatment"] for line in imported["lines"]} == {"carried", "unbound", "ignored"}
    unbound = {one["step"]: one for one in imported["unbound"]}
    assert list(unbound) == ["reserve_stock", "ask_the_team", "charge_card"]
    assert unbound["charge_card"]["resource"] == f"{FUNCTION}charge-card"
    assert unbound["ask_the_team"]["suggestion"]["way"] == "signal"


def test_it_is_named_in_the_address_and_may_be_yaml(designer: Program):
    answer = designer.send("POST", f"{IMPORT}?key=sums&title=Sums", write_yaml(JSONATA), "application/yaml")
    assert (answer.status_code, answer["Location"]) == (201, "http://testserver/api/v1/workflows/sums/")
    assert answer.json()["workflow"]["title"] == "Sums"
    refused(designer.post(f"{IMPORT}?key=sums", JSONATA), 409, "conflict", "already a workflow “sums”")
    refused(designer.post(f"{IMPORT}?key=No%20key", JSONATA), 409, "conflict", "cannot be a key")
    refused(designer.post(f"{IMPORT}?name=x", JSONATA), 400, "bad-parameter")


def test_a_document_of_our_own_has_nothing_to_report(designer: Program):
    told = designer.post(IMPORT, ORDER).json()
    assert (told["lines"], told["problems"], told["unbound"]) == ([], [], [])


def test_wherever_a_document_is_taken_a_machine_is(designer: Program, order: Version):
    assert designer.post("/workflows/", MACHINE).json()["key"] == "take_an_order"
    assert designer.put("/workflows/order/draft/", JSONATA).status_code == 200
    assert {step.title for step in Draft.objects.get(workflow__key="order").steps.all()} == {
        *JSONATA["States"]
    }
    codes = [problem["code"] for problem in designer.post("/check/", MACHINE).json()["problems"]]
    assert codes.count("unbound_step") == 3


def test_an_invalid_machine_is_refused_at_each_place(designer: Program):
    states = {"A": {"Type": "Pass", "Next": "B"}, "C": {"Type": "Task", "End": True, "Retry": [{}]}}
    problem = refused(designer.post(IMPORT, {"StartAt": "A", "States": states}), 422, "document-refused")
    pointers = [error["pointer"] for error in problem["errors"]]
    assert "#/States/A/Next" in pointers
    assert any(pointer.startswith("#/States/C/Retry/0") for pointer in pointers)
    assert not Workflow.objects.exists()


def test_steps_are_bound_by_their_keys(designer: Program, imported: dict[str, Any]):
    ways = {
        "reserve_stock": {"way": "http", "url": "https://stock.example.com/"},
        "ask_the_team": {"way": "review", "groups": ["risk", "sales"], "approvals": 2},
        "charge_card": {"way": "stub", "result": {"charge_id": "ch_1"}},
    }
    told = designer.post(f"{PLACE}/bind/", {"bindings": ways}).json()
    assert told["unbound"] == []
    steps = designer.get(f"{PLACE}/draft/").json()["steps"]
    assert steps["reserve_stock"]["with"]["method"] == "POST"
    assert steps["ask_the_team"]["reviewers"] == {"groups": ["risk", "sales"], "approvals": 2}
    assert designer.get(f"{PLACE}/draft/check/").json()["publishable"]
    again = refused(designer.post(f"{PLACE}/bind/", {"bindings": ways}), 422, "invalid")
    assert "#/bindings/charge_card" in [error["pointer"] for error in again["errors"]]


@pytest.mark.parametrize(
    ("bindings", "pointer"),
    [
        ({}, "#/bindings"),
        ([], "#/bindings"),
        ({"nobody": {"way": "stub"}}, "#/bindings/nobody"),
        ({"charge_card": 7}, "#/bindings/charge_card"),
        ({"charge_card": {}}, "#/bindings/charge_card"),
        ({"charge_card": {"way": "fax"}}, "#/bindings/charge_card/way"),
        ({"charge_card": {"way": 7}}, "#/bindings/charge_card/way"),
        ({"charge_card": {"way": "http"}}, "#/bindings/charge_card/url"),
        ({"charge_card": {"way": "http", "url": {"a": 1}}}, ""),
        ({"charge_card": {"way": "stub", "colour": 1}}, "#/bindings/charge_card/colour"),
        ({"charge_card": {"way": "step", "does": "nobody.knows@^1"}}, "#/bindings/charge_card/does"),
    ],
)
def test_a_binding_that_makes_no_sense_is_pointed_at(
    bindings: Any, pointer: str, designer: Program, imported: dict[str, Any]
):
    answer = designer.post(f"{PLACE}/bind/", {"bindings": bindings})
    if pointer:
        assert pointer in [error["pointer"] for error in refused(answer, 422, "invalid")["errors"]]
    assert answer.status_code < 500


def test_a_draft_that_has_moved_is_not_bound(designer: Program, imported: dict[str, Any]):
    body = {"bindings": {"charge_card": {"way": "stub"}}}
    refused(designer.post(f"{PLACE}/bind/", body, If_Match='"0"'), 412, "precondition-failed")


def test_a_draft_is_exported_with_what_is_lost(designer: Program, imported: dict[str, Any]):
    told = designer.get(f"{PLACE}/asl/").json()
    assert set(told["definition"]["States"]) == set(MACHINE["States"])
    assert told["losses"] == []
    assert designer.post(f"{IMPORT}?key=again", told["definition"]).status_code == 201


def test_what_the_language_cannot_say_is_a_loss(designer: Program, order: Version):
    told = designer.get("/workflows/order/asl/").json()
    assert told["definition"]["StartAt"]
    assert all(loss["sentence"] for loss in told["losses"])
    assert designer.get("/workflows/order/asl/?version=1").json() == told
    refused(designer.get("/workflows/order/asl/?version=9"), 404, "not-found")
    refused(designer.get("/workflows/order/asl/?version=x"), 400, "bad-parameter")
