"""Editing a draft. Every accepted edit is named, has an author, and can be taken back."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from designer.drafts import graph_of_draft, store_graph
from designer.graph import EditRefused, Graph, Operation, Patch, SetHeader, apply, difference, patch
from designer.models import Draft, Edit
from designer.refusals import DraftMoved, Refused

KEPT = 200  # edits that can be taken back
PAUSE = timedelta(seconds=10)  # whoever types on within it goes on with the same edit


@transaction.atomic(durable=True)
def edit_draft(*, draft: Draft, operation: Operation, revision: int, by: Any, typing: bool = False) -> Draft:
    """Do one operation on the draft as it is now. One that changes nothing leaves no trace.

    ``revision`` is the draft's when the person saw what they edit. ``typing`` says that they are writing in a field,
    and that this may go on with their newest edit. Raises DraftMoved where what they edit has changed since,
    EditRefused where the operation makes no sense.
    """
    draft = locked_draft(draft)
    _check_not_moved(draft, operation, revision)
    before = graph_of_draft(draft)
    edited = apply(before, operation)
    if typing and (going_on := _edit_to_go_on_with(draft, difference(before, edited.graph), by)):
        return _go_on(draft, going_on, before, operation, by)
    return record_edit(draft, before, edited.graph, label=edited.label, by=by)


@transaction.atomic(durable=True)
def undo_edit(*, draft: Draft, revision: int, by: Any) -> Edit:
    """Take back the newest edit, whoever made it, and return it.

    Raises DraftMoved where it is not the newest that the person saw, Refused where there is none.
    """
    draft = locked_draft(draft)
    check_as_seen(draft, revision)
    edit = newest_edit(draft)
    if edit is None:
        raise Refused("There is nothing to undo.")
    _turn(draft, edit, Patch.from_json(edit.patch), by)
    return edit


@transaction.atomic(durable=True)
def redo_edit(*, draft: Draft, revision: int, by: Any) -> Edit:
    """Make the edit again that was taken back last, and return it. Raises DraftMoved, Refused."""
    draft = locked_draft(draft)
    check_as_seen(draft, revision)
    edit = next_undone_edit(draft)
    if edit is None:
        raise Refused("There is nothing to redo.")
    _turn(draft, edit, Patch.from_json(edit.patch).inverse(), by)
    return edit


def locked_draft(draft: Draft) -> Draft:
    """The draft's row, read anew and held until the transaction ends.

    What belongs to it is read after it: joined to it, it would be as it was before the lock was had.
    """
    return Draft.objects.select_for_update().get(pk=draft.pk)


def check_as_seen(draft: Draft, revision: int) -> None:
    """The whole draft must be as the person saw it. Raises DraftMoved."""
    if revision != draft.revision:
        raise DraftMoved(f"{_who(draft)} changed the draft since you looked at it. Look again.")


def record_edit(draft: Draft, before: Graph, after: Graph, *, label: str, by: Any) -> Draft:
    """Write an edit and its name into the rows of a locked draft."""
    change = difference(before, after)
    if not change:
        return draft
    draft.revision, draft.edited_by = draft.revision + 1, by
    store_graph(draft, before, after)
    Edit.objects.create(
        draft=draft,
        revision=draft.revision,
        began=draft.revision,
        label=label,
        patch=change.inverse().as_json(),
        author=by,
    )
    _forget_the_oldest(draft)
    return draft


def newest_edit(draft: Draft) -> Edit | None:
    return draft.edits.filter(undone=False).select_related("author").order_by("-revision").first()


def next_undone_edit(draft: Draft) -> Edit | None:
    """What a redo would make again: nothing once a new edit followed the undo."""
    done = newest_edit(draft)
    undone = draft.edits.filter(undone=True, revision__gt=done.revision if done else 0)
    return undone.select_related("author").order_by("revision").first()


def _edit_to_go_on_with(draft: Draft, change: Patch, by: Any) -> Edit | None:
    """The newest edit, where ``change`` is more of the same: by the same person, just now, in no other field."""
    newest = draft.edits.filter(revision=draft.revision, undone=False, author=by).first()
    if newest is None or timezone.now() - newest.at > PAUSE:
        return None
    return newest if change and change.places <= Patch.from_json(newest.patch).places else None


def _go_on(draft: Draft, edit: Edit, before: Graph, operation: Operation, by: Any) -> Draft:
    """Make ``edit`` reach from where it began to what is written now; nothing is left of one that leads back."""
    origin = patch(before, Patch.from_json(edit.patch))
    edited = apply(origin, operation)
    draft.revision, draft.edited_by = draft.revision + 1, by
    store_graph(draft, before, edited.graph)
    change = difference(origin, edited.graph)
    if not change:
        edit.delete()
        return draft
    edit.revision, edit.label, edit.patch = draft.revision, edited.label, change.inverse().as_json()
    edit.save(update_fields=["revision", "label", "patch", "at"])
    return draft


def _forget_the_oldest(draft: Draft) -> None:
    """By their number and not by their revisions, of which one edit may have made many."""
    kept = draft.edits.order_by("-revision").values_list("revision", flat=True)
    if oldest := kept[KEPT - 1 : KEPT].first():
        draft.edits.filter(revision__lt=oldest).delete()


def _turn(draft: Draft, edit: Edit, change: Patch, by: Any) -> None:
    before = graph_of_draft(draft)
    try:
        after = patch(before, change)
    except EditRefused as refusal:
        raise Refused(str(refusal)) from None
    draft.revision, draft.edited_by = draft.revision + 1, by
    store_graph(draft, before, after)
    edit.undone = not edit.undone
    edit.save(update_fields=["undone"])


def _check_not_moved(draft: Draft, operation: Operation, revision: int) -> None:
    """What the operation changes must be as it was at ``revision``. Raises DraftMoved."""
    if revision == draft.revision:
        return
    if revision > draft.revision:
        raise DraftMoved(f"The draft has no revision {revision}. Load the page again.")
    if isinstance(operation, SetHeader):
        if _header_moved(draft, revision):
            raise DraftMoved(f"{_who(draft)} changed the workflow's settings since you opened them.")
        return
    key = _key_changed_by(operation)
    if draft.steps.filter(key=key, revision__gt=revision).exists():
        raise DraftMoved(f"{_who(draft)} changed this step since you opened it.")


def _header_moved(draft: Draft, revision: int) -> bool:
    since = list(draft.edits.filter(revision__gt=revision))
    told_of = sum(edit.revision - max(edit.began - 1, revision) for edit in since)
    # A revision without an edit is an undo, which may have been one of the header.
    return told_of < draft.revision - revision or any(edit.patch["header"] for edit in since)


def _key_changed_by(operation: Operation) -> str | None:
    """The step whose content the operation changes; adding one changes no content that was there."""
    if hasattr(operation, "kind"):
        return None
    step = getattr(operation, "step", None)
    return step.key if step else getattr(operation, "key", None) or getattr(operation, "parallel", None)


def _who(draft: Draft) -> str:
    return str(draft.edited_by or "Somebody")
