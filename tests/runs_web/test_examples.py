"""Example values in the editor come from the newest run that is over."""

from typing import Any

import pytest
from django.test import Client

from designer.actions import import_document
from designer.models import Draft
from runs.actions import start_run
from tests.actions.flows import branches, echo, flow
from tests.factories import Hand, a_run, a_version
from tests.people import person, signed_in

INPUT = {"type": "object", "properties": {"n": {"type": "integer"}}}
FLOW = {
    **flow(
        one=echo("${ input.n }", next="both"),
        both=branches("last", left=echo("${ input.n }"), right=echo("r")),
        last=echo("${ steps.both.output.left }"),
    ),
    "input": INPUT,
    "business_key": "ORD-7",
}


@pytest.fixture
def designer(db: None) -> Client:
    return signed_in(person("designer"))


@pytest.fixture
def draft(db: None) -> Draft:
    document: dict[str, Any] = {"choreo": 1, "key": "flow", "title": "Flow", "owner": "acme", **FLOW}
    return import_document(document=document, by=person("designer"))


def examples(client: Client, step: str, section: str = "input") -> str:
    return client.get(f"/workflows/flow/examples/{step}/{section}/").content.decode()


def finished(inputs: dict[str, Any], **outputs: Any) -> None:
    """A run of the flow whose steps gave these."""
    hand = Hand()
    a_run(FLOW, inputs)
    hand.claim()
    for key, output in outputs.items():
        hand.succeed(key, output)
        hand.claim()


def test_without_a_run_they_are_made_from_the_schema(designer: Client, draft: Draft):
    said = examples(designer, "one")
    assert 'id="one-input-with-value-example" title="1"' in said
    assert 'hx-swap-oob="outerHTML">1</span>' in said


def test_they_are_what_the_newest_run_had(designer: Client, draft: Draft):
    finished({"n": 41}, one="a", left="b", right="c", last="d")
    finished({"n": 42}, one="a", left={"x": "later"}, right="c", last="d")
    start_run(version=a_version(FLOW), inputs={"n": 43})  # not over
    assert 'title="42 in ORD-7"' in examples(designer, "one")
    assert "{&quot;x&quot;: &quot;later&quot;}</span>" in examples(designer, "last")


def test_what_that_run_did_not_have_is_no_value(designer: Client, draft: Draft):
    finished({})  # the first step cannot be given what it asks for
    assert ">no value</span>" in examples(designer, "one")


def test_who_may_not_see_runs_gets_no_values_of_theirs(draft: Draft, designer: Client):
    finished({"n": 41}, one="a", left="b", right="c", last="d")
    dora = person("designer")
    for group in dora.groups.all():
        group.permissions.remove(*group.permissions.filter(codename="view_run"))
    assert "41" not in examples(signed_in(dora), "one")


@pytest.mark.parametrize(("step", "section"), [("nothing", "input"), ("one", "nothing"), ("one", "general")])
def test_what_has_no_examples_is_not_there(step: str, section: str, designer: Client, draft: Draft):
    assert designer.get(f"/workflows/flow/examples/{step}/{section}/").status_code == 404


def test_only_designers_ask(viewer: Client, draft: Draft):
    assert viewer.get("/workflows/flow/examples/one/input/").status_code == 403
