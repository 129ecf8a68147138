"""The calendar's own traps, besides the two nights of tests/test_cron.py: leap days, ends of months, absences."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.cron import next_moment, next_moments

ZONES = ("UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia")


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        # Only leap years have the 29th: four years on, or eight where a century has none.
        ("0 9 29 2 *", "2026-11-23", ["2028-02-29", "2032-02-29"]),
        ("0 9 29 2 *", "2096-03-01", ["2104-02-29"]),
        ("0 9 L 2 *", "2027-01-01", ["2027-02-28", "2028-02-29", "2029-02-28"]),
        ("0 9 L * *", "2028-01-31T10", ["2028-02-29", "2028-03-31", "2028-04-30"]),
        ("0 9 31 * *", "2027-01-31T10", ["2027-03-31", "2027-05-31"]),
        ("0 9 * 2 *", "2028-02-28T10", ["2028-02-29", "2029-02-01"]),
    ],
)
def test_leap_days_and_ends_of_months(expression: str, after: str, expected: list[str]):
    found = next_moments(expression, "UTC", datetime.fromisoformat(after).replace(tzinfo=UTC), len(expected))
    assert [f"{moment:%Y-%m-%d}" for moment in found] == expected


@given(st.sampled_from(ZONES), st.integers(2026, 2032), st.integers(0, 23))
def test_a_daily_cron_fires_each_day_of_a_year_once(zone: str, year: int, hour: int):
    """From a day before the end of February to the day after: whatever the year, no day is left out or had twice."""
    here = ZoneInfo(zone)
    found = next_moments(f"0 {hour} * * *", zone, datetime(year, 2, 26, 23, 59, tzinfo=here), 5)
    days = [moment.astimezone(here).date() for moment in found]
    assert days == [days[0] + timedelta(days=number) for number in range(5)]


@pytest.mark.parametrize("away", [timedelta(hours=1), timedelta(days=366)])
def test_after_an_absence_the_next_moment_is_ahead(away: timedelta):
    """What was missed is not made up for one by one: from where the clock stands there is one next moment."""
    now = datetime(2026, 11, 23, 12, tzinfo=UTC) + away
    assert now < next_moment("*/5 * * * *", "Europe/Berlin", now) <= now + timedelta(minutes=5)
