"""Publishing: what is frozen, what is refused, and which number it gets."""

from dataclasses import replace

import pytest
from django.db import IntegrityError
from django.test import Client

from designer.actions import edit_draft, publish
from designer.actions.publishing import digest_of
from designer.graph import AddStep, Graph, ReplaceStep, SetHeader, Succeed, decode
from designer.models import Draft, Version, Workflow
from designer.refusals import NotPublishable
from tests.designer.drafts import SMALL, graph_now, revision_now, save
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/workflows/small/publish/"


def send(client: Client, draft: Draft, note: str = "Because.", revision: object = None):
    return client.post(
        PAGE, {"note": note, "revision": revision_now(draft) if revision is None else revision}
    )


def test_a_version_is_frozen_with_the_contracts_it_was_checked_against(designer: Client, dora, draft: Draft):
    answer = send(designer, draft)
    assert answer["Location"] == "/workflows/small/"
    version = Version.objects.get()
    assert (version.number, version.semantic, version.note, version.published_by) == (
        1,
        "1.0.0",
        "Because.",
        dora,
    )
    assert version.digest == digest_of(version.document)
    graph = decode(version.document)
    assert {reference: one.version for reference, one in graph.contracts.items()} == {
        "payments.charge@^2": "2.0.0", "payments.refund@^2": "2.0.0",
    }  # fmt: skip
    assert replace(graph, contracts={}) == decode(SMALL)
    workflow = Workflow.objects.get()
    assert (workflow.published, workflow.title, workflow.owner) == (version, "Small", "fulfilment")


def test_the_order_of_steps_and_answers_is_kept(dora, draft: Draft):
    publish(draft=draft, note="First.", revision=draft.revision, by=dora)
    document = Version.objects.get().document
    assert list(document["steps"]) == list(SMALL["steps"])
    assert list(document["steps"]["ask"]["outcomes"]) == ["approve", "reject"]


def test_a_draft_with_errors_stays_a_draft(designer: Client, draft: Draft):
    save(designer, draft, "charge", "input", **{"with-amount": ""})
    page = designer.get(PAGE).content.decode()
    assert 'aria-disabled="true" title="Fix 1 error first"' in page
    answer = send(designer, draft)
    assert answer.status_code == 422
    assert "The draft has 1 error, and a version has none." in answer.content.decode()
    assert not Version.objects.exists()


def test_warnings_hold_nothing_back(designer: Client, draft: Draft):
    save(designer, draft, "charge", "input", timeout="")
    assert send(designer, draft).status_code == 302


def test_a_note_is_needed(designer: Client, draft: Draft):
    answer = send(designer, draft, note=" ")
    assert (answer.status_code, "Say why this version exists." in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("revision", ["0", "4000"])
def test_a_draft_that_moved_is_looked_at_again(revision: str, designer: Client, draft: Draft):
    answer = send(designer, draft, revision=revision)
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "changed the draft since you looked at it. Look again." in said
    assert f'name="revision" value="{draft.revision}"' in said
    assert "Because." in said


@pytest.mark.parametrize("revision", ["", "x", "-1"])
def test_a_revision_that_is_none(revision: str, designer: Client, draft: Draft):
    assert send(designer, draft, revision=revision).status_code == 422


def test_nothing_new_is_not_published(designer: Client, draft: Draft):
    send(designer, draft)
    answer = send(designer, draft)
    assert (answer.status_code, "Nothing has changed since v1." in answer.content.decode()) == (422, True)


def test_the_changes_are_said_in_words(designer: Client, draft: Draft):
    assert designer.get(PAGE).content.decode().count('<h3 class="is-ok">') == 5
    send(designer, draft)
    save(designer, draft, "charge", "retry", attempts="5")
    page = designer.get(PAGE).content.decode()
    assert '<span class="what">attempts</span> <s>1</s> <b>5</b>' in page
    assert "Runs that are under way stay on v1" in page
    assert '<span class="tag">1.0.0 to 1.0.1</span>' in page


def test_what_was_not_changed_cannot_be_published(designer: Client, draft: Draft):
    send(designer, draft)
    page = designer.get(PAGE).content.decode()
    assert 'aria-disabled="true" title="Nothing has changed since v1"' in page


# --- which number comes next -----------------------------------------------------------------------------------


def step_up(draft: Draft, by, operation) -> str:
    draft = edit_draft(draft=draft, operation=operation, revision=revision_now(draft), by=by)
    return publish(draft=draft, note="Next.", revision=draft.revision, by=by).semantic


def schema(**changes: object) -> SetHeader:
    return SetHeader({"input": {**SMALL["input"], **changes}})


NEXT = [
    ("1.0.1", lambda graph: SetHeader({"title": "Smaller"})),
    ("1.0.1", lambda graph: ReplaceStep(replace(graph.steps["charge"], timeout=None))),
    ("1.1.0", lambda graph: AddStep("set", "note", after="charge")),
    ("1.1.0", lambda graph: ReplaceStep(replace(graph.steps["large"], otherwise="ask"))),
    ("1.1.0", lambda graph: schema(properties={**SMALL["input"]["properties"], "note": {"type": "string"}})),
    ("2.0.0", lambda graph: schema(
        required=[*SMALL["input"]["required"], "note"],
        properties={**SMALL["input"]["properties"], "note": {"type": "string"}},
    )),
    ("2.0.0", lambda graph: ReplaceStep(Succeed(key="done", title="Charged", output={"paid": True}))),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "change"), NEXT)
def test_the_semantic_version_says_how_much_changed(expected: str, change, dora, draft: Draft):
    publish(draft=draft, note="First.", revision=draft.revision, by=dora)
    graph: Graph = graph_now(draft)
    assert step_up(draft, dora, change(graph)) == expected


def test_numbers_count(dora, draft: Draft):
    publish(draft=draft, note="First.", revision=draft.revision, by=dora)
    assert step_up(draft, dora, SetHeader({"title": "B"})) == "1.0.1"
    assert step_up(draft, dora, AddStep("set", "note", after="charge")) == "1.1.0"
    assert step_up(draft, dora, SetHeader({"title": "C"})) == "1.1.1"
    assert list(draft.workflow.versions.values_list("number", flat=True)) == [4, 3, 2, 1]


def test_a_number_is_given_once(dora, draft: Draft):
    version = publish(draft=draft, note="First.", revision=draft.revision, by=dora)
    with pytest.raises(IntegrityError):
        Version.objects.create(
            workflow=version.workflow, number=1, semantic="9.9.9", document={}, digest="", note=""
        )


def test_the_action_itself_refuses(dora, draft: Draft):
    with pytest.raises(NotPublishable, match="A note is needed"):
        publish(draft=draft, note="", revision=draft.revision, by=dora)


def test_publishing_while_somebody_edits(designer: Client, draft: Draft):
    seen = revision_now(draft)
    save(signed_in(person("admin")), draft, "charge", "input", timeout="30s")
    assert send(designer, draft, revision=seen).status_code == 409
    assert not Version.objects.exists()
