"""/workflows/<key>/start/: a form made from the workflow's input schema."""

from typing import Any

import pytest
from django.test import Client

from designer.models import Workflow
from runs.models import Keeper, Run
from tests.actions.flows import echo, flow
from tests.factories import a_version

pytestmark = pytest.mark.django_db

ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["order_id", "items", "gift"],
    "additionalProperties": False,
    "properties": {
        "order_id": {
            "type": "string",
            "title": "Order number",
            "minLength": 1,
            "maxLength": 20,
            "default": "ORD-1",
        },
        "amount": {"type": "number", "minimum": 0},
        "count": {"type": ["integer", "null"]},
        "gift": {"type": "boolean"},
        "speed": {"enum": ["slow", "fast"], "default": "slow"},
        "customer": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        "items": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["sku", "n"],
                "properties": {
                    "sku": {"type": "string", "pattern": "^[A-Z]+$"},
                    "n": {"type": "integer", "minimum": 1},
                },
            },
        },
        "tags": {"type": "array", "items": {"type": "string"}},
        "anything": {},
        "whatever": True,
    },
}
FINE = {
    "order_id": "ORD-2",
    "gift": "on",
    "speed": '"fast"',
    "customer.name": "Ada",
    "items.#": "1",
    "items.0.sku": "MUG",
    "items.0.n": "2",
    "tags.#": "0",
}


@pytest.fixture
def workflow(db: None) -> Workflow:
    return a_version({**flow(one=echo()), "input": ORDER, "business_key": "${ input.order_id }"}).workflow


def post(client: Client, **fields: str) -> Any:
    return client.post("/workflows/flow/start/", {**FINE, **fields})


def test_the_form_has_a_field_for_each_place_and_its_default(operator: Client, workflow: Workflow):
    page = operator.get("/workflows/flow/start/").content.decode()
    assert 'name="order_id" value="ORD-1"' in page
    assert "Order number" in page
    for name in (
        "amount",
        "count",
        "gift",
        "speed",
        "customer.name",
        "items.#",
        "items.0.sku",
        "tags.#",
        "anything",
    ):
        assert f'name="{name}"' in page


def test_a_run_is_started_with_typed_values(operator: Client, workflow: Workflow):
    answer = post(
        operator, amount="2.50", count="7", anything='{"a": [1, null]}', **{"tags.#": "1", "tags.0": "x"}
    )
    run = Run.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/runs/{run.pk}/")
    assert (run.key, run.started_by.get_username()) == ("ORD-2", "otto")
    assert Keeper(run).open(run.input) == {
        "order_id": "ORD-2",
        "amount": 2.5,
        "count": 7,
        "gift": True,
        "speed": "fast",
        "customer": {"name": "Ada"},
        "items": [{"sku": "MUG", "n": 2}],
        "tags": ["x"],
        "anything": {"a": [1, None]},
    }


def test_an_unticked_box_is_an_answer_and_nothing_typed_is_nothing_given(
    operator: Client, workflow: Workflow
):
    fields = {name: value for name, value in FINE.items() if name != "gift"}
    operator.post("/workflows/flow/start/", {**fields, "speed": '"slow"'})
    run = Run.objects.get()
    assert Keeper(run).open(run.input)["gift"] is False
    assert "amount" not in Keeper(run).open(run.input)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"order_id": ""}, "This field is required."),
        ({"order_id": "x" * 21}, "at most 20"),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"amount": "1e999"}, "Enter a number."),
        ({"amount": "NaN"}, "Enter a number."),
        ({"count": "9" * 5_000}, "Enter a whole number."),
        ({"speed": '"warp"'}, "Select a valid choice."),
        ({"items.0.sku": "mug"}, "must match"),
        ({"items.#": "0"}, "at least 1"),
        ({"anything": "{"}, "This is not JSON"),
        ({"anything": '{"a": 1, "a": 2}'}, "is given twice"),
        ({"anything": "9" * 30}, "does not fit into 64 bits"),
        ({"count": "9" * 30}, "This does not fit into 64 bits."),
        ({"anything": "NaN"}, "JSON has no NaN."),
        ({"anything": "1e999"}, "is too large"),
        ({"anything": '["\\u0000"]'}, "a NUL character"),
        ({"anything": '"\\ud800"'}, "half of a surrogate pair"),
        ({"anything": "[" * 100_000}, "nested deeper than 50 levels"),
        ({"order_id": "a\0b"}, "Null characters are not allowed."),
        ({"customer.name": "<script>alert(1)</script>", "order_id": ""}, "This field is required."),
    ],
)
def test_what_does_not_fit_is_said_at_its_place_and_everything_typed_is_kept(
    operator, workflow, fields, said
):
    answer = post(operator, **{"tags.#": "1", "tags.0": "kept as typed", **fields})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert 'value="kept as typed"' in page
    assert "<script>alert" not in page
    assert not Run.objects.exists()


def test_a_megabyte_in_a_field_is_refused_and_kept(operator: Client, workflow: Workflow):
    answer = post(operator, order_id="x" * 1_000_000)
    assert answer.status_code == 422
    assert "x" * 1_000_000 in answer.content.decode()


def test_more_than_a_form_may_have_is_a_clean_refusal(operator: Client, workflow: Workflow):
    assert post(operator, order_id="x" * 3_000_000).status_code == 400
    assert operator.post("/workflows/flow/start/", {f"a{n}": "1" for n in range(1_100)}).status_code == 400
    assert (
        operator.post("/workflows/flow/start/", data=b"\0\xff", content_type="text/plain").status_code == 422
    )


