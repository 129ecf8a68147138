"""Saves of one who types are one edit: it is taken back whole, and nobody else's is touched."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AbstractUser
from django.db.models import F
from django.test import Client

from designer.actions import drafting, edit_draft, redo_edit, undo_edit
from designer.graph import AddStep, Patch, ReplaceStep, SetHeader, apply, decode, difference
from designer.models import Draft
from designer.refusals import DraftMoved
from tests.designer.drafts import SMALL, graph_now, revision_now, save
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)


def write(draft: Draft, by: Any, *, step: str = "charge", revision: int | None = None, **fields: Any) -> None:
    """One save of somebody who is typing."""
    operation = ReplaceStep(replace(graph_now(draft).steps[step], **fields))
    seen = revision_now(draft) if revision is None else revision
    edit_draft(draft=draft, operation=operation, revision=seen, by=by, typing=True)


def name_it(draft: Draft, by: Any, title: str, *, revision: int | None = None) -> None:
    seen = revision_now(draft) if revision is None else revision
    edit_draft(draft=draft, operation=SetHeader({"title": title}), revision=seen, by=by, typing=True)


def labels(draft: Draft) -> list[str]:
    return [edit.label for edit in draft.edits.order_by("revision")][1:]


def a_while_passes(draft: Draft, seconds: int) -> None:
    draft.edits.update(at=F("at") - timedelta(seconds=seconds))


def test_what_is_typed_in_one_go_is_one_edit(draft: Draft, dora: AbstractUser):
    for text in ("Take", "Take the", "Take the money"):
        write(draft, dora, title=text)
    assert labels(draft) == ["Take the money: title Charge card to Take the money"]
    assert revision_now(draft) == draft.revision + 3
    undo_edit(draft=draft, revision=revision_now(draft), by=dora)
    assert graph_now(draft).steps["charge"].title == "Charge card"
    redo_edit(draft=draft, revision=revision_now(draft), by=dora)
    assert graph_now(draft).steps["charge"].title == "Take the money"


def test_the_workflow_s_own_fields_too(draft: Draft, dora: AbstractUser):
    for text in ("S", "Sm", "Smaller"):
        name_it(draft, dora, text)
    assert labels(draft) == ["Title Small to Smaller"]


def test_what_is_typed_and_taken_out_again_leaves_nothing(draft: Draft, dora: AbstractUser):
    write(draft, dora, title="Charge cards")
    write(draft, dora, title="Charge card")
    assert labels(draft) == []
    assert revision_now(draft) == draft.revision + 2


def test_a_row_and_what_is_written_into_it_are_one_edit(draft: Draft, dora: AbstractUser):
    write(draft, dora, assign={"paid": "${ output.am }"})
    write(draft, dora, assign={"paid": "${ output.amount }"})
    assert len(labels(draft)) == 1
    undo_edit(draft=draft, revision=revision_now(draft), by=dora)
    assert graph_now(draft).steps["charge"].assign == {}


def test_another_field_is_another_edit(draft: Draft, dora: AbstractUser):
    write(draft, dora, title="Take")
    write(draft, dora, notes="Ask first.")
    write(draft, dora, title="Take it")
    assert len(labels(draft)) == 3


def test_another_step_is_another_edit(draft: Draft, dora: AbstractUser):
    write(draft, dora, title="Take")
    write(draft, dora, step="done", title="Taken")
    assert len(labels(draft)) == 2


def test_a_step_that_was_just_added_stays_an_edit_of_its_own(draft: Draft, dora: AbstractUser):
    edit_draft(
        draft=draft,
        operation=AddStep("set", "note", title="Note", after="charge"),
        revision=draft.revision,
        by=dora,
    )
    write(draft, dora, step="note", title="Note it")
    assert labels(draft) == ["Add step Note after Charge card", "Note it: title Note to Note it"]


def test_another_person_s_is_another_edit(draft: Draft, dora: AbstractUser):
    write(draft, dora, title="Take")
    write(draft, person("admin"), title="Take it")
    write(draft, dora, title="Take it all")
    assert len(labels(draft)) == 3


def test_what_somebody_did_in_between_parts_them(draft: Draft, dora: AbstractUser):
    write(draft, dora, title="Take")
    write(draft, person("admin"), step="done", title="Taken")
    write(draft, dora, title="Take it")
    assert len(labels(draft)) == 3


def test_an_undo_in_between_parts_them(draft: Draft, dora: AbstractUser):
    write(draft, dora, title="Take")
    write(draft, dora, notes="Ask first.")
    undo_edit(draft=draft, revision=revision_now(draft), by=dora)
    write(draft, dora, title="Take it")
    assert labels(draft)[0] == "Take: title Charge card to Take"
    assert labels(draft)[-1] == "Take it: title Take to Take it"


def test_after_a_while_it_is_another_edit(draft: Draft, dora: AbstractUser):
    write(draft, dora, title="Take")
    a_while_passes(draft, 9)
    write(draft, dora, title="Take it")
    a_while_passes(draft, 9)
    write(draft, dora, title="Take it all")
    assert len(labels(draft)) == 1  # counted from the last save, not from the first
    a_while_passes(draft, 11)
    write(draft, dora, title="Take it all now")
    assert len(labels(draft)) == 2


def test_who_does_not_type_goes_on_with_nothing(draft: Draft, dora: AbstractUser):
    write(draft, dora, title="Take")
    charge = graph_now(draft).steps["charge"]
    edit_draft(
        draft=draft,
        operation=ReplaceStep(replace(charge, title="Take it")),
        revision=revision_now(draft),
        by=dora,
    )
    assert len(labels(draft)) == 2


def test_the_next_save_is_no_conflict_with_oneself_and_still_one_with_others(
    draft: Draft, dora: AbstractUser
):
    for text in ("Take", "Take it"):
        write(draft, dora, title=text)
    with pytest.raises(DraftMoved, match="changed this step"):
        write(draft, person("admin"), notes="Ask first.", revision=draft.revision)


def test_who_edits_the_settings_is_not_disturbed_by_who_types_in_a_step(draft: Draft, dora: AbstractUser):
    for text in ("Take", "Take it", "Take it all"):
        write(draft, dora, title=text)
    name_it(draft, person("admin"), "Smaller", revision=draft.revision + 1)
    assert graph_now(draft).title == "Smaller"


def test_who_edits_the_settings_meets_who_types_in_them(draft: Draft, dora: AbstractUser):
    for text in ("S", "Sm"):
        name_it(draft, dora, text)
    with pytest.raises(DraftMoved, match="workflow's settings"):
        name_it(draft, person("admin"), "Other", revision=draft.revision + 1)


def test_as_many_edits_are_kept_however_often_they_were_saved(
    draft: Draft, dora: AbstractUser, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(drafting, "KEPT", 3)
    for text in ("T", "Ta", "Tak", "Take"):
        write(draft, dora, title=text)
    write(draft, dora, notes="Ask first.")
    assert draft.edits.count() == 3
    write(draft, dora, owner="billing")
    assert [edit.label for edit in draft.edits.order_by("revision")] == [
        "Take: title Charge card to Take",
        "Take: notes Ask first.",
        "Take: owner billing",
    ]


def test_the_editor_s_saves_go_on_with_each_other(designer: Client, draft: Draft):
    for text in ("Take", "Take it"):
        assert save(designer, draft, "charge", "general", title=text, typing="yes").status_code == 200
    assert labels(draft) == ["Take it: title Charge card to Take it"]


def test_the_places_of_a_patch_are_its_fields():
    before = decode(SMALL)
    charge = before.steps["charge"]
    inputs = {**charge.inputs, "amount": 5}  # type: ignore[union-attr]
    after = apply(before, ReplaceStep(replace(charge, title="Take", inputs=inputs))).graph
    change = difference(before, after)
    places = {("steps", "charge", "step", "title"), ("steps", "charge", "step", "with", "amount")}
    assert change.places == places
    assert Patch.from_json(change.inverse().as_json()).places == places
    added = difference(before, apply(before, AddStep("set", "note", after="charge")).graph)
    assert {("steps", "note"), ("order", "")} < added.places
