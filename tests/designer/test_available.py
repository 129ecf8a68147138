"""The value picker offers exactly what is there: whatever it offers passes the checks."""

from dataclasses import replace

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings

from designer.actions import add_secret
from designer.drafts import problems_of
from designer.graph import Action, Graph, Loop, ReplaceStep, Severity, apply, check, decode, offers
from designer.models import Draft
from designer.queries import available, available_after
from tests.designer.drafts import SMALL, graph_now, save
from tests.graph.strategies import graphs
from tests.people import person

MISSING = {"unknown_step", "value_not_always_there", "unknown_variable", "variable_not_always_set", "unknown_path",
           "name_not_known_here", "bad_expression"}  # fmt: skip


def told(graph: Graph, key: str) -> set[str]:
    found = check(graph)
    return {one.message for one in found if one.step == key and one.code in MISSING}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_every_path_it_offers_passes_the_checks(graph: Graph):
    for step in list(graph.steps.values())[:12]:
        paths = [value.path for source in available(graph, step) for value in source.values]
        if not isinstance(step, Action) or not paths:
            continue
        given_all = {f"x{number}": f"${{ {path} }}" for number, path in enumerate(paths)}
        plain = apply(graph, ReplaceStep(replace(step, inputs={}))).graph
        again = apply(graph, ReplaceStep(replace(step, inputs=given_all))).graph
        assert told(again, step.key) == told(plain, step.key)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_every_path_it_offers_after_a_round_passes_the_checks(graph: Graph):
    for loop in [step for step in graph.steps.values() if isinstance(step, Loop)][:4]:
        for source in available_after(graph, loop, loop.scope_of(loop.BODY), "until"):
            for value in source.values:
                asked = replace(loop, until=f"${{ [{value.path}].size() > 0 }}", times=None, goes_on="")
                assert told(apply(graph, ReplaceStep(asked)).graph, loop.key) <= told(graph, loop.key)


def test_after_a_round_its_own_steps_are_offered():
    draw = {"kind": "emit", "signal": "drawn"}
    loop = {"kind": "loop", "until": "steps.draw.output.key == '7'", "start": "draw", "steps": {"draw": draw}}
    graph = decode({"choreo": 1, "key": "drawing", "start": "again", "steps": {"again": loop}})
    again = graph.steps["again"]
    assert isinstance(again, Loop)
    found = available_after(graph, again, again.scope_of(again.BODY), "until")
    assert {source.only for source in found} == {"until"}
    paths = {value.path for source in found for value in source.values}
    assert {"steps.draw.output.key", "index"} <= paths
    assert not paths & {value.path for source in available(graph, again) for value in source.values}


def test_a_step_on_another_way_is_not_offered():
    graph = decode(SMALL)
    paths = {offer.path for offer in offers(graph, graph.steps["done"])}
    assert "steps.charge.output" in paths
    assert "steps.ask.output" not in paths  # there is a way round it
    read = replace(graph.steps["done"], output="${ steps.ask.output.reason }")
    problems = check(apply(graph, ReplaceStep(read)).graph)
    assert [one.code for one in problems if one.severity is Severity.ERROR and one.step == "done"] == [
        "value_not_always_there"
    ]


def test_what_a_contract_does_not_promise_may_be_missing():
    schema = {**SMALL["input"], "required": ["order_id"]}
    graph = decode({**SMALL, "input": schema})
    sure = {offer.path: offer.sure for offer in offers(graph, graph.steps["charge"])}
    assert sure["input.order_id"]
    assert not sure["input.amount"]
    assert sure["run.id"]


def test_the_error_is_offered_where_one_was_caught():
    steps = {**SMALL["steps"]}
    steps["charge"] = {**steps["charge"], "catch": [{"on": ["*"], "next": "caught"}]}
    steps["caught"] = {"kind": "fail", "error": "Refused", "message": "${ error.message }"}
    graph = decode({**SMALL, "steps": steps})
    assert "error.message" in {offer.path for offer in offers(graph, graph.steps["caught"])}
    assert "error.message" not in {offer.path for offer in offers(graph, graph.steps["done"])}


def test_only_an_undo_and_an_assignment_see_the_output():
    graph = decode(SMALL)
    plain = [source.name for source in available(graph, graph.steps["charge"])]
    after = [source.name for source in available(graph, graph.steps["charge"], output=True)]
    assert plain == ["What the run was started with", "The run", "The time"]
    assert after == ["What this step gave", *plain]


@pytest.mark.django_db(transaction=True)
def test_secrets_are_offered_by_name_where_a_step_type_is_called(designer: Client, draft: Draft):
    assert "Secrets" not in shown(designer, "input")
    add_secret(name="mail_password", value="C4nary-value", by=person("admin"))
    for section in ("input", "undo"):
        page = shown(designer, section)
        assert '<section data-source="Secrets">' in page
        assert 'data-path="secret.mail_password" data-type="secret"' in page
        assert "C4nary-value" not in page
    assert "secret.mail_password" not in shown(designer, "output")
    assert "secret.mail_password" not in shown(designer, "choices", step="large")


@pytest.mark.django_db(transaction=True)
def test_a_secret_that_was_picked_passes_the_checks(designer: Client, draft: Draft):
    add_secret(name="mail_password", value="C4nary-value", by=person("admin"))
    save(designer, draft, "charge", "input", **{"with-card": "secret.mail_password"})
    assert graph_now(draft).steps["charge"].inputs["card"] == "${ secret.mail_password }"  # type: ignore[union-attr]
    assert problems_of(draft) == ()


def shown(client: Client, section: str, step: str = "charge") -> str:
    return client.get(f"/workflows/small/edit/?step={step}&section={section}").content.decode()
