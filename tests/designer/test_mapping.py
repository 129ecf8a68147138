"""What a call is given: as fields, as JSON, beside the published version, and with what an undo is given."""

import json
from typing import Any

import pytest
from django.test import Client

from designer.drafts import problems_of
from designer.forms import find_section
from designer.graph import Compensate
from designer.models import Draft
from tests.designer.drafts import address, filled, graph_now, save

pytestmark = pytest.mark.django_db
CHARGE = {
    "kind": "action",
    "title": "Charge card",
    "does": "payments.charge@^2",
    "timeout": "10s",
    "next": "large",
}
GIVEN = {"order_id": "${ input.order_id }", "amount": "${ input.amount }", "card": "${ input.card }"}


def section(draft: Draft, step: str, key: str) -> Any:
    graph = graph_now(draft)
    kind = find_section(graph.steps[step], key)
    assert kind is not None
    return kind(graph, graph.steps[step])


def page(client: Client, asked: str) -> str:
    return client.get(f"/workflows/small/edit/?{asked}").content.decode()


def test_each_field_says_what_it_is_and_what_it_would_be_given(draft: Draft):
    rows = {row.name: row for row in section(draft, "charge", "input").mapping}
    assert (rows["amount"].type, rows["amount"].required, rows["amount"].example) == ("number", True, "1")
    assert rows["card"].example == '"text"'


def test_what_cannot_be_worked_out_has_no_value(designer: Client, draft: Draft):
    save(designer, draft, "charge", "input", **{"with-amount": "input.amuont", "with-card": ""})
    rows = {row.name: row.example for row in section(draft, "charge", "input").mapping}
    assert rows["amount"] == "no value"
    assert rows["card"] == ""


def test_the_whole_mapping_is_written_as_json(designer: Client, draft: Draft):
    written = {"amount": 5, "order_id": "${ input.order_id }", "extra": {"a": [1]}}
    answer = save(designer, draft, "charge", "input", as_json=json.dumps(written))
    assert answer.status_code == 200
    assert graph_now(draft).steps["charge"].inputs == written
    assert "data-redrawn" in answer.content.decode()


def test_json_that_was_not_touched_does_not_win_over_a_field(designer: Client, draft: Draft):
    shown = filled(draft, "charge", "input")["as_json"].replace("\n", "\r\n")  # as browsers send it
    save(designer, draft, "charge", "input", as_json=shown, **{"with-amount": "7"})
    assert graph_now(draft).steps["charge"].inputs["amount"] == 7


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "This is not JSON"),
        ("[1]", "This must be a JSON object, such as {&quot;amount&quot;"),
        ("", "Write {} where it is given nothing."),
        ('{"amount": "${ input. }"}', "is not an expression"),
        ('{"amount": "${ inptu.amount }"}', "Did you mean “input”?"),
        ('{"amount": NaN}', "This is not JSON"),
        ("[" * 5000, "This is not JSON"),
    ],
)
def test_bad_json_stays_and_is_told(text: str, sentence: str, designer: Client, draft: Draft):
    answer = save(designer, draft, "charge", "input", as_json=text)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert graph_now(draft).steps["charge"].inputs == GIVEN


def test_a_wrong_path_is_told_under_its_field_with_what_would_be_right(designer: Client, draft: Draft):
    said = save(designer, draft, "done", "output", **{"output-0-value": "steps.charge.output.idd"})
    assert "“steps.charge.output” has no field “idd”. Did you mean “id”?" in said.content.decode()
    assert "Use steps.charge.output.id</button>" in said.content.decode()


def test_values_that_changed_say_what_they_were(designer: Client, draft: Draft):
    published = {"note": "First.", "revision": draft.revision}
    ada = designer
    draft.refresh_from_db()
    answer = ada.post("/workflows/small/publish/", published)
    assert answer.status_code == 302
    save(designer, draft, "charge", "input", timeout="30", attempts="5", **{"with-card": '"tok_1"'})
    said = page(designer, "step=charge&section=input")
    for was in ("was <s>10 s</s>", "was <s>1</s>", "was <s>input.card</s>"):
        assert said.count(was) == 1
    assert "was <s>" not in page(designer, "step=ask&section=review")


# --- the undo ------------------------------------------------------------------------------------------------


def test_the_fix_that_adds_an_undo_maps_what_it_is_given(designer: Client, made: Any):
    draft = made(charge={**CHARGE, "with": GIVEN})
    problem = next(one for one in problems_of(draft) if one.code == "not_undone")
    data = {
        "code": "not_undone",
        "problem_step": "charge",
        "field": problem.field,
        "revision": draft.revision,
    }
    designer.post("/workflows/small/edit/fix/?step=charge", data)
    undo = graph_now(draft).steps["charge"].compensate
    assert undo == Compensate(does="payments.refund@^2", inputs={"charge": "${ output.id }"})
    assert "missing_input" not in {one.code for one in problems_of(draft)}


def test_choosing_an_undo_maps_it_too(designer: Client, made: Any):
    draft = made(charge={**CHARGE, "with": GIVEN})
    assert set(filled(draft, "charge", "undo")) == {"does", "timeout", "seen", "revision"}
    assert save(designer, draft, "charge", "undo", does="payments.refund@^2").status_code == 200
    assert graph_now(draft).steps["charge"].compensate.inputs == {"charge": "${ output.id }"}


def test_an_undo_that_was_emptied_on_purpose_stays_empty(designer: Client, draft: Draft):
    save(designer, draft, "charge", "undo", **{"with-charge": ""})
    assert graph_now(draft).steps["charge"].compensate.inputs == {}


def test_without_an_undo_nothing_is_asked_about_it(designer: Client, made: Any):
    made(charge={**CHARGE, "with": GIVEN})
    said = page(designer, "step=charge&section=undo")
    assert 'names <span class="mono">payments.refund@^2</span> to undo it' in said
    assert "Attempts" not in said


# --- times ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("0.5", 0.5), (".5", 0.5), ("5m", 300), ("1m30s", 90), ("PT1H", 3600)]
)
def test_a_time_limit_is_a_number_of_seconds_or_says_its_unit(
    text: str, seconds: float, designer: Client, draft: Draft
):
    assert save(designer, draft, "charge", "input", timeout=text).status_code == 200
    assert graph_now(draft).steps["charge"].timeout.total_seconds() == seconds


@pytest.mark.parametrize("text", ["soon", "-5", "1e3", "٣", "5 apples", "9" * 30])
def test_what_is_no_time_is_told(text: str, designer: Client, draft: Draft):
    answer = designer.post(address(draft, "charge", "input"), filled(draft, "charge", "input", timeout=text))
    assert answer.status_code == 422
    assert "duration" in answer.content.decode() or "longer than" in answer.content.decode()
