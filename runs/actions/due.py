"""What is due: lane by lane, the most urgent first."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from runs import bell
from runs.models import Work
from runs.models.lanes import PARKED, TRIGGER_LANE, UNNAMED, queue_of
from runs.models.work import WorkKind

# Each turn jumps to the next lane in the index, so it costs as many looks as there are lanes, not rows.
NEXT_LANE = 'SELECT min(w.lane) FROM "runs_work" w WHERE w.worker IS NULL AND w.lane > '
LANES = f"""
    WITH RECURSIVE used(lane) AS (
        {NEXT_LANE} %s
        UNION ALL
        SELECT ({NEXT_LANE} used.lane) FROM used WHERE used.lane IS NOT NULL
    )
    SELECT lane FROM used WHERE lane IS NOT NULL
"""
IS_DUE = (
    'EXISTS (SELECT 1 FROM "runs_work" w WHERE w.worker IS NULL AND w.lane = used.lane AND w.due_at <= {now})'
)


def clock() -> Any:
    """What is due goes by the database's clock. On SQLite that is this machine's, but SQLite itself reads no more of it
    than milliseconds, and what was ordered a moment ago would not be due yet."""
    return Now() if connection.vendor == "postgresql" else timezone.now()


def lanes_in_use() -> list[str]:
    """The lanes that hold unclaimed work and that this host serves, the most urgent first."""
    return _served_lanes(LANES)


def lanes_with_due() -> list[str]:
    """Those of them in which something is due."""
    if connection.vendor == "postgresql":
        return _served_lanes(f"{LANES} AND {IS_DUE.format(now='STATEMENT_TIMESTAMP()')}")
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    return _served_lanes(f"{LANES} AND {IS_DUE.format(now='%s')}", now)


def _served_lanes(sql: str, *told: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [PARKED, *told])
        return sorted(lane for (lane,) in cursor.fetchall() if is_served(lane))


def is_served(lane: str) -> bool:
    """Triggers are fired by every host: that is done in a moment, and nobody else might be there."""
    queues = settings.CHOREO_QUEUES
    return not queues or lane == TRIGGER_LANE or (queue_of(lane) or UNNAMED) in queues


def unclaimed(lane: str) -> QuerySet[Work]:
    return Work.objects.filter(worker=None, lane=lane).order_by("due_at")


# Marked until the end of the transaction, and nobody waits for a mark. Rows are looked at no further than needed.
UNMARKED = "SELECT * FROM ({due}) due WHERE pg_try_advisory_xact_lock(due.id) LIMIT %s"
CROWD = 1_000  # rows that others may be claiming at this moment


def left_by_others(due: QuerySet[Work], room: int) -> list[Work]:
    """The first of what is due, without what another claim is at: who waited for that would find it gone, with all who
    waited too. On SQLite nobody else can be at anything."""
    if connection.vendor != "postgresql":
        return list(due[:room])
    sql, values = due[: room + CROWD].query.sql_with_params()
    return list(Work.objects.raw(UNMARKED.format(due=sql), [*values, room]))


def is_work_due() -> bool:
    return bool(lanes_with_due())


def catch_up(back: timedelta) -> None:
    """The database's clock was set back by so much: what had been due before is due now as well.

    Moments that a timer or a schedule waits for come by the clock as it is. So a wait that was under way lasts longer.
    """
    ordered = Work.objects.filter(worker=None, due_at__gt=Now(), due_at__lte=Now() + back)
    at_once = ordered.exclude(kind__in=(WorkKind.TIMER, WorkKind.CRON))
    if at_once.update(due_at=F("due_at") - back):
        bell.wake()
