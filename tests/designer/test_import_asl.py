"""State machines through the import page: the report, what steps are bound to, and the way into the editor."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AbstractUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from designer.actions import import_document, publish, redo_edit, undo_edit
from designer.drafts import errors_in, graph_of_draft
from designer.forms import sections_of
from designer.graph import Action, Emit, Graph, Parallel, Review, RunWorkflow, Wait, write_yaml
from designer.models import Draft, Imported, Workflow
from tests.designer.asl import FUNCTION, JSONATA, ORDER, task
from tests.designer.drafts import SMALL, graph_now, revision_now, save
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db

IMPORT = "/workflows/import/"
PAGE = "/workflows/take_an_order/import/"


@pytest.fixture
def draft(dora: AbstractUser) -> Draft:
    return import_document(document=ORDER, by=dora)


def paste(client: Client, document: Any, **more: str) -> Any:
    text = document if isinstance(document, str) else json.dumps(document)
    return client.post(IMPORT, {"document": text, **more})


def send(client: Client, draft: Draft, **written: dict[str, Any]) -> Any:
    """What the browser sends of the binding page in which only ``written`` was chosen, by step."""
    page = client.get(PAGE)
    data = {
        f"{form.step.key}-{name}": "on" if value is True else value
        for form in page.context["forms"]
        for name, value in {**form.initial, "way": "", **written.get(form.step.key, {})}.items()
        if value is not False
    }
    return client.post(PAGE, {"revision": revision_now(draft), **data})


@pytest.mark.parametrize("write", [json.dumps, write_yaml])
def test_a_machine_is_told_by_what_it_holds_and_becomes_a_draft(
    write: Callable[[Any], str], designer: Client
):
    answer = paste(designer, write(ORDER))
    assert (answer.status_code, answer.url) == (302, PAGE)
    graph = graph_of_draft(Draft.objects.get())
    assert (graph.key, graph.title) == ("take_an_order", "Take an order")
    assert [step.title for step in graph.steps.values()] == list(ORDER["States"])
    page = designer.get(PAGE).text
    assert "3 unbound" in page
    assert f"{FUNCTION}charge-card" in page


def test_a_file_gives_its_name_and_what_is_typed_wins(designer: Client):
    upload = SimpleUploadedFile("pay_invoices.asl.json", json.dumps(JSONATA).encode())
    assert designer.post(IMPORT, {"file": upload}).url == "/workflows/pay_invoices/import/"
    paste(designer, JSONATA, title="Pay them all", key="payer")
    assert Workflow.objects.get(key="payer").title == "Pay them all"


def test_the_same_machine_twice_gets_another_key_unless_one_was_typed(designer: Client):
    paste(designer, ORDER)
    assert paste(designer, ORDER).url == "/workflows/take_an_order_2/import/"
    refused = paste(designer, ORDER, key="take_an_order")
    assert (refused.status_code, "already a workflow “take_an_order”" in refused.text) == (422, True)


def test_the_report_says_what_became_of_every_part(designer: Client, draft: Draft):
    page = designer.get(PAGE).text
    for said in (
        "Import report",
        "Carried",
        "Ignored",
        "Roles of AWS mean nothing here",
        "Kept as it is written",
    ):
        assert said in page
    assert Imported.objects.get(draft=draft).by == draft.edited_by


def test_many_steps_cost_no_more_queries_than_one(
    designer: Client, dora: AbstractUser, django_assert_max_num_queries
):
    for count in (1, 30):
        states = {f"S{n}": task(f"f{n}", Next=f"S{n + 1}") for n in range(count)} | {
            f"S{count}": task("end", End=True)
        }
        import_document(document={"StartAt": "S0", "States": states}, by=dora, key=f"many_{count}")
        with django_assert_max_num_queries(20):
            assert len(designer.get(f"/workflows/many_{count}/import/").context["forms"]) == count + 1


def test_what_is_wrong_is_on_its_line_and_so_is_what_aws_would_say(designer: Client):
    states = {"One": {"Type": "Pass", "End": True}, "Nobody comes here": {"Type": "Succeed"}}
    wrong = {"StartAt": "One", "States": {**states, "One": {"Type": "Pass", "Next": "Two"}}}
    flaws = paste(designer, json.dumps(wrong, indent=1)).context["form"].flaws
    assert [(flaw.line, flaw.path) for flaw in flaws] == [(6, "/States/One/Next")]
    fine = {"Comment": "Odd.", "StartAt": "One", "States": states}
    assert paste(designer, json.dumps(fine, indent=1)).url == "/workflows/odd/import/"
    page = designer.get("/workflows/odd/import/").text
    assert "Line 9 <code>/States/Nobody comes here</code>" in page


def test_an_invalid_machine_is_refused_at_every_place_with_its_text_kept(designer: Client):
    broken = {
        "StartAt": "Nowhere",
        "States": {
            "One": {"Type": "Pass", "Next": "Two"},
            "Three": {"Type": "Wait", "End": True},
            "Four": {"Type": "Sleep", "End": True},
        },
    }
    answer = paste(designer, broken)
    assert answer.status_code == 422
    assert len(answer.context["form"].flaws) > 3
    for place in ("/StartAt", "/States/One/Next", "/States/Three", "/States/Four/Type"):
        assert f"<code>{place}</code>" in answer.text
    assert answer.context["form"]["document"].value() == json.dumps(broken)
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "document",
    [
        {"StartAt": "A"},
        {"States": {}},
        {"StartAt": 7, "States": []},
        {"StartAt": "A", "States": {"A": None}},
        {"StartAt": "A", "States": {"A": {"Type": {}, "Next": []}}},
        {"StartAt": "A", "States": {"\0": {"Type": "Pass", "End": True}}},
        {"StartAt": "A", "States": {"A" * 5_000: {"Type": "Pass", "End": True}}},
        {
            "StartAt": "A",
            "States": {"A": {"Type": "Pass", "End": True, "Result": json.loads("[" * 60 + "]" * 60)}},
        },
        {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": 7, "End": True}}},
        {"StartAt": "A", "Comment": {}, "States": {"A": {"Type": "Pass", "End": True}}},
        {"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [{}], "Default": "A"}}},
        {"StartAt": "A", "States": {"A": {"Type": "Map", "ItemProcessor": 3, "End": True}}},
    ],
)
def test_what_makes_no_sense_gets_a_sentence(document: Any, designer: Client):
    answer = paste(designer, document)
    assert answer.status_code == 422
    assert answer.context["form"].flaws


def test_a_machine_goes_into_a_draft_that_is_there_as_one_edit(designer: Client, draft: Draft):
    before = graph_now(draft)
    document = json.dumps(JSONATA)
    asked = {"document": document, "revision": revision_now(draft)}
    answer = designer.post(f"{IMPORT}?into=take_an_order", asked)
    assert answer.url == PAGE
    assert [step.title for step in graph_now(draft).steps.values()] == list(JSONATA["States"])
    undo_edit(draft=draft, revision=revision_now(draft), by=None)
    assert graph_now(draft) == before
    late = designer.post(f"{IMPORT}?into=take_an_order", asked)
    assert (late.status_code, late.context["form"]["document"].value()) == (409, document)


def test_only_designers_import_and_bind(draft: Draft):
    viewer = signed_in(person("viewer"))
    assert paste(viewer, ORDER).status_code == 403
    assert viewer.get(PAGE).status_code == 403
    assert viewer.post(PAGE, {}).status_code == 403


WAYS: list[tuple[dict[str, Any], Callable[[Graph], Any], Any]] = [
    (
        {"way": "step", "does": "payments.charge@^2"},
        lambda g: g.steps["charge_card"].does,
        "payments.charge@^2",
    ),
    (
        {"way": "http", "method": "put", "url": "https://pay.example.com/${ arguments.amount }"},
        lambda g: (g.steps["charge_card"].does, g.steps["charge_card"].inputs["method"]),
        ("http.request@^1", "PUT"),
    ),
    ({"way": "review", "groups": "risk", "approvals": "2"}, lambda g: type(g.steps["charge_card"]), Review),
    ({"way": "publish", "signal": "card.charged"}, lambda g: g.steps["charge_card"].signal, "card.charged"),
    (
        {"way": "signal", "asks": "pay.asked", "answer": "pay.done"},
        lambda g: (type(g.steps["charge_card"]), type(g.steps["charge_card_request"])),
        (Parallel, Emit),  # it is tried again, and asks again then
    ),
    ({"way": "workflow", "runs": "small"}, lambda g: type(g.steps["charge_card"]), RunWorkflow),
    (
        {"way": "stub", "result": '{"charge_id": 7}'},
        lambda g: g.steps["charge_card"].does,
        "data.transform@^1",
    ),
]


@pytest.mark.parametrize(("chosen", "read", "expected"), WAYS, ids=[way["way"] for way, _, _ in WAYS])
def test_a_step_is_bound_each_way_and_keeps_its_data(
    chosen: dict[str, Any], read: Callable[[Graph], Any], expected: Any, designer: Client, draft: Draft
):
    if chosen["way"] == "workflow":
        other = import_document(document=SMALL, by=draft.edited_by)
        publish(draft=other, note="There it is.", revision=other.revision, by=draft.edited_by)
    answer = send(designer, draft, charge_card=chosen)
    assert answer.status_code == 302, answer.context["forms"].forms[-1].errors
    graph = graph_now(draft)
    assert read(graph) == expected
    asking = graph.steps.get("charge_card_request", graph.steps["charge_card"])
    assert asking.flow.fields["Parameters"] == {"amount.$": "$.total", "currency": "EUR"}


def test_what_is_left_stays_reachable_from_the_editor_until_all_is_bound(designer: Client, draft: Draft):
    send(designer, draft, charge_card={"way": "stub"})
    editor = designer.get("/workflows/take_an_order/edit/").text
    assert "Bound 1 step. 2 are still unbound." in editor
    assert f'href="{PAGE}"' in editor and "Bind 2 <span" in editor
    send(designer, draft, reserve_stock={"way": "stub"}, ask_the_team={"way": "review"})
    assert f'href="{PAGE}"' not in designer.get("/workflows/take_an_order/edit/").text
    page = designer.get(PAGE).text
    assert "Every step is bound" in page
    assert "Bound to a review." in page
    assert [error.code for error in errors_in(graph_now(draft))] == []


def test_bindings_are_one_edit_that_is_undone_and_made_again(designer: Client, draft: Draft):
    before = graph_now(draft)
    send(
        designer,
        draft,
        charge_card={"way": "stub"},
        ask_the_team={"way": "signal", "asks": "a.b", "answer": "b.a"},
    )
    bound = graph_now(draft)
    assert isinstance(bound.steps["ask_the_team_answer"], Wait)
    assert undo_edit(draft=draft, revision=revision_now(draft), by=None).label == "Bind 2 steps"
    assert graph_now(draft) == before
    redo_edit(draft=draft, revision=revision_now(draft), by=None)
    assert graph_now(draft) == bound


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"way": "http", "url": ""}, "Give the address"),
        ({"way": "http", "url": "${ 1 + }"}, "1 +"),
        ({"way": "http", "url": "https://example.com", "method": "BREW"}, "“BREW” is no method."),
        ({"way": "step", "does": ""}, "Choose the step type."),
        ({"way": "step", "does": "nobody.knows@^1"}, "Select a valid choice."),
        ({"way": "signal", "asks": "", "answer": ""}, "Name the signal"),
        ({"way": "signal", "answer": "x" * 101}, "at most 100 characters"),
        ({"way": "publish", "signal": ""}, "Name the signal"),
        ({"way": "workflow", "runs": ""}, "Choose the workflow."),
        ({"way": "stub", "result": "{"}, "This is not JSON"),
        ({"way": "review", "approvals": "0"}, "greater than or equal to 1"),
        ({"way": "fax"}, "Select a valid choice."),
    ],
)
def test_a_binding_that_lacks_something_is_refused_beside_its_field(
    chosen: dict[str, Any], sentence: str, designer: Client, draft: Draft
):
    before = graph_now(draft)
    answer = send(designer, draft, charge_card=chosen)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert graph_now(draft) == before


def test_who_binds_a_draft_that_has_moved_is_told(designer: Client, draft: Draft):
    answer = designer.post(PAGE, {"revision": 0, "charge_card-way": "stub"})
    assert (answer.status_code, "changed the draft since you looked" in answer.text) == (409, True)
    assert isinstance(graph_now(draft).steps["charge_card"], Action)


def test_what_is_bound_is_published_with_its_data(designer: Client, draft: Draft, dora: AbstractUser):
    send(
        designer, draft, **{key: {"way": "stub"} for key in ("reserve_stock", "ask_the_team", "charge_card")}
    )
    version = publish(draft=draft, note="From AWS.", revision=revision_now(draft), by=dora)
    assert graph_of_draft(draft).steps == {**graph_now(draft).steps}
    assert version.document["steps"]["charge_card"]["flow"]["ResultPath"] == "$.charge"


def test_a_page_without_an_import_says_nothing_is_left(designer: Client, dora: AbstractUser):
    import_document(document=SMALL, by=dora)
    page = designer.get("/workflows/small/import/").text
    assert "Every step is bound" in page
    assert "Import report" not in page


def test_an_export_for_aws_says_first_what_is_lost(designer: Client, draft: Draft, dora: AbstractUser):
    page = designer.get("/workflows/take_an_order/export/").text
    assert "Nothing is lost" in page
    answer = designer.get("/workflows/take_an_order/export.asl.json")
    assert answer["Content-Disposition"] == 'attachment; filename="take_an_order.asl.json"'
    assert json.loads(answer.content)["States"].keys() == ORDER["States"].keys()
    import_document(document=SMALL, by=dora)
    publish(draft=Draft.objects.get(workflow__key="small"), note="x", revision=1, by=dora)
    native = designer.get("/workflows/small/export/?version=1")
    assert all(sentence in native.text for _, sentence in native.context["losses"])
    assert native.context["losses"]
    taken = designer.get("/workflows/small/export.asl.json?version=1")
    assert taken["Content-Disposition"].endswith('"small-v1.asl.json"')
    for missing in ("?version=9", "?version=x"):
        assert designer.get(f"/workflows/small/export/{missing}").status_code == 404
        assert designer.get(f"/workflows/small/export.asl.json{missing}").status_code == 404


# --- the editor ---------------------------------------------------------------------------------------------------


def edited(designer: Client, draft: Draft, step: str, **written: Any) -> Any:
    return save(designer, draft, step, "data", **written)


def test_the_data_of_a_step_is_shown_as_it_was_written(designer: Client, draft: Draft):
    page = designer.get("/workflows/take_an_order/edit/?step=charge_card&section=data").text
    assert "<b>JSONPath</b>" in page
    for said in ("&quot;amount.$&quot;: &quot;$.total&quot;", "$.charge", "Catch States.ALL", "$.error"):
        assert said in page


def test_what_is_sent_as_it_was_changes_nothing(designer: Client, draft: Draft):
    before = graph_now(draft)
    for key, step in before.steps.items():
        for section in sections_of(step):
            assert save(designer, draft, key, section.key).status_code == 200, (key, section)
    assert graph_now(draft) == before


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("InputPath", "$.order", "$.order"),
        ("InputPath", "null", None),
        ("Parameters", '{"a": 1}', {"a": 1}),
        ("Parameters", '"a"', "a"),
        ("Assign", '{"x.$": "$.y"}', {"x.$": "$.y"}),
    ],
)
def test_a_field_is_kept_word_for_word(name: str, text: str, value: Any, designer: Client, draft: Draft):
    assert edited(designer, draft, "charge_card", **{name: text}).status_code == 200
    assert graph_now(draft).steps["charge_card"].flow.fields[name] == value
    page = designer.get("/workflows/take_an_order/edit/?step=charge_card&section=data")
    assert "".join(page.context["page"].form[name].value().split()) == text.replace(" ", "")


def test_an_emptied_field_is_gone_and_a_catcher_keeps_its_place(designer: Client, draft: Draft):
    edited(designer, draft, "charge_card", ResultPath="", **{"Catch.0": '{"ResultPath": "$.why"}'})
    fields = graph_now(draft).steps["charge_card"].flow.fields
    assert "ResultPath" not in fields
    assert fields["Catch"] == [{"ResultPath": "$.why"}]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("Parameters", "{", "A text stands in quotes."),
        ("Parameters", "hello", "A text stands in quotes."),
        ("Parameters", "NaN", "A text stands in quotes."),
        ("Catch.0", "7", "This must be a JSON object"),
    ],
)
def test_what_is_no_json_is_refused_at_the_field(
    name: str, text: str, sentence: str, designer: Client, draft: Draft
):
    answer = edited(designer, draft, "charge_card", **{name: text})
    assert (answer.status_code, sentence in answer.text) == (422, True)


def test_a_flaw_stands_at_its_field(designer: Client, draft: Draft):
    answer = edited(designer, draft, "charge_card", InputPath="$.[")
    assert answer.status_code == 200
    section = answer.context["page"].form
    assert [row.field.name for row in section.present if row.problems] == ["InputPath"]
    assert not section.problems_apart


def test_expressions_in_jsonata_need_no_quotes(designer: Client, dora: AbstractUser):
    draft = import_document(document=JSONATA, by=dora, key="sums")
    assert save(designer, draft, "tell", "data", Output="{% $states.result %}").status_code == 200
    assert graph_now(draft).steps["tell"].flow.fields["Output"] == "{% $states.result %}"
    page = designer.get("/workflows/sums/edit/?step=tell&section=data").text
    assert "<b>JSONata</b>" in page and "{% $states.result %}</textarea>" in page


def test_a_rule_reads_like_a_sentence_and_moves_with_its_data(designer: Client, dora: AbstractUser):
    rules = [
        {"Variable": "$.total", "NumericGreaterThan": 100, "Assign": {"size": "large"}, "Next": "Done"},
        {"Variable": "$.total", "NumericGreaterThan": 10, "Assign": {"size": "small"}, "Next": "Done"},
    ]
    states = {"Which?": {"Type": "Choice", "Choices": rules}, "Done": {"Type": "Succeed"}}
    draft = import_document(document={"StartAt": "Which?", "States": states}, by=dora, key="sizes")
    page = designer.get("/workflows/sizes/edit/?step=which&section=choices").text
    assert "$.total &gt; 100" in page
    rule = '{"Variable": "$.total", "NumericGreaterThan": 20}'
    assert save(designer, draft, "which", "choices", **{"options-1-when": rule}).status_code == 200
    assert [option.label for option in graph_now(draft).steps["which"].options] == [
        "total > 100",
        "total > 20",
    ]
    assert save(designer, draft, "which", "choices", do="down:options:0").status_code == 200
    step = graph_now(draft).steps["which"]
    assert [json.loads(option.when)["NumericGreaterThan"] for option in step.options] == [20, 100]
    assert step.flow.fields["Choices"] == [{"Assign": {"size": "small"}}, {"Assign": {"size": "large"}}]


def test_a_removed_catcher_takes_its_data_along(designer: Client, dora: AbstractUser):
    catchers = [
        {"ErrorEquals": ["A"], "ResultPath": "$.a", "Next": "Done"},
        {"ErrorEquals": ["B"], "ResultPath": "$.b", "Next": "Done"},
    ]
    states = {"Go": task("go", Catch=catchers, Next="Done"), "Done": {"Type": "Succeed"}}
    draft = import_document(document={"StartAt": "Go", "States": states}, by=dora, key="caught")
    save(designer, draft, "go", "links", do="remove:catch:0")
    step = graph_now(draft).steps["go"]
    assert [one.on for one in step.catch] == [("B",)]
    assert step.flow.fields["Catch"] == [{"ResultPath": "$.b"}]


def test_what_its_flow_says_is_offered_nowhere_else(designer: Client, draft: Draft):
    def sections(step: str) -> list[str]:
        page = designer.get(f"/workflows/take_an_order/edit/?step={step}").context["page"]
        return [tab.key for tab in page.tabs]

    assert sections("charge_card") == ["general", "input", "data", "retry", "undo", "links"]
    assert sections("is_it_large") == ["general", "choices", "data", "links"]
    assert sections("done") == ["general", "data"]
    assert sections("refused") == ["general", "error", "data"]


def test_what_its_result_is_made_of_can_be_said(designer: Client, draft: Draft):
    send(designer, draft, charge_card={"way": "http", "url": "https://pay.example.com"})
    assert "output.body" in str(graph_now(draft).steps["charge_card"].returns)
    assert edited(designer, draft, "charge_card", returns="output.body.charge").status_code == 200
    assert graph_now(draft).steps["charge_card"].returns == "${ output.body.charge }"
    assert edited(designer, draft, "charge_card", returns="").status_code == 200
    assert graph_now(draft).steps["charge_card"].returns is None


def test_expressions_of_a_bound_step_are_offered_its_arguments(designer: Client, draft: Draft):
    page = designer.get("/workflows/take_an_order/edit/?step=charge_card&section=input").text
    assert 'data-path="arguments"' in page
    assert "It called <code>arn:aws:lambda" in page
    assert f'href="{PAGE}">Bind it</a>' in page


def test_a_map_says_in_its_data_what_it_walks(designer: Client, dora: AbstractUser):
    inner = {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}
    each = {"Type": "Map", "ItemsPath": "$.rows", "MaxConcurrency": 3, "ItemProcessor": inner, "End": True}
    draft = import_document(document={"StartAt": "Each", "States": {"Each": each}}, by=dora, key="mapped")
    before = graph_now(draft)
    for section in sections_of(before.steps["each"]):
        assert save(designer, draft, "each", section.key).status_code == 200, section
    assert graph_now(draft) == before
    assert save(designer, draft, "each", "items", max_concurrency="7").status_code == 200
    assert graph_now(draft).steps["each"].max_concurrency == 7
    page = designer.get("/workflows/mapped/edit/?step=each&section=items").text
    assert "For each item of" not in page
