"""Workflows, drafts and versions over the interface."""

import json
from copy import deepcopy

import pytest

from designer.graph import write_yaml
from designer.models import Draft, Version, Workflow
from tests.api.asking import Program, refused
from tests.api.conftest import ORDER

pytestmark = pytest.mark.django_db


def changed(**steps) -> dict:
    document = deepcopy(ORDER)
    document["steps"] |= steps
    return document


def test_a_workflow_is_created_from_json_and_from_yaml(designer: Program):
    answer = designer.post("/workflows/", ORDER)
    assert (answer.status_code, answer["Location"]) == (201, "http://testserver/api/v1/workflows/order/")
    told = answer.json()
    assert (told["key"], told["title"], told["owner"], told["published"]) == ("order", "Order", "acme", None)
    assert told["draft"]["edited_by"] == "dora"
    text = write_yaml({**ORDER, "key": "other"})
    for kind in ("application/yaml", "application/x-yaml; charset=utf-8"):
        answer = designer.send(
            "POST", "/workflows/", text.replace("key: other", f"key: other{len(kind)}"), kind
        )
        assert answer.status_code == 201
    assert Workflow.objects.count() == 3


def test_a_key_is_taken_once(designer: Program, order: Version):
    refused(designer.post("/workflows/", ORDER), 409, "conflict", "There is already a workflow “order”")
    refused(designer.post("/workflows/", {**ORDER, "key": "new"}), 409, "conflict", "address of a page")


@pytest.mark.parametrize(
    ("document", "name", "pointer"),
    [
        ({**ORDER, "choreo": 2}, "document-refused", "#/choreo"),
        ({**ORDER, "steps": {"one": {"kind": "dance"}}}, "document-refused", "#/steps/one/kind"),
        ({**ORDER, "step": {}}, "document-refused", "#/step"),
        ({}, "document-refused", "#/choreo"),
        ([], "malformed", "#"),
        ("order", "malformed", "#"),
        (None, "malformed", "#"),
    ],
)
def test_what_is_no_definition_is_refused_with_its_places(document, name, pointer, designer: Program):
    answer = designer.send("POST", "/workflows/", json.dumps(document))
    problem = refused(answer, 400 if name == "malformed" else 422, name)
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert not Workflow.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "This is not YAML"),
        ("a: &x [1]\nb: *x", "Anchors and aliases"),
        ("choreo: 1\nchoreo: 1", "given twice"),
        ("a: !!python/object:os.system x", "Tags"),
        ('{"a": ' + "[" * 60 + "]" * 60 + "}", "nested deeper"),
        ('{"a": "\\u0000"}', "NUL"),
        ("a: " + "9" * 5_000, "64 bits"),
        ("", "A document is an object"),
    ],
)
def test_what_cannot_be_read_is_refused_with_line_and_column(text: str, said: str, designer: Program):
    problem = refused(
        designer.send("POST", "/check/", text or " ", "application/yaml"), 400, "malformed", said
    )
    assert problem["errors"][0]["line"] >= 1


def test_a_document_that_is_too_large_or_no_text(designer: Program):
    refused(
        designer.send("POST", "/check/", b"a: " + b"x" * 600_000, "application/yaml"),
        413,
        "too-large",
        "512 KiB",
    )
    refused(designer.send("POST", "/check/", b"\xff\xfe", "application/yaml"), 400, "malformed", "UTF-8")


def test_workflows_are_listed_and_read(viewer: Program, order: Version):
    for number in range(3):
        Draft.objects.create(workflow=Workflow.objects.create(key=f"w{number}", title="W"))
    first = viewer.get("/workflows/?limit=3").json()
    second = viewer.get(first["next"]).json()
    assert [found["key"] for found in first["items"] + second["items"]] == ["order", "w0", "w1", "w2"]
    told = viewer.get("/workflows/order/").json()
    assert told == first["items"][0]
    assert (told["published"]["number"], told["published"]["semantic"]) == (1, "1.0.0")


def test_the_draft_is_read_as_json_and_as_yaml(viewer: Program, designer: Program, order: Version):
    answer = viewer.get("/workflows/order/draft/")
    assert (answer.json(), answer["ETag"]) == (ORDER, f'"{order.workflow.draft.revision}"')
    text = viewer.get("/workflows/order/draft/", Accept="application/yaml")
    assert text["Content-Type"] == "application/yaml; charset=utf-8"
    again = designer.send("PUT", "/workflows/order/draft/", text.content, "application/yaml")
    assert (again.status_code, again["ETag"]) == (200, answer["ETag"])


def test_the_draft_is_replaced_and_can_be_undone(designer: Program, order: Version):
    document = changed(done={"kind": "succeed", "title": "All done"})
    answer = designer.put("/workflows/order/draft/", document)
    assert answer.status_code == 200
    assert designer.get("/workflows/order/draft/").json()["steps"]["done"]["title"] == "All done"
    assert order.workflow.draft.edits.first().label == "Import a document"


