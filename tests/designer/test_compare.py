"""Two states of a workflow beside each other."""

from dataclasses import replace

import pytest
from django.test import Client

from designer.actions import edit_draft, publish
from designer.catalog import Level
from designer.graph import AddStep, Operation, RemoveStep, SetHeader, apply, decode
from designer.models import Draft
from designer.queries import Comparison
from designer.versions import graph_of
from tests.designer.drafts import SMALL, graph_now, revision_now, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(dora, draft: Draft) -> Draft:
    publish(draft=draft, note="First.", revision=draft.revision, by=dora)
    return draft


def edit(draft: Draft, dora, operation: Operation) -> None:
    edit_draft(draft=draft, operation=operation, revision=revision_now(draft), by=dora)


def test_both_graphs_stand_side_by_side_with_what_changed(designer: Client, dora, published: Draft):
    edit(published, dora, AddStep("set", "note", "Note", after="charge"))
    edit(published, dora, RemoveStep("ask"))
    save(designer, published, "charge", "input", timeout="30s")
    page = designer.get("/workflows/small/compare/1/draft/").content.decode()
    assert '<svg class="node is-box removed" id="before-ask"' in page
    assert '<svg class="node is-box changed" id="before-charge"' in page
    assert '<svg class="node is-box new" id="after-note"' in page
    assert 'id="after-ask"' not in page
    assert '<span class="what">timeout</span> <s>10s</s> <b>30s</b>' in page
    assert "<s>Ask a person</s>" in page
    assert "Runs go another way." in page


def test_versions_are_compared_in_either_order(designer: Client, dora, published: Draft):
    save(designer, published, "charge", "input", timeout="30s")
    publish(draft=published, note="Second.", revision=revision_now(published), by=dora)
    assert "<s>10s</s> <b>30s</b>" in designer.get("/workflows/small/compare/1/2/").content.decode()
    assert "<s>30s</s> <b>10s</b>" in designer.get("/workflows/small/compare/v2/v1/").content.decode()


def test_the_same_twice_says_so(designer: Client, published: Draft):
    assert "Nothing: v1 says the same." in designer.get("/workflows/small/compare/1/draft/").content.decode()


def test_where_a_step_leads_since_another_came_is_no_news_of_its_own(
    designer: Client, dora, published: Draft
):
    edit(published, dora, AddStep("set", "note", "Note", after="charge"))
    found = Comparison(graph_of(published.workflow.versions.get().pk), graph_now(published))
    assert found.marks == {"note": "new"}
    assert [change.text for change in found.changes] == ["next step Is it large? to Note", "Note step"]
    outline = designer.get("/workflows/small/edit/").content.decode().partition('class="changes"')[2]
    assert "next step" not in outline


@pytest.mark.parametrize(
    ("which", "sentence"),
    [
        ("7", "“small” has no version 7."),
        ("99999999999999", "neither a version, such as 14, nor “draft”"),
        ("drfat", "“drfat” is neither a version"),
        ("0", "“small” has no version 0."),
    ],
)
def test_a_version_that_is_none(which: str, sentence: str, designer: Client, published: Draft):
    answer = designer.get(f"/workflows/small/compare/{which}/draft/")
    assert (answer.status_code, sentence in answer.content.decode()) == (404, True)


def changed(*operations: Operation) -> Comparison:
    before = after = decode(SMALL)
    for operation in operations:
        after = apply(after, operation).graph
    return Comparison(before, after)


@pytest.mark.parametrize(
    ("operation", "level", "sentence"),
    [
        (SetHeader({"title": "Other"}), Level.PATCH, ""),
        (AddStep("set", "note", after="charge"), Level.MINOR, "Runs go another way."),
        (SetHeader({"input": {"type": "object", "required": ["order_id", "amount", "card", "vat"],
                              "properties": {"vat": {"type": "string"}}}}),
         Level.MAJOR, "input.vat is now required."),
        (RemoveStep("done"), Level.MAJOR, "The end done is gone."),
        (AddStep("succeed", "early"), Level.MAJOR, "The end early is new."),
    ],
)  # fmt: skip
def test_the_verdict_is_about_those_outside(operation: Operation, level: Level, sentence: str):
    found = changed(operation)
    assert found.level == level
    assert not sentence or sentence in [reason.sentence for reason in found.reasons]


def test_a_step_type_of_another_version_is_told(published: Draft):
    before = graph_of(published.workflow.versions.get().pk)
    older = {
        reference: replace(contract, version="2.0.99", errors=())
        for reference, contract in before.contracts.items()
    }
    found = Comparison(replace(before, contracts=older), graph_now(published))
    pin = next(pin for pin in found.pins if pin.key == "payments.charge")
    assert (pin.was, pin.level) == ("2.0.99", Level.MINOR)
    assert pin.sentences
