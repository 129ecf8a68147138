"""The editor's page: three panes, at a step and a section, for every kind of step."""

import pytest
from django.test import Client

from designer.drafts import problems_of
from designer.forms import sections_of
from designer.models import Draft
from tests.designer.drafts import graph_now

pytestmark = pytest.mark.django_db

KINDS = {
    "both": {
        "kind": "parallel",
        "branches": {"left": {"start": "a", "steps": {"a": {"kind": "set"}}}, "right": {}},
    },
    "pause": {"kind": "wait", "for": "5m", "next": "note"},
    "note": {"kind": "set", "assign": {"total": "${ input.amount }"}, "next": "charge"},
}


def test_every_section_of_every_kind_opens(designer: Client, made):
    draft = made(**KINDS)
    steps = [None, *graph_now(draft).steps.values()]
    assert {step.kind for step in steps if step} == {
        "action", "choice", "parallel", "review", "wait", "set", "succeed", "fail",
    }  # fmt: skip
    for step in steps:
        for section in sections_of(step):
            asked = {"section": section.key, **({"step": step.key} if step else {})}
            page = designer.get("/workflows/small/edit/", asked)
            assert page.status_code == 200, (step, section)
            assert section.heading in page.content.decode()


def test_it_opens_at_the_workflow(designer: Client, draft: Draft):
    page = designer.get("/workflows/small/edit/").content.decode()
    assert 'aria-current="true"><svg class="icon icon-workflows"' in page
    assert "No problems" in page
    assert "Publish v1" in page


def test_a_step_opens_at_what_its_kind_is_about(designer: Client, draft: Draft):
    assert (
        'name="with-amount" value="input.amount"'
        in designer.get("/workflows/small/edit/?step=charge").content.decode()
    )
    assert "input.amount &gt; 100.0" in designer.get("/workflows/small/edit/?step=large").content.decode()


def test_values_on_offer_are_those_that_are_there(designer: Client, draft: Draft):
    first = designer.get("/workflows/small/edit/?step=charge").content.decode()
    later = designer.get("/workflows/small/edit/?step=ask&section=evidence").content.decode()
    assert '<li data-path="input.amount" data-type="number"' in first
    assert 'data-path="steps.charge.output.id"' not in first
    assert 'data-path="steps.charge.output.id"' in later


def test_an_undo_sees_what_its_step_gave(designer: Client, draft: Draft):
    page = designer.get("/workflows/small/edit/?step=charge&section=undo").content.decode()
    assert 'data-path="output.id"' in page
    assert "payments.refund@^2 · Refund card (undoes this step)" in page


def test_problems_are_counted_where_they_are(designer: Client, made):
    draft = made(
        charge={
            "kind": "action",
            "title": "Charge card",
            "does": "payments.charge@^2",
            "timeout": "10s",
            "next": "done",
        }
    )
    page = designer.get("/workflows/small/edit/").content.decode()
    errors = [problem for problem in problems_of(draft) if problem.severity == "error"]
    assert f"{len(errors)} errors</span>" in page
    assert 'aria-disabled="true" title="Fix ' in page
    assert "needs “amount”" in page


def test_the_outline_tells_groups(designer: Client, made):
    made(**KINDS)
    page = designer.get("/workflows/small/edit/").content.decode()
    assert '<span class="label">if More than 100</span>' in page
    assert "in parallel" in page