def test_the_draft_is_replaced_only_as_it_was_seen(designer: Program, order: Version):
    tag = designer.get("/workflows/order/draft/")["ETag"]
    document = changed(done={"kind": "succeed", "title": "Mine"})
    assert designer.put("/workflows/order/draft/", document, If_Match=tag).status_code == 200
    other = changed(done={"kind": "succeed", "title": "Theirs"})
    refused(
        designer.put("/workflows/order/draft/", other, If_Match=tag), 412, "precondition-failed", "revision 2"
    )
    assert designer.put("/workflows/order/draft/", other, If_Match="*").status_code == 200


def test_a_document_of_another_workflow_is_refused(designer: Program, order: Version):
    refused(
        designer.put("/workflows/order/draft/", {**ORDER, "key": "other"}),
        409,
        "conflict",
        "Import it as a new",
    )


def test_a_draft_is_checked(viewer: Program, designer: Program, order: Version):
    told = viewer.get("/workflows/order/draft/check/").json()
    assert (told["publishable"], told["problems"], told["revision"]) == (True, [], 1)
    designer.put(
        "/workflows/order/draft/",
        changed(lost={"kind": "succeed"}, one={**ORDER["steps"]["one"], "next": "dne"}),
    )
    told = viewer.get("/workflows/order/draft/check/").json()
    assert (told["publishable"], told["revision"]) == (False, 2)
    found = told["problems"][0]
    assert found["severity"] == "error"
    assert found["step"] == "one"
    assert found["code"]
    fixes = [problem["fix"] for problem in told["problems"] if problem["fix"]]
    assert all(fix["label"] and fix["operation"] for fix in fixes)
    assert fixes


def test_a_document_is_checked_without_being_kept(designer: Program):
    answer = designer.post("/check/", changed(lost={"kind": "succeed"}))
    assert answer.status_code == 200
    assert (answer.json()["publishable"], answer.json()["revision"]) == (False, None)
    assert not Workflow.objects.exists()


def test_a_draft_is_published(designer: Program):
    designer.post("/workflows/", ORDER)
    revision = designer.get("/workflows/order/").json()["draft"]["revision"]
    answer = designer.post("/workflows/order/draft/publish/", {"note": "Why not", "revision": revision})
    assert (answer.status_code, answer["Location"]) == (
        201,
        "http://testserver/api/v1/workflows/order/versions/1/",
    )
    assert (answer.json()["note"], answer.json()["published_by"]) == ("Why not", "dora")
    again = designer.post("/workflows/order/draft/publish/", {"note": "Again", "revision": revision})
    refused(again, 422, "not-publishable", "Nothing has changed since v1.")


def test_only_what_was_looked_at_is_published(designer: Program, order: Version):
    designer.put("/workflows/order/draft/", changed(done={"kind": "succeed"}))
    refused(
        designer.post("/workflows/order/draft/publish/", {"note": "n", "revision": 1}), 409, "draft-moved"
    )
    assert order.workflow.versions.count() == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"revision": 1}, "#/note"),
        ({"note": " ", "revision": 1}, "#/note"),
        ({"note": "n"}, "#/revision"),
        ({"note": "n", "revision": -1}, "#/revision"),
        ({"note": "n", "revision": 2**40}, "#/revision"),
        ({"note": "n", "revision": 1.0}, "#/revision"),
    ],
)
def test_a_publication_that_is_not_right_is_refused(body, pointer: str, designer: Program, order: Version):
    problem = refused(designer.post("/workflows/order/draft/publish/", body), 422, "invalid")
    assert problem["errors"][0]["pointer"] == pointer


def test_versions_are_listed_read_and_exported(viewer: Program, order: Version):
    assert [found["number"] for found in viewer.get("/workflows/order/versions/").json()["items"]] == [1]
    assert viewer.get("/workflows/order/versions/1/").json()["digest"] == order.digest
    document = viewer.get("/workflows/order/versions/1/document/").json()
    assert document["contracts"].keys() == {"acme.echo@^1"}
    yaml = viewer.get("/workflows/order/versions/1/document/", Accept="application/yaml")
    assert yaml.content.decode() == write_yaml(document)
    refused(viewer.get("/workflows/order/versions/2/"), 404, "not-found", "“order” has no version 2.")
    refused(viewer.get(f"/workflows/order/versions/{'9' * 40}/"), 404)
    refused(viewer.get("/workflows/none/versions/"), 404, "not-found", "There is no workflow “none”.")


def test_what_can_be_had_is_said_where_it_cannot(viewer: Program, order: Version):
    refused(
        viewer.get("/workflows/order/draft/", Accept="text/html"), 406, "not-acceptable", "application/yaml"
    )


def test_step_types_are_listed_and_read(viewer: Program):
    items = viewer.get("/step-types/").json()["items"]
    assert "acme.echo@1.0.0" in [found["reference"] for found in items]
    for reference in ("acme.echo", "acme.echo@^1", "acme.echo@1.0.0"):
        assert viewer.get(f"/step-types/{reference}/").json()["reference"] == "acme.echo@1.0.0"
    refused(viewer.get("/step-types/acme.eko/"), 404, "not-found", "Did you mean acme.echo")
    refused(viewer.get("/step-types/acme.echo@^9/"), 404, "not-found", "there is 1.0.0")
