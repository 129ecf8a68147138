"""Binding the steps of a draft that was opened from another language, and keeping what the report says."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction

from designer.drafts import graph_of_draft
from designer.interop.asl import Binding, bind, bound_line
from designer.models import Draft, Imported

from .drafting import check_as_seen, locked_draft, record_edit


@transaction.atomic(durable=True)
def bind_steps(*, draft: Draft, bindings: Mapping[str, Binding], revision: int, by: Any) -> Draft:
    """Bind each named step, as one edit. ``revision`` is the draft's when the person saw its steps.

    Raises DraftMoved where it has changed since, CannotBind where a step is no call.
    """
    draft = locked_draft(draft)
    check_as_seen(draft, revision)
    before = graph_of_draft(draft)
    after = bind(before, bindings)
    names = [before.name_of(key) for key in bindings]
    label = f"Bind “{names[0]}”" if len(names) == 1 else f"Bind {len(names)} steps"
    draft = record_edit(draft, before, after, label=label, by=by)
    if report := Imported.objects.filter(draft=draft).first():
        lines = [asdict(bound_line(before, key, binding)) for key, binding in bindings.items()]
        report.report = {**report.report, "lines": [*report.report["lines"], *lines]}
        report.save(update_fields=["report"])
    return draft


def keep_report(draft: Draft, report: Any, by: Any) -> None:
    """Keep the report of the newest import; a document of our own needs none."""
    if report is None:
        Imported.objects.filter(draft=draft).delete()
    else:
        Imported.objects.update_or_create(draft=draft, defaults={"report": report, "by": by})
