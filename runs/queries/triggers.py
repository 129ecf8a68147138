"""A workflow's triggers, with what each did last."""

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from designer.durations import span_text
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
        {
            "trigger": trigger,
            "last": last.get(trigger.pk),
            "words": words_for(trigger),
            "next": wall_clock(trigger.next_at, trigger.zone) if trigger.next_at else None,
        }
        for trigger in triggers
    ]


class WallClock(NamedTuple):
    text: str  # Tue 24 Nov 06:00
    ahead: str  # in 21 h


def wall_clock(moment: datetime, zone: str) -> WallClock:
    """A moment on the clocks of a zone, and how far away it is."""
    local = moment.astimezone(ZoneInfo(zone))
    ahead = max(0.0, (moment - timezone.now()).total_seconds())
    return WallClock(f"{local:%a} {local.day} {local:%b %H:%M}", f"in {span_text(ahead)}")


def words_for(trigger: Any) -> str:
    """When it starts a run."""
    if trigger.kind == TriggerKind.CRON:
        return f"{in_words(trigger.cron)}, {trigger.zone}"
    if trigger.kind == TriggerKind.SIGNAL:
        return f"When the signal {trigger.signal} comes" + (
            f" and {trigger.condition}" if trigger.condition else ""
        )
    return "When it is called and the signature fits"
