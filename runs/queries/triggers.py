"""A workflow's triggers, with what each did last."""

from typing import Any

from django.db.models import OuterRef, Subquery

from designer.models import Workflow
from runs.cron import in_words
from runs.models import Run
from runs.models.trigger import TriggerKind

from .run_page import visible_runs


def trigger_rows(workflow: Workflow, user: Any) -> list[dict[str, Any]]:
    newest = Run.objects.filter(trigger=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    triggers = list(workflow.triggers.select_related("version", "made_by").annotate(newest=Subquery(newest)))
    runs = visible_runs(user).filter(pk__in=[trigger.newest for trigger in triggers])
    last = {run.trigger_id: run for run in runs}
    return [
        {"trigger": trigger, "last": last.get(trigger.pk), "words": words_for(trigger)}
        for trigger in triggers
    ]


def words_for(trigger: Any) -> str:
    """When it starts a run."""
    if trigger.kind == TriggerKind.CRON:
        return f"{in_words(trigger.cron)}, {trigger.zone}"
    if trigger.kind == TriggerKind.SIGNAL:
        return f"When the signal {trigger.signal} comes" + (
            f" and {trigger.condition}" if trigger.condition else ""
        )
    return "When it is called and the signature fits"