def test_rows_are_added_and_removed_and_nothing_is_lost(operator: Client, workflow: Workflow):
    answer = post(operator, _add="items")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="items.1.sku"' in page
    assert 'name="items.0.sku" value="MUG"' in page
    two = {"items.#": "2", "items.1.sku": "TEA", "items.1.n": "5"}
    page = post(operator, _remove="items.0", **two).content.decode()
    assert 'name="items.0.sku" value="TEA"' in page
    assert "items.1.sku" not in page
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"_remove": "items.7"},
        {"_remove": "items." + "9" * 5_000},
        {"_remove": "nothing"},
        {"_remove": "\0"},
        {"_add": "\0<script>"},
        {"_add": ""},
        {"_add": "items", "items.#": "9" * 5_000},
        {"_add": "items", "items.#": "-1"},
        {"_add": "items", "items.#": "١"},
    ],
)
def test_rows_that_are_not_there_break_nothing(operator: Client, workflow: Workflow, fields: dict[str, str]):
    assert post(operator, **fields).status_code in (200, 422)


def test_a_doubled_click_starts_one_run(operator: Client, workflow: Workflow):
    once = operator.get("/workflows/flow/start/").context["form"].once
    first, second = post(operator, _once=once), post(operator, _once=once)
    assert first["Location"] == second["Location"]
    assert Run.objects.count() == 1


def test_another_input_from_the_same_page_is_another_run(operator: Client, workflow: Workflow):
    once = operator.get("/workflows/flow/start/").context["form"].once
    post(operator, _once=once)
    post(operator, _once=once, order_id="ORD-3")
    assert set(Run.objects.values_list("key", flat=True)) == {"ORD-2", "ORD-3"}


@pytest.mark.parametrize("once", ["", "x" * 5_000, "\0", "<script>"])
def test_a_made_up_key_is_not_used(operator: Client, workflow: Workflow, once: str):
    assert post(operator, _once=once).status_code == 302
    assert len(Run.objects.get().idempotency_key) == 65


@pytest.mark.parametrize(
    ("schema", "field", "typed", "got"),
    [
        ({}, "", "", {}),
        ({"type": "object"}, "_value", '{"a": 1}', {"a": 1}),
        ({"type": "object"}, "_value", "", {}),
        ({"type": "array", "items": {"type": "integer"}}, "_value.0", "3", [3]),
        ({"type": "string"}, "_value", "text", "text"),
        ({"$ref": "#/$defs/n", "$defs": {"n": {"type": "object"}}}, "_value", '{"n": 1}', {"n": 1}),
        ({"type": "object", "properties": {"n": {"type": "integer"}}}, "n", "", {}),
    ],
)
def test_an_input_of_any_shape_has_a_form(operator: Client, schema, field: str, typed: str, got):
    a_version({**flow(one=echo()), "input": schema})
    page = operator.get("/workflows/flow/start/").content.decode()
    assert ("takes no input" in page) == (not schema)
    sent = {field: typed, f"{field.rpartition('.')[0]}.#": "1"} if field else {}
    answer = operator.post("/workflows/flow/start/", {"csrfmiddlewaretoken": "x", **sent})
    assert answer.status_code == 302, answer.context["form"].form.errors
    run = Run.objects.get()
    assert Keeper(run).open(run.input) == got


def test_a_default_of_more_rows_than_a_form_has_is_kept_whole(operator: Client, db: None):
    many = [f"sku-{n}" for n in range(300)]
    schema = {
        "type": "object",
        "properties": {"skus": {"type": "array", "items": {"type": "string"}, "default": many}},
    }
    a_version({**flow(one=echo()), "input": schema})
    field = operator.get("/workflows/flow/start/").context["form"].form["skus"]
    assert operator.post("/workflows/flow/start/", {"skus": field.value()}).status_code == 302
    run = Run.objects.get()
    assert Keeper(run).open(run.input) == {"skus": many}


def test_an_unpublished_workflow_has_nothing_to_run(operator: Client, db: None):
    Workflow.objects.create(key="young", title="Young")
    assert operator.get("/workflows/young/start/").status_code == 404


def test_a_business_key_that_cannot_be_told_is_said(operator: Client, db: None):
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    a_version({**flow(one=echo()), "input": schema, "business_key": "${ input.a }"})
    answer = operator.post("/workflows/flow/start/", {"a": ""})
    assert answer.status_code == 422
    assert "business key" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "got"), [('{"order": {"id": 7}}', {"order": {"id": 7}}), ("[1, 2]", [1, 2]), ("", {})]
)
def test_what_came_from_another_language_takes_any_input(operator: Client, db: None, typed: str, got: Any):
    a_version(flow(one={"kind": "set", "flow": {"language": "JSONPath", "ResultPath": "$.x"}}))
    assert "Any JSON value." in operator.get("/workflows/flow/start/").content.decode()
    assert operator.post("/workflows/flow/start/", {"_value": typed}).status_code == 302
    run = Run.objects.get()
    assert Keeper(run).open(run.input) == got


def test_a_moment_without_an_offset_is_by_the_clocks_of_who_starts_it(operator: Client, db: None):
    schema = {"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}}
    a_version({**flow(one=echo()), "input": schema})
    operator.cookies["zone"] = "Asia/Kolkata"
    assert "by your clocks (IST)" in operator.get("/workflows/flow/start/").content.decode()
    assert operator.post("/workflows/flow/start/", {"at": "2026-07-01T17:30"}).status_code == 302
    run = Run.objects.get()
    assert Keeper(run).open(run.input) == {"at": "2026-07-01T17:30:00+05:30"}
