"""Definitions of real projects in the editor: a draft keeps them, each way binds them, and no form changes a thing."""

from typing import Any

import pytest

from designer.actions import import_document
from designer.drafts import with_contracts
from designer.forms import read_bindings, sections_of
from designer.graph import AnyStep, Graph, apply
from designer.interop.asl import bind
from designer.opening import open_document
from designer.queries import unbound_steps
from tests.designer.drafts import graph_now, shown
from tests.oracle.definitions import corpus, exceptions

pytestmark = pytest.mark.django_db

EVERY = 12  # of them: the room of the language opens them all
REFUSED = exceptions("real_definitions_exceptions")
CASES = [case for case in corpus("asl_real_definitions") if case["path"] not in REFUSED][::EVERY]
WAYS: list[dict[str, Any]] = [
    {"way": "step", "does": "data.transform@^1"},
    {"way": "http", "url": "https://example.com/"},
    {"way": "signal", "asks": "it.asked", "answer": "it.answered"},
    {"way": "review"},
    {"way": "publish", "signal": "it.happened"},
    {"way": "stub"},
]
real = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['repo']}/{case['path']}{case['ptr']}")


@real
def test_a_draft_keeps_every_word(case: dict[str, Any]):
    draft = import_document(document=case["definition"], by=None, key="opened")
    assert graph_now(draft).steps == open_document(case["definition"], key="opened").graph.steps


@real
def test_a_form_that_is_sent_as_it_was_changes_nothing(case: dict[str, Any]):
    graph = with_contracts(open_document(case["definition"], key="opened").graph)
    for step in graph.steps.values():
        check_forms(graph, step)


@real
@pytest.mark.parametrize("way", WAYS, ids=[way["way"] for way in WAYS])
def test_what_is_bound_can_be_edited(case: dict[str, Any], way: dict[str, Any]):
    graph = open_document(case["definition"], key="opened").graph
    ways = {step.key: way for step in unbound_steps(graph)}
    bound = with_contracts(bind(graph, read_bindings(graph, ways))) if ways else graph
    assert not unbound_steps(bound)
    for step in bound.steps.values():
        check_forms(bound, step)


def check_forms(graph: Graph, step: AnyStep) -> None:
    for section in sections_of(step):
        form = section(graph, step, shown(section(graph, step)))
        assert form.is_valid(), (step.key, section.key, form.errors)
        after = apply(graph, form.operation()).graph
        if section.key != "general":  # whose texts lose the spaces at their ends
            assert after.steps[step.key] == step, (step.key, section.key)
