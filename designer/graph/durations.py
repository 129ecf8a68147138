"""Durations as people write them: ``500ms``, ``1h30m``, ``2d`` or ISO 8601 (``PT1H30M``)."""

import re
from datetime import timedelta

_UNITS = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_SHORT = re.compile(r"(\d+(?:\.\d+)?)(ms|w|d|h|m|s)")
_ISO = re.compile(
    r"P(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?"
)
LONGEST = timedelta(days=366)


class BadDuration(ValueError):
    """A text that does not say a duration; the sentence says what would."""


def parse_duration(text: str) -> timedelta:
    """Read ``text`` as a duration of up to 366 days.

    Raises BadDuration.
    """
    written = text.strip()
    milliseconds = _short(written.lower()) if not written.upper().startswith("P") else _iso(written.upper())
    if milliseconds is None:
        raise BadDuration(f"“{text}” is not a duration. Write one like 500ms, 30s, 1h30m, 2d or PT1H30M.")
    if milliseconds > LONGEST.total_seconds() * 1000:
        raise BadDuration(f"“{text}” is longer than {LONGEST.days} days.")
    return timedelta(milliseconds=milliseconds)


def format_duration(value: timedelta) -> str:
    """Write ``value`` the short way: the inverse of `parse_duration` to the millisecond."""
    rest = round(value.total_seconds() * 1000)
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _short(text: str) -> float | None:
    found = _SHORT.findall(text)
    if not found or "".join(number + unit for number, unit in found) != text:
        return None
    return sum(_amount(number) * _UNITS[unit] for number, unit in found)


def _iso(text: str) -> float | None:
    match = _ISO.fullmatch(text)
    if match is None or not any(match.groupdict().values()):
        return None
    return sum(_amount(number) * _UNITS[unit] for unit, number in match.groupdict().items() if number)


def _amount(number: str) -> float:
    # Twelve digits of milliseconds are thirty years: more can only be a mistake, and must not overflow.
    return float(number[:13])
