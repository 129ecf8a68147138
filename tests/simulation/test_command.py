"""`manage.py choreo_simulate`: what would come of a run, on the command line."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import a_version

pytestmark = pytest.mark.django_db
MACHINE = {
    "StartAt": "Pay",
    "States": {"Pay": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True}},
}
MOCKS = json.dumps({"Pay": [{"output": {"paid": 3}}]})


@pytest.fixture
def machine(tmp_path: Path) -> str:
    file = tmp_path / "pay.asl.json"
    file.write_text(json.dumps(MACHINE))
    return str(file)


def test_it_tells_what_happens(machine: str, capsys: pytest.CaptureFixture[str]):
    call_command("choreo_simulate", machine, mocks=MOCKS, input='{"sum": 3}')
    assert capsys.readouterr().out.splitlines() == [
        "succeeded\tThe run has ended.",
        'output\t{"paid": 3}',
        "visited\tPay",
        'called\tPay\t{"sum": 3}',
    ]


def test_it_tells_all_of_it_as_json(machine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "mocks.yaml").write_text("Pay: [{error: Declined, cause: No money.}]")
    call_command("choreo_simulate", machine, "--json", mocks=f"@{tmp_path / 'mocks.yaml'}")
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["error"], told["cause"]) == ("failed", "Declined", "No money.")


def test_a_published_workflow_is_named_by_its_key(capsys: pytest.CaptureFixture[str]):
    a_version({"start": "done", "steps": {"done": {"kind": "succeed", "output": "Hello"}}})
    call_command("choreo_simulate", "flow")
    assert 'output\t"Hello"' in capsys.readouterr().out


def test_what_cannot_be_simulated_is_said(machine: str):
    for what, how, said in (
        ("nowhere", {}, "There is no file and no published workflow “nowhere”."),
        (machine, {"mocks": '{"Pya": []}'}, "Did you mean “Pay”?"),
        (machine, {"mocks": "@/nowhere.json"}, "cannot be read"),
        (machine, {"input": "{"}, r"\."),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("choreo_simulate", what, **how)


def test_a_definition_with_errors_is_refused(tmp_path: Path):
    file = tmp_path / "flow.yaml"
    file.write_text("{choreo: 1, key: f, start: a, steps: {a: {kind: set, next: nowhere}}}")
    with pytest.raises(CommandError, match="nowhere"):
        call_command("choreo_simulate", str(file))
