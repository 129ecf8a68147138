"""Saving a section: what it changes, what it refuses, and what happens when somebody else was faster."""

from datetime import timedelta

import pytest
from django.test import Client

from designer.graph import (
    AfterFailedUndo,
    Catch,
    Compensate,
    Option,
    Outcome,
    Retry,
    Shown,
    Undoing,
    UndoOrder,
)
from designer.models import Draft
from tests.designer.drafts import address, filled, graph_now, revision_now, save
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db

# What is written into which section, and what the graph says then.
WRITTEN = [
    ("charge", "general", {"title": "Take the money"}, lambda s: s.title, "Take the money"),
    ("charge", "links", {"next": ""}, lambda s: s.next, None),
    ("charge", "general", {"deadline": "5m"}, lambda s: s.deadline, timedelta(minutes=5)),
    ("charge", "input", {"timeout": "1m30s"}, lambda s: s.timeout, timedelta(seconds=90)),
    ("charge", "input", {"with-amount": "12.5"}, lambda s: s.inputs["amount"], 12.5),
    ("charge", "input", {"with-card": '"tok_1"'}, lambda s: s.inputs["card"], "tok_1"),
    ("charge", "input", {"with-card": "a ${ input.card }"}, lambda s: s.inputs["card"], "a ${ input.card }"),
    ("charge", "input", {"with-card": " "}, lambda s: "card" in s.inputs, False),
    ("charge", "input", {"with-card": "null"}, lambda s: s.inputs["card"], None),
    ("charge", "input", {"does": "orders.validate@^1"}, lambda s: s.does, "orders.validate@^1"),
    ("charge", "retry", {"attempts": "4", "wait": "2s", "never_on": ["CardDeclined"]}, lambda s: s.retry,
     Retry(attempts=4, wait=timedelta(seconds=2), never_on=("CardDeclined",))),
    ("charge", "retry", {"others-0-on": "Busy, Slow", "others-0-attempts": "3", "others-0-wait": "2s",
                         "others-0-factor": "1", "others-0-longest": "10"}, lambda s: s.retry.others,
     (Retry(attempts=3, wait=timedelta(seconds=2), factor=1, longest=timedelta(seconds=10), jitter=False,
            on=("Busy", "Slow")),)),
    ("charge", "retry", {"on_exhausted": "dead_letter"}, lambda s: s.on_exhausted.value, "dead_letter"),
    ("charge", "links", {"catch-0-on": "CardDeclined, RateLimited", "catch-0-next": "refused"}, lambda s: s.catch,
     (Catch(on=("CardDeclined", "RateLimited"), next="refused"),)),
    ("charge", "undo", {"does": ""}, lambda s: s.compensate, None),
    ("charge", "undo", {"attempts": "7"}, lambda s: s.compensate, Compensate(
        does="payments.refund@^2", inputs={"charge": "${ output.id }"}, retry=Retry(attempts=7),
        timeout=timedelta(seconds=10))),
    ("charge", "output", {"assign-0-name": "paid", "assign-0-value": "output.amount"}, lambda s: s.assign,
     {"paid": "${ output.amount }"}),
    ("large", "choices", {"options-1-when": "input.amount > 9.0", "options-1-next": "ask"}, lambda s: s.options[1],
     Option("${ input.amount > 9.0 }", "ask")),
    ("large", "choices", {"otherwise": "refused"}, lambda s: s.otherwise, "refused"),
    ("ask", "review",
     {"groups": "risk, fraud", "approvals": "2", "four_eyes": "on", "due": "30m", "on_due": "escalate"},
     lambda s: (s.reviewers.groups, s.reviewers.approvals, s.reviewers.four_eyes, s.due, s.on_due),
     (("risk", "fraud"), 2, True, timedelta(minutes=30), "escalate")),
    ("ask", "evidence", {"show-1-label": "Card", "show-1-value": "input.card"}, lambda s: s.show[1],
     Shown("Card", "${ input.card }")),
    ("ask", "evidence", {"edit-0-name": "amount", "edit-0-value": "input.amount"}, lambda s: s.edit,
     {"amount": "${ input.amount }"}),
    ("ask", "outcomes", {"outcomes-2-title": "Ask again later", "outcomes-2-next": "large"}, lambda s: s.outcomes[2],
     Outcome("ask_again_later", "large", "Ask again later")),
    ("done", "output", {"output-1-name": "paid", "output-1-value": "true"}, lambda s: s.output,
     {"charge": "${ steps.charge.output.id }", "paid": True}),
    ("refused", "error", {"message": "No: ${ input.order_id }", "compensate": None},
     lambda s: (s.message, s.compensate), ("No: ${ input.order_id }", False)),
]  # fmt: skip


