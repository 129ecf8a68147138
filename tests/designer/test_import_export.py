"""Documents in and out: what comes out goes in again, and what is wrong is said with its place."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from designer.actions import publish
from designer.graph import decode, read_document, write_json, write_yaml
from designer.models import Draft, Workflow
from tests.designer.drafts import SMALL, graph_now, revision_now, save
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("write", [write_yaml, write_json])
def test_a_pasted_document_becomes_a_draft(write, designer: Client):
    answer = designer.post("/workflows/import/", {"document": write(SMALL)})
    assert answer["Location"] == "/workflows/small/edit/"
    assert graph_now(Workflow.objects.get().draft).steps == decode(SMALL).steps


def test_a_file_becomes_a_draft(designer: Client):
    file = SimpleUploadedFile("small.yaml", write_yaml(SMALL).encode())
    assert designer.post("/workflows/import/", {"file": file, "document": ""}).status_code == 302
    assert list(graph_now(Workflow.objects.get().draft).steps) == list(SMALL["steps"])


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_what_comes_out_goes_in_again(kind: str, designer: Client, draft: Draft):
    answer = designer.get(f"/workflows/small/export.{kind}")
    assert answer["Content-Disposition"] == f'attachment; filename="small.{kind}"'
    assert read_document(answer.content.decode()) == SMALL


def test_a_version_comes_out_with_its_contracts(designer: Client, dora, draft: Draft):
    publish(draft=draft, note="First.", revision=draft.revision, by=dora)
    document = json.loads(designer.get("/workflows/small/export.json?version=1").content)
    assert document["contracts"]["payments.charge@^2"]["version"] == "2.0.0"
    assert "contracts" not in read_document(designer.get("/workflows/small/export.yaml").content.decode())


def test_a_document_into_a_draft_is_one_edit(designer: Client, draft: Draft):
    changed = {
        **SMALL,
        "title": "Smaller",
        "steps": {**SMALL["steps"], "refused": {"kind": "fail", "error": "No"}},
    }
    sent = {"document": write_yaml(changed), "revision": str(draft.revision)}
    answer = designer.post("/workflows/import/?into=small", sent)
    assert answer.status_code == 302
    assert graph_now(draft).title == "Smaller"
    assert draft.edits.count() == 2
    designer.post("/workflows/small/edit/undo/", {"revision": str(revision_now(draft))})
    assert graph_now(draft).title == "Small"


def test_a_document_does_not_replace_what_nobody_has_seen(designer: Client, draft: Draft):
    save(signed_in(person("admin")), draft, "charge", "input", timeout="30s")
    changed = write_yaml({**SMALL, "title": "Smaller"})
    stale = designer.post(
        "/workflows/import/?into=small", {"document": changed, "revision": str(draft.revision)}
    )
    assert stale.status_code == 409
    page = stale.content.decode()
    assert "ada changed the draft since you looked at it. Look again." in page
    assert f'name="revision" value="{revision_now(draft)}"' in page
    assert graph_now(draft).title == "Small"


BAD = [
    ("", "Choose a file or paste a document."),
    ("just words", "A document is an object"),
    ("choreo: 1\nkey: [", "Line "),
    ("choreo: 2\nkey: small\nsteps: {}\n", "of a later Choreo; this one reads 1"),
    ("key: small\nsteps: {}\n", "must say which format it is in"),
    ("choreo: 1\nkey: Not A Key\n", "cannot be a key"),
    ("choreo: 1\nkey: other\nsteps:\n  a: {kind: actoin}\n", "Did you mean “action”?"),
    ("choreo: 1\nkey: other\nsteps:\n  a: {kind: wait, for: soon}\n", "is not a duration"),
    ("choreo: 1\nkey: other\nstpes: {}\n", "Did you mean “steps”?"),
    ('{"choreo": 1, "key": "other", "key": "again"}', "is given twice"),
    ("choreo: 1\nkey: small\n", "There is already a workflow “small”."),
    ("choreo: 1\nkey: new\n", "is the address of a page"),
]


@pytest.mark.parametrize(("text", "sentence"), BAD)
def test_a_document_that_is_none(text: str, sentence: str, designer: Client, draft: Draft):
    answer = designer.post("/workflows/import/", {"document": text})
    said = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in said
    assert text.splitlines()[-1].replace('"', "&quot;") in said if text else True
    assert Workflow.objects.count() == 1


def test_a_file_that_is_no_text_is_refused(designer: Client):
    file = SimpleUploadedFile("small.yaml", b"\xff\xfe\x00")
    answer = designer.post("/workflows/import/", {"file": file})
    assert answer.status_code == 422
    assert "The file is not text in UTF-8." in answer.content.decode()


def test_the_text_of_a_flawed_file_is_shown(designer: Client):
    file = SimpleUploadedFile("small.yaml", b"choreo: 1\nkey: other\nstart: 5\n")
    said = designer.post("/workflows/import/", {"file": file}).content.decode()
    assert "<code>start</code>: This must be text" in said
    assert "start: 5" in said


def test_a_document_of_another_workflow_does_not_go_into_this_one(designer: Client, draft: Draft):
    answer = designer.post(
        "/workflows/import/?into=small", {"document": "choreo: 1\nkey: other\n", "revision": "1"}
    )
    assert answer.status_code == 422
    assert "The document is of “other”, and this is “small”." in answer.content.decode()
    assert draft.edits.count() == 1


def test_a_step_type_that_is_not_there_is_a_problem_of_the_draft(designer: Client):
    steps = {"only": {"kind": "action", "does": "payments.chrage@^2"}}
    document = {"choreo": 1, "key": "odd", "start": "only", "steps": steps}
    page = designer.post(
        "/workflows/import/", {"document": write_yaml(document)}, follow=True
    ).content.decode()
    assert "There is no step type payments.chrage@^2. Did you mean" in page
