"""Simulations over the interface: every answer is a simulation or a problem, and nothing is kept."""

from typing import Any

import pytest

from designer.models import Version
from runs.models import Run
from tests.api.asking import Program, refused

pytestmark = pytest.mark.django_db
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
MACHINE = {"StartAt": "Charge", "States": {"Charge": TASK}}
DOCUMENT = {
    "choreo": 1,
    "key": "f",
    "title": "F",
    "owner": "o",
    "start": "a",
    "steps": {"a": {"kind": "succeed"}},
}


def simulated(program: Program, **body: Any) -> Any:
    answer = program.post("/simulate/", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_state_machine_is_simulated(viewer: Program):
    told = simulated(viewer, definition=MACHINE, input={"n": 1}, mocks={"Charge": [{"output": {"id": 2}}]})
    assert (told["status"], told["output"], told["stopped"]) == ("succeeded", {"id": 2}, "ended")
    assert [visit["title"] for visit in told["visited"]] == ["Charge"]
    assert told["calls"][0]["payload"] == {"n": 1}
    assert told["journal"][0]["kind"] == "RunStarted"
    assert not Run.objects.exists()


def test_a_definition_of_our_own_is_simulated(viewer: Program):
    assert simulated(viewer, definition=DOCUMENT)["status"] == "succeeded"


def test_a_published_workflow_is_simulated(viewer: Program, order: Version):
    mocks = {"one": [{"output": "fine"}]}
    told = simulated(viewer, workflow="order", input={"order_id": "7"}, mocks=mocks)
    assert [visit["step"] for visit in told["visited"]] == ["one", "done"]
    assert told["output"] == {"said": "fine"}
    assert simulated(viewer, workflow="order", version=1, input={"order_id": "7"})["stopped"] == "waiting"


def test_what_nothing_answers_is_no_problem_but_an_answer(viewer: Program):
    told = simulated(viewer, definition=MACHINE)
    assert (told["status"], told["stopped"]) == ("running", "waiting")
    assert "give it a mock" in told["why"]


@pytest.mark.parametrize(
    ("body", "name", "said"),
    [
        ({}, "invalid", "Send either"),
        ({"definition": MACHINE, "workflow": "order"}, "invalid", "Send either"),
        ({"definition": 7}, "document-refused", ""),
        ({"definition": None}, "", ""),
        ({"definition": {"StartAt": "A", "States": {}}}, "document-refused", ""),
        ({"definition": {**DOCUMENT, "start": "b"}}, "document-refused", "errors"),
        ({"definition": {**DOCUMENT, "steps": []}}, "document-refused", ""),
        ({"workflow": "nothing"}, "invalid", "nothing"),
        ({"definition": MACHINE, "mocks": []}, "invalid", "Mocks are an object"),
        ({"definition": MACHINE, "mocks": {"Chrge": []}}, "invalid", "Did you mean “Charge”?"),
        ({"workflow": "order", "input": {}}, "input-refused", "order_id"),
        ({"definition": MACHINE, "when": 1}, "invalid", "There is no field"),
    ],
)
def test_what_is_not_right_is_a_problem(viewer: Program, order: Version, body: Any, name: str, said: str):
    answer = viewer.post("/simulate/", body)
    refused(answer, answer.status_code, name, said)
    assert answer.status_code == 422


def test_a_place_in_the_mocks_is_pointed_at(viewer: Program):
    answer = viewer.post("/simulate/", {"definition": MACHINE, "mocks": {"Charge": [{"ouput": 1}]}})
    assert refused(answer, 422)["errors"][0]["pointer"] == "#/mocks/Charge/0/ouput"


def test_strangers_may_not(order: Version):
    refused(Program().post("/simulate/", {"workflow": "order"}), 401)
