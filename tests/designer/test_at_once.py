"""Several people at the same moment: one wins where they meet, all where they do not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from designer.actions import create_workflow, edit_draft, import_document, publish, undo_edit
from designer.graph import AddStep, Operation, ReplaceStep
from designer.models import Draft, Version, Workflow
from designer.refusals import DraftMoved, KeyRefused, NotPublishable
from tests.designer.drafts import SMALL, graph_now
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 4


@pytest.fixture
def draft(transactional_db: None) -> Draft:
    return import_document(document=SMALL, by=person("designer"))


def together(*doings: Callable[[], Any]) -> list[Any]:
    """What each gives, or raises, when all begin at once."""
    barrier = Barrier(len(doings))

    def begin(doing: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return doing()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(doings)) as threads:
        return list(threads.map(begin, doings))


def editing(draft: Draft, operation: Operation) -> Callable[[], Draft]:
    by = person("designer")
    return lambda: edit_draft(draft=draft, operation=operation, revision=draft.revision, by=by)


def test_one_of_those_who_change_the_same_step_wins(draft: Draft):
    charge = graph_now(draft).steps["charge"]
    titles = [f"Charge {number}" for number in range(PEOPLE)]
    found = together(*(editing(draft, ReplaceStep(replace(charge, title=title))) for title in titles))
    assert sorted(type(one).__name__ for one in found) == ["Draft"] + ["DraftMoved"] * (PEOPLE - 1)
    won = next(number for number, one in enumerate(found) if isinstance(one, Draft))
    assert graph_now(draft).steps["charge"].title == titles[won]
    assert draft.edits.count() == 2


def test_all_of_those_who_change_other_steps_win(draft: Draft):
    steps = graph_now(draft).steps
    found = together(*(editing(draft, ReplaceStep(replace(step, notes="Seen."))) for step in steps.values()))
    assert {type(one) for one in found} == {Draft}
    assert {step.notes for step in graph_now(draft).steps.values()} == {"Seen."}
    assert list(draft.edits.values_list("revision", flat=True)) == list(range(len(steps) + 1, 0, -1))


def test_steps_added_at_once_are_all_there(draft: Draft):
    together(*(editing(draft, AddStep("set", f"note_{number}", after="charge")) for number in range(PEOPLE)))
    graph = graph_now(draft)
    way, key = [], graph.steps["charge"].next
    while key != "large":
        way.append(key)
        key = graph.steps[key or ""].next
    assert sorted(map(str, way)) == [f"note_{number}" for number in range(PEOPLE)]


def test_an_edit_is_taken_back_once(draft: Draft):
    seen = editing(draft, AddStep("set", "note", after="charge"))().revision
    by = person("designer")
    found = together(*(lambda: undo_edit(draft=draft, revision=seen, by=by) for _ in range(2)))
    assert sorted(type(one).__name__ for one in found) == ["DraftMoved", "Edit"]
    assert "note" not in graph_now(draft).steps
    assert "charge" in graph_now(draft).steps


def test_a_version_is_published_once(draft: Draft):
    by = person("designer")
    found = together(
        *(lambda: publish(draft=draft, note="Now.", revision=draft.revision, by=by) for _ in range(PEOPLE))
    )
    assert [type(one) for one in found].count(Version) == 1
    assert {type(one) for one in found} <= {Version, NotPublishable, DraftMoved}
    assert Workflow.objects.get().published == Version.objects.get()


def test_a_key_is_taken_once(transactional_db: None):
    by = person("designer")
    found = together(
        *(lambda: create_workflow(key="same", title="Same", owner="", by=by) for _ in range(PEOPLE))
    )
    assert sorted(type(one).__name__ for one in found) == ["Draft"] + [KeyRefused.__name__] * (PEOPLE - 1)
    assert Workflow.objects.count() == 1
