"""One worker host of two is cut off from the database, in the middle of its work, and later let back."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from runs.models import JournalEntry, Work
from tests.scale.hosts import Workers, wait_for_workers
from tests.scale.play import EFFECTS, Play, an_errand
from tests.servers import wait_until

PACE = 0.1  # seconds between two starts: there is work all the while
WARM, AWAY = 8.0, 40.0  # seconds before the cut, and until the host is let back
PATIENCE = 120.0


def drop(one: Workers) -> None:
    one.host.pull()


def refuse(one: Workers) -> None:
    """New connections are refused, and the server ends those that there are."""
    one.host.refuse()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_addr = %s",
            [one.host.address],
        )


WAYS: dict[str, Callable[[Workers], None]] = {"dropped": drop, "refused": refuse}


def cut_off(one: Workers, other: Workers, way: str) -> dict[str, Any]:
    """The figures of one cut. Both hosts are working, and go on working."""
    wait_for_workers([one, other])
    play = Play(an_errand())
    with play.going_on(pace=PACE):
        time.sleep(WARM)
        wait_until(lambda: held_by(one) and is_writing(one), seconds=30, what="a transaction", every=0.0)
        WAYS[way](one)
        cut, held = timezone.now(), held_by(one)
        taken_over = seconds_until(lambda: not remaining(held), cut)
        time.sleep(max(0.0, AWAY - seconds_since(cut)))
        stall, left = longest_pause(cut, timezone.now()), sessions_of(one)
        back = timezone.now()
        one.host.plug()
        works_again = seconds_until(lambda: begun_by(one, back), back)
    wait_until(play.is_over, seconds=PATIENCE, what="the runs", every=0.1)
    return {
        "way": way,
        "held_at_the_cut": len(held),
        "taken_over_after": round(taken_over, 1),
        "longest_pause_of_the_other": round(stall, 1),
        "works_again_after": round(works_again, 1),
        "clusters_replaced": one.lines("is replaced"),
        "clusters_replaced_on_the_other": other.lines("is replaced"),
        "sessions_left_on_the_server": left,
        **play.outcome(effects=EFFECTS),
    }


def held_by(one: Workers) -> dict[int, int]:
    """The attempts of the host, by their work, with the token of each."""
    return dict(Work.objects.filter(worker__in=one.living()).values_list("pk", "token"))


def remaining(held: dict[int, int]) -> list[int]:
    """Those that nobody has taken over or brought to an end."""
    now = Work.objects.filter(pk__in=held).values_list("pk", "token")
    return [pk for pk, token in now if token == held[pk]]


def seconds_until(condition: Callable[[], Any], since: datetime) -> float:
    wait_until(condition, seconds=PATIENCE, what="it", every=0.05)
    return seconds_since(since)


def is_writing(one: Workers) -> bool:
    """Whether a session of the host is between a change and its commit, and the server waits for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE client_addr = %s AND backend_xid IS NOT NULL"
            " AND state = 'idle in transaction'",
            [one.host.address],
        )
        return cursor.fetchone() is not None


def sessions_of(one: Workers) -> dict[str, int]:
    """What the server believes the host's connections to be doing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, count(*) FROM pg_stat_activity WHERE client_addr = %s GROUP BY state",
            [one.host.address],
        )
        return dict(cursor.fetchall())


def seconds_since(moment: datetime) -> float:
    return (timezone.now() - moment).total_seconds()


def begun_by(one: Workers, since: datetime) -> bool:
    named = [str(pk) for pk in one.living()]
    return JournalEntry.objects.filter(kind="AttemptStarted", at__gt=since, data__worker__in=named).exists()


def longest_pause(since: datetime, until: datetime) -> float:
    """Seconds in which no attempt began anywhere."""
    began = JournalEntry.objects.filter(kind="AttemptStarted", at__range=(since, until)).order_by("at")
    moments: Sequence[datetime] = [since, *began.values_list("at", flat=True), until]
    return max((after - before).total_seconds() for before, after in zip(moments, moments[1:], strict=False))
