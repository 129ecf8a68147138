"""Whose clocks: everything is stored in UTC, and said by the clocks of whoever looks (docs/adr/0029).

The viewer's zone is Django's current time zone; choreo_site/zone.py sees to it.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone
from django.utils.functional import lazy

_OFFSET = re.compile(r"([+-]\d\d)(\d\d)?")


class NoMoment(ValueError):
    """A text that is no moment; the sentence says why."""


@cache
def zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_named(name: str) -> tzinfo:
    """UTC for what names no zone."""
    return ZoneInfo(name) if name in zone_names() else UTC


def zone_word(moment: datetime | None = None) -> str:
    """What the viewer's zone is called for short, at a moment or now: CET, UTC, UTC+05:30."""
    word = timezone.localtime(moment).tzname() or ""
    offset = _OFFSET.fullmatch(word)  # of zones that have no letters
    return f"UTC{offset[1]}:{offset[2] or '00'}" if offset else word


def _with_zone_word(text: str) -> str:
    return text.replace("{zone}", zone_word())


# A text with the word for the viewer's zone in the place of ``{zone}``, whenever it is shown.
with_zone_word = lazy(_with_zone_word, str)


def without_offset(text: str) -> datetime | None:
    """A moment that does not say how far its clock is from UTC; None for any other text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo else moment


def read_moment(text: str) -> datetime:
    """A moment as it is written: without an offset it is by the viewer's clocks, and of two of that name, where the
    clock is put back, the first. Raises NoMoment."""
    here = timezone.get_current_timezone()
    try:
        moment = datetime.fromisoformat(text.strip())
        # By way of UTC: what is out of its reach cannot be stored.
        return (moment if moment.tzinfo else _by_the_clock(moment)).astimezone(UTC).astimezone(here)
    except (ValueError, OverflowError) as error:
        if isinstance(error, NoMoment):
            raise
        raise NoMoment(f"“{text[:40]}” is no moment. Write it as 2026-11-22 14:00.") from None


def with_offset(text: str) -> str:
    """A moment that lacks its offset with that of the viewer's clocks; every other text as it is. Raises NoMoment."""
    return read_moment(text).isoformat() if without_offset(text) else text


def _by_the_clock(time: datetime) -> datetime:
    zone = timezone.get_current_timezone()
    moment = time.replace(tzinfo=zone)
    if abs(moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) - time) >= timedelta(seconds=1):
        raise NoMoment(
            f"There is no {time:%H:%M} on {time.day} {time:%B %Y} in {zone}: the clock is put forward then."
        )
    return moment