@pytest.mark.parametrize(("step", "section", "written", "read", "expected"), WRITTEN)
def test_what_is_written_is_in_the_draft(
    step, section, written, read, expected, designer: Client, draft: Draft
):
    before = graph_now(draft)
    answer = save(designer, draft, step, section, **written)
    assert answer.status_code == 200, answer.content.decode()
    after = graph_now(draft)
    assert read(after.steps[step]) == expected
    assert {key: one for key, one in after.steps.items() if key != step} == {
        key: one for key, one in before.steps.items() if key != step
    }


def test_a_section_that_is_sent_as_it_was_changes_nothing(designer: Client, draft: Draft):
    for step, section in [
        ("charge", "input"),
        ("charge", "retry"),
        ("ask", "outcomes"),
        (None, "fields"),
        (None, "schema"),
    ]:
        assert save(designer, draft, step, section).status_code == 200
    assert revision_now(draft) == draft.revision
    assert draft.edits.count() == 1


def test_the_answer_is_the_section_and_what_changed_beside_it(designer: Client, draft: Draft):
    said = save(designer, draft, "charge", "input", **{"with-amount": ""}).content.decode()
    assert said.lstrip().startswith('<form class="section-form" id="charge-input-form"')
    for part in ("toolbar", "outline", "canvas", "step-head"):
        assert f'id="{part}"' in said
    assert said.count('hx-swap-oob="outerMorph"') == 6
    assert "1 error" in said
    assert "needs “amount”" in said


def test_without_scripts_one_comes_back_to_the_section(designer: Client, draft: Draft):
    data = filled(draft, "charge", "general", title="Take the money")
    answer = designer.post(address(draft, "charge", "general"), data)
    assert answer["Location"] == "/workflows/small/edit/?step=charge&section=general"
    data = filled(draft, "charge", "input", timeout="soon")
    answer = designer.post(address(draft, "charge", "input"), data)
    assert answer.status_code == 422
    assert "<!doctype html>" in answer.content.decode()


