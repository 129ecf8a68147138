"""The forms of steps that start runs, of locks and milestones, of ends that end it all and of the run's deadline."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from designer.actions import publish
from designer.drafts import problems_of
from designer.forms import find_section
from designer.models import Draft, Version
from tests.designer.drafts import graph_now, save
from tests.factories import a_user, a_version

pytestmark = pytest.mark.django_db

NUMBER = {
    "type": "object",
    "required": ["total"],
    "properties": {"total": {"type": "number"}},
    "additionalProperties": False,
}
CATCH = {"catch": [{"on": ["*"], "next": "refused"}]}
SUB = {
    "kind": "workflow",
    "title": "Bill it",
    "runs": "billing",
    "with": {"total": "${ input.amount }"},
    "next": "done",
}


@pytest.fixture
def billing() -> Version:
    end = {"kind": "succeed", "output": {"number": "${ string(input.total) }"}}
    return a_version(
        {"key": "billing", "title": "Billing", "input": NUMBER, "start": "end", "steps": {"end": end}}
    )


@pytest.fixture
def draft(billing: Version, made: Callable[..., Draft]) -> Draft:
    return made(
        charge={
            "kind": "choice",
            "choose": [{"when": "input.amount > 1.0", "next": "large"}],
            "otherwise": "ask",
        },
        large={**SUB, **CATCH},
        ask={"kind": "fail", "error": "Refused"},
        done={"kind": "succeed", "title": "Charged", "output": "${ steps.large.output.number }"},
    )


WRITTEN: list[Any] = [
    ("large", "workflow", {"runs": "billing@^1"}, lambda s: s.runs, "billing@^1"),
    ("large", "workflow", {"awaited": None}, lambda s: s.awaited, False),
    ("large", "workflow", {"with-total": "input.order_id"}, lambda s: s.inputs,
     {"total": "${ input.order_id }"}),
    ("large", "general", {"lock": "bill-${ input.order_id }"}, lambda s: s.lock, "bill-${ input.order_id }"),
    ("large", "general", {"only_while": "input.amount > 1.0"}, lambda s: s.only_while, "${ input.amount > 1.0 }"),
    ("done", "output", {"ends_run": "on"}, lambda s: s.ends_run, True),
    ("ask", "error", {"ends_run": "on"}, lambda s: s.ends_run, True),
]  # fmt: skip


@pytest.mark.parametrize(("step", "section", "written", "read", "expected"), WRITTEN)
def test_what_is_written_is_in_the_draft(
    designer: Client, draft: Draft, step: str, section: str, written: dict[str, Any], read: Any, expected: Any
) -> None:
    assert save(designer, draft, step, section, **written).status_code == 200
    assert read(graph_now(draft).step(step)) == expected


def test_the_run_itself_has_a_deadline(designer: Client, draft: Draft) -> None:
    answer = save(designer, draft, None, "settings", deadline="2h")
    assert answer.status_code == 200
    assert graph_now(draft).deadline == timedelta(hours=2)
    assert save(designer, draft, None, "settings", deadline="").status_code == 200
    assert graph_now(draft).deadline is None


def test_its_form_offers_what_is_published_and_asks_for_what_it_takes(draft: Draft) -> None:
    graph = graph_now(draft)
    section_type = find_section(graph.step("large"), "workflow")
    assert section_type is not None
    section: Any = section_type(graph, graph.step("large"))
    assert [value for value, _ in section.fields["runs"].choices] == [
        "",
        "billing",
        "billing@^1",
        "billing@1.0.0",
    ]
    assert [(row.name, row.required) for row in section.mapping] == [("total", True)]


def test_what_its_run_gives_is_known_where_it_is_read(designer: Client, draft: Draft) -> None:
    assert [p.code for p in problems_of(draft) if p.severity == "error"] == []
    save(designer, draft, "done", "output", whole="steps.large.output.nummer")
    assert "unknown_path" in [p.code for p in problems_of(draft)]


def test_what_it_lacks_and_what_nobody_knows_are_problems(designer: Client, draft: Draft) -> None:
    save(designer, draft, "large", "workflow", **{"with-total": ""})
    assert "missing_input" in [p.code for p in problems_of(draft)]


def test_publishing_pins_the_version_that_was_checked(draft: Draft, billing: Version) -> None:
    version = publish(draft=draft, note="first", revision=draft.revision, by=a_user("pia"))
    assert version.document["contracts"]["billing"]["version"] == billing.semantic


def test_a_workflow_that_starts_itself_can_be_published_the_first_time(made: Callable[..., Draft]) -> None:
    draft = made(again={"kind": "workflow", "runs": "small", "with": {"amount": 1}, "next": "done"})
    assert "unknown_workflow" not in {problem.code for problem in problems_of(draft)}
