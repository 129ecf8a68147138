"""Firing a cron trigger: the runs of its moments, and the order for the next one, in one transaction."""

from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from runs import bell
from runs.cron import moments, next_moment
from runs.models import Trigger, Work
from runs.models.lanes import TRIGGER_LANE
from runs.models.trigger import CatchUp
from runs.models.work import WorkKind
from runs.refusals import Refused

from .firing import note_refusal, start_from

LATE = timedelta(minutes=1)  # what comes later than this was missed: nobody was there
MOST_CAUGHT_UP = 100
MOST_COUNTED = 10_000


def fire_cron(trigger: Trigger, work: Work) -> None:
    """Start what is due and order the next moment. The trigger is locked, and its work is claimed."""
    now = work.claimed_at or timezone.now()
    passed = _passed(trigger, now)
    chosen = _chosen(trigger, passed, now)
    for moment in chosen:
        _start(trigger, moment, missed=len(passed) - 1 if trigger.catch_up == CatchUp.ONCE else 0)
    unanswered = 0 if trigger.catch_up == CatchUp.ONCE and chosen else len(passed) - len(chosen)
    following = next_moment(trigger.cron, trigger.zone, now)
    Trigger.objects.filter(pk=trigger.pk).update(next_at=following, missed=F("missed") + unanswered)
    if following is None:
        work.delete()
    else:
        Work.objects.filter(pk=work.pk).update(worker=None, claimed_at=None, due_at=following)


def order_moment(trigger: Trigger) -> None:
    """The next moment from now on, in the transaction that is open; what was ordered before is taken back."""
    trigger.work.filter(kind=WorkKind.CRON).delete()
    trigger.next_at = next_moment(trigger.cron, trigger.zone, timezone.now()) if trigger.enabled else None
    trigger.save(update_fields=["next_at"])
    if trigger.next_at is not None:
        Work.objects.create(trigger=trigger, kind=WorkKind.CRON, due_at=trigger.next_at, lane=TRIGGER_LANE)
        # A broker that sleeps until something later must hear of it.
        transaction.on_commit(bell.wake, robust=True)


def _passed(trigger: Trigger, now: datetime) -> list[datetime]:
    """The moments that are due, the oldest first; of very many the newest."""
    if trigger.next_at is None:
        return []
    just_before = trigger.next_at - timedelta(seconds=1)
    due: list[datetime] = []
    for moment in islice(moments(trigger.cron, trigger.zone, just_before), MOST_COUNTED):
        if moment > now:
            break
        due.append(moment)
    return due


def _chosen(trigger: Trigger, passed: list[datetime], now: datetime) -> list[datetime]:
    if trigger.catch_up == CatchUp.ALL:
        return passed[-MOST_CAUGHT_UP:]
    if trigger.catch_up == CatchUp.ONCE:
        return passed[-1:]
    return [moment for moment in passed[-1:] if now - moment <= LATE]


def _start(trigger: Trigger, moment: datetime, missed: int) -> None:
    """One run for this moment, whoever looks and however often. A refusal is told beside the trigger."""
    local = moment.astimezone(ZoneInfo(trigger.zone))
    told = {"scheduled_at": local.isoformat(), "missed": missed}
    try:
        with transaction.atomic():
            start_from(trigger, moment.isoformat(), told, otherwise={})
    except Refused as refusal:
        note_refusal(trigger, str(refusal))