REFUSED = [
    ("charge", "input", {"timeout": "soon"}, "“soon” is not a duration."),
    ("charge", "input", {"timeout": "400d"}, "is longer than 366 days"),
    ("charge", "input", {"with-amount": "input.amount +"}, "is not an expression: it ends too early"),
    ("charge", "input", {"with-amount": "inptu.amount"}, "Did you mean “input”?"),
    ("charge", "input", {"with-card": "a ${ input."}, "“${” opens an expression that no “}” closes"),
    ("charge", "input", {"does": "payments.nothing@^2"}, "Select a valid choice"),
    ("charge", "links", {"next": "nothing"}, "Select a valid choice"),
    ("charge", "general", {"title": "x" * 201}, "at most 200 characters"),
    ("charge", "retry", {"attempts": "0"}, "greater than or equal to 1"),
    ("charge", "retry", {"attempts": "many"}, "Enter a whole number"),
    ("charge", "retry", {"factor": "nan"}, "Enter a number"),
    ("charge", "retry", {"wait": ""}, "This field is required"),
    ("charge", "output", {"assign-0-name": "Not A Name", "assign-0-value": "1"}, "cannot be a key"),
    ("charge", "output", {"assign-0-name": "paid", "assign-0-value": ""}, "This field is required"),
    ("large", "choices", {"options-0-when": "input.amount >"}, "is not an expression"),
    ("ask", "review", {"approvals": "0"}, "greater than or equal to 1"),
    ("ask", "outcomes", {"outcomes-1-name": "approve"}, "There are two outcomes “approve”."),
    ("done", "output", {"whole": "5"}, "not both"),
    ("refused", "error", {"message": "No: ${ input. }"}, "is not an expression"),
    (None, "settings", {"business_key": "input..x"}, "is not an expression"),
    (None, "settings", {"visit_limit": "0"}, "greater than or equal to 1"),
    (None, "settings", {"order": "by_chance"}, "Select a valid choice."),
    (None, "schema", {"input": "{"}, "This is not JSON"),
    (None, "schema", {"input": "[]"}, "must be a JSON object"),
    (None, "schema", {"input": '{"type": "strnig"}'}, "This is not a usable JSON Schema"),
    (None, "fields", {"properties-0-more": "{"}, "This is not JSON"),
    (None, "fields", {"properties-1-default": "much"}, "is not a number. Write it as JSON."),
    (None, "settings", {"title": "\x00"}, "Null characters are not allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "section", "written", "sentence"), REFUSED)
def test_what_is_refused_stays_in_the_form(step, section, written, sentence, designer: Client, draft: Draft):
    answer = save(designer, draft, step, section, **written)
    said = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in said
    assert revision_now(draft) == draft.revision
    assert 'aria-invalid="true"' in said or 'class="form-errors"' in said


def test_what_is_right_beside_what_is_refused_stays_too(designer: Client, draft: Draft):
    said = save(
        designer, draft, "charge", "input", timeout="soon", **{"with-amount": "12.75"}
    ).content.decode()
    assert 'value="soon"' in said
    assert 'value="12.75"' in said


# --- rows ----------------------------------------------------------------------------------------------------


def test_a_row_is_removed(designer: Client, draft: Draft):
    answer = save(designer, draft, "ask", "outcomes", do="remove:outcomes:0")
    assert [outcome.name for outcome in graph_now(draft).steps["ask"].outcomes] == ["reject"]
    assert answer["HX-Reswap"] == "outerHTML"


def test_a_row_moves_up(designer: Client, draft: Draft):
    save(designer, draft, "ask", "outcomes", do="up:outcomes:1")
    assert [outcome.name for outcome in graph_now(draft).steps["ask"].outcomes] == ["reject", "approve"]


@pytest.mark.parametrize(
    "do", ["remove:outcomes:9", "remove:nothing:0", "explode:outcomes:0", "up:outcomes:-1", "::", "\x00"]
)
def test_a_move_that_makes_no_sense_does_nothing(do: str, designer: Client, draft: Draft):
    assert save(designer, draft, "ask", "outcomes", do=do).status_code == 200
    assert revision_now(draft) == draft.revision


def test_an_emptied_row_is_gone(designer: Client, draft: Draft):
    save(designer, draft, "ask", "evidence", **{"show-0-label": "", "show-0-value": ""})
    assert graph_now(draft).steps["ask"].show == ()


@pytest.mark.parametrize(
    "order", ["", "0,0,1", "x", "-1,0", "99999999999999,0,1", "0,1," + ",".join(map(str, range(2, 900)))]
)
def test_an_order_that_nobody_sent_breaks_nothing(order: str, designer: Client, draft: Draft):
    answer = save(designer, draft, "ask", "outcomes", **{"outcomes-order": order})
    assert answer.status_code == 200


# --- the workflow itself -------------------------------------------------------------------------------------


def test_the_settings_are_saved(designer: Client, draft: Draft):
    save(
        designer,
        draft,
        None,
        "settings",
        title="Smaller",
        owner="sales",
        business_key="input.card",
        on_failure="keep",
    )
    graph = graph_now(draft)
    assert (graph.title, graph.owner, graph.business_key, graph.on_failure.value) == (
        "Smaller", "sales", "${ input.card }", "keep",
    )  # fmt: skip


def test_a_field_is_added_to_the_input(designer: Client, draft: Draft):
    field = {
        "name": "express",
        "type": "boolean",
        "title": "Express",
        "default": "false",
        "choices": "",
        "more": "",
    }
    written = {f"properties-3-{name}": value for name, value in field.items()}
    assert save(designer, draft, None, "fields", closed="on", **written).status_code == 200
    schema = graph_now(draft).input
    assert schema["properties"]["express"] == {"type": "boolean", "title": "Express", "default": False}
    assert schema["required"] == ["order_id", "amount", "card"]
    assert schema["additionalProperties"] is False


def test_a_field_may_be_nested(designer: Client, draft: Draft):
    more = '{"required": ["city"], "properties": {"city": {"type": "string"}}}'
    written = {"properties-3-name": "ship_to", "properties-3-type": "object", "properties-3-more": more}
    save(designer, draft, None, "fields", **written)
    assert graph_now(draft).input["properties"]["ship_to"]["properties"] == {"city": {"type": "string"}}


def test_what_the_list_of_fields_has_no_place_for_stays(designer: Client, draft: Draft):
    schema = '{"type": "object", "minProperties": 2, "properties": {"a": {"type": ["string", "null"], "x-note": 1}}}'
    save(designer, draft, None, "schema", input=schema)
    save(designer, draft, None, "fields", **{"properties-0-title": "A"})
    field = {"type": ["string", "null"], "x-note": 1, "title": "A"}
    assert graph_now(draft).input == {"type": "object", "minProperties": 2, "properties": {"a": field}}


# --- two people ----------------------------------------------------------------------------------------------


def test_the_slower_of_two_is_told_and_loses_nothing(designer: Client, draft: Draft):
    other = signed_in(person("admin"))
    mine = filled(draft, "charge", "input", timeout="20s")
    save(other, draft, "charge", "input", timeout="30s")
    answer = designer.post(address(draft, "charge", "input"), mine, headers={"HX-Request": "true"})
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "ada changed this step since you opened it." in said
    assert "Keep mine: <b>20s</b>" in said
    assert "Take theirs: <b>30 s</b>" in said
    assert 'value="20s"' in said
    assert graph_now(draft).steps["charge"].timeout == timedelta(seconds=30)
    mine |= {"revision": str(revision_now(draft)), "settle-timeout": "mine"}  # as the answer's form says
    assert f'name="revision" value="{mine["revision"]}"' in said
    assert designer.post(address(draft, "charge", "input"), mine).status_code == 302
    assert graph_now(draft).steps["charge"].timeout == timedelta(seconds=20)


def test_people_in_different_steps_never_clash(designer: Client, draft: Draft):
    mine = filled(draft, "ask", "review", due="30m")
    save(signed_in(person("admin")), draft, "charge", "input", timeout="30s")
    assert designer.post(address(draft, "ask", "review"), mine).status_code == 302
    steps = graph_now(draft).steps
    assert (steps["ask"].due, steps["charge"].timeout) == (timedelta(minutes=30), timedelta(seconds=30))


def test_the_settings_clash_with_settings_only(designer: Client, draft: Draft):
    mine = filled(draft, None, "settings", owner="sales")
    other = signed_in(person("admin"))
    save(other, draft, "charge", "input", timeout="30s")
    assert designer.post(address(draft, None, "settings"), mine).status_code == 302
    mine = filled(draft, None, "settings", owner="billing", revision=draft.revision, seen=None)
    assert designer.post(address(draft, None, "settings"), mine).status_code == 409


@pytest.mark.parametrize("revision", ["", "x", "-1", "99999999999999999999", "4000"])
def test_a_revision_that_never_was(revision: str, designer: Client, draft: Draft):
    written = {"timeout": "30s", "revision": revision, "seen": None}
    assert save(designer, draft, "charge", "input", **written).status_code == 409


@pytest.mark.parametrize(
    ("step", "section"), [("nothing", "input"), ("charge", "nothing"), ("charge", "choices"), (None, "x")]
)
def test_a_section_that_is_not_there(step, section, designer: Client, draft: Draft):
    assert designer.post(address(draft, step, section), {"revision": "1"}).status_code == 404


def test_how_a_rollback_goes_about_it_is_a_setting_of_the_workflow(designer: Client, draft: Draft):
    written = {"order": "at_once", "after_failure": "go_on", "failed_step": "on"}
    assert save(designer, draft, None, "settings", **written).status_code == 200
    undoing = graph_now(draft).undoing
    assert undoing == Undoing(failed_step=True, order=UndoOrder.AT_ONCE, after_failure=AfterFailedUndo.GO_ON)
    assert save(designer, draft, None, "settings", order="reverse", after_failure="stop", failed_step=None)
    assert "undoing" not in Draft.objects.get(pk=draft.pk).header
