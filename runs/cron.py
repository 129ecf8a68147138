"""The moments of a cron expression in a time zone.

An expression names times of the clock on the wall. A time that does not exist, because the clock is put forward,
stands for the moment right after the gap; one that exists twice stands for the first of the two. Only where the hour
is `*` time goes on as it passes: what happens every ten minutes happens so in the doubled hour as well.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from designer.zones import zone_names

FIELDS = 5
FIELD_WORDS = "minute, hour, day of the month, month and day of the week"


class CronRefused(ValueError):
    """An expression or a time zone that makes no sense; the sentence says why, ``field`` which of them."""

    field = "cron"


class ZoneRefused(CronRefused):
    field = "zone"


def check_cron(expression: str, zone: str) -> None:
    """Raises CronRefused, also for an expression that no moment fits."""
    if len(expression.split()) != FIELDS:
        raise CronRefused(f"Give five fields with spaces between them: {FIELD_WORDS}, such as 0 9 * * 1-5.")
    if not is_zone(zone):
        raise ZoneRefused(f"“{zone}” is no time zone. Give a name such as Europe/Berlin, or UTC.")
    if next(moments(expression, zone, datetime(2024, 1, 1, tzinfo=UTC)), None) is None:
        raise CronRefused("No moment fits this: there is no such day in the month.")


def moments(expression: str, zone: str, after: datetime) -> Iterator[datetime]:
    """The moments after ``after``, each later than the one before. Raises CronRefused."""
    local = after.astimezone(ZoneInfo(zone))
    as_time_passes = expression.split()[1:2] == ["*"]
    try:
        # One that began in the doubled hour's second half looks back to the first: what is not later is left out.
        simulated = CronSim(expression, local if as_time_passes else local.replace(tzinfo=None))
    except CronSimError as error:
        field = str(error).removeprefix("Bad ").replace("-", " ")
        raise CronRefused(f"The {field} makes no sense. The fields are {FIELD_WORDS}.") from None
    last = after
    for found in simulated:
        moment = _moment(found, local.tzinfo)
        if moment > last:
            last = moment
            yield moment


def next_moment(expression: str, zone: str, after: datetime) -> datetime | None:
    return next(moments(expression, zone, after), None)


def next_moments(expression: str, zone: str, after: datetime, count: int = 5) -> list[datetime]:
    return list(islice(moments(expression, zone, after), count))


def in_words(expression: str) -> str:
    """The expression as a sentence, without its full stop."""
    return CronSim(expression, datetime(2024, 1, 1)).explain()


@cache
def zones() -> tuple[str, ...]:
    """The time zones that people choose among, UTC first."""
    places = sorted(name for name in zone_names() if "/" in name and not name.startswith("Etc/"))
    return ("UTC", *places)


def is_zone(name: str) -> bool:
    return name in zone_names()


def _moment(found: datetime, zone: object) -> datetime:
    """A time of the wall as a moment in UTC."""
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    assert isinstance(zone, ZoneInfo)
    moment = found.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == found:
        return moment
    return _end_of_gap(found, zone)


def _end_of_gap(found: datetime, zone: ZoneInfo) -> datetime:
    """The first moment whose time on the wall is later than one that does not exist."""
    # The two readings of a time in a gap lie on both sides of its end.
    early = found.replace(tzinfo=zone, fold=1).astimezone(UTC)
    late = found.replace(tzinfo=zone, fold=0).astimezone(UTC)
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).replace(tzinfo=None) > found:
            late = middle
        else:
            early = middle
    return late.replace(microsecond=0)
