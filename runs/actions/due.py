"""What is due: lane by lane, the most urgent first."""

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from runs.models import Work
from runs.models.lanes import PARKED, TRIGGER_LANE, queue_of

UNNAMED = "default"  # what CHOREO_QUEUES calls the queue without a name

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


def lanes_in_use() -> list[str]:
    """The lanes that hold unclaimed work and that this host serves, the most urgent first."""
    with connection.cursor() as cursor:
        cursor.execute(LANES, [PARKED])
        return sorted(lane for (lane,) in cursor.fetchall() if is_served(lane))


def is_served(lane: str) -> bool:
    """Triggers are fired by every host: that is done in a moment, and nobody else might be there."""
    queues = settings.CHOREO_QUEUES
    return not queues or lane == TRIGGER_LANE or (queue_of(lane) or UNNAMED) in queues


def unclaimed(lane: str) -> QuerySet[Work]:
    return Work.objects.filter(worker=None, lane=lane).order_by("due_at")


def is_work_due() -> bool:
    return any(unclaimed(lane).filter(due_at__lte=Now()).exists() for lane in lanes_in_use())
