"""The moments of cron expressions, above all in the two nights of the year that are not as long as the others."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.cron import CronRefused, check_cron, in_words, next_moment, next_moments, zones

BERLIN = "Europe/Berlin"


def local(expression: str, zone: str, after: str, count: int) -> list[str]:
    found = next_moments(expression, zone, datetime.fromisoformat(after), count)
    return [f"{moment.astimezone(ZoneInfo(zone)):%d %H:%M%z}" for moment in found]


@pytest.mark.parametrize(
    ("expression", "zone", "after", "expected"),
    [
        # The clock goes from 02:00 to 03:00 on 29 March 2026: what does not exist comes right after the gap.
        ("30 2 * * *", BERLIN, "2026-03-28T12:00Z", ["29 03:00+0200", "30 02:30+0200"]),
        ("0,30 2,3 * * *", BERLIN, "2026-03-28T12:00Z", ["29 03:00+0200", "29 03:30+0200", "30 02:00+0200"]),
        ("*/15 2 * * *", BERLIN, "2026-03-28T12:00Z", ["29 03:00+0200", "30 02:00+0200"]),
        ("0 */2 * * *", BERLIN, "2026-03-28T23:30Z", ["29 03:00+0200", "29 04:00+0200"]),
        ("*/30 * * * *", BERLIN, "2026-03-29T00:10Z", ["29 01:30+0100", "29 03:00+0200", "29 03:30+0200"]),
        # And from 03:00 back to 02:00 on 25 October: what exists twice comes once.
        ("30 2 * * *", BERLIN, "2026-10-24T12:00Z", ["25 02:30+0200", "26 02:30+0100"]),
        ("30 2 * * *", BERLIN, "2026-10-25T00:30Z", ["26 02:30+0100"]),
        ("30 2 * * *", BERLIN, "2026-10-25T01:10Z", ["26 02:30+0100"]),
        ("*/15 2 * * *", BERLIN, "2026-10-25T00:40Z", ["25 02:45+0200", "26 02:00+0100"]),
        # Every so many minutes goes on through the hour that comes twice.
        ("0 * * * *", BERLIN, "2026-10-24T23:30Z", ["25 02:00+0200", "25 02:00+0100", "25 03:00+0100"]),
        # Half an hour, and at midnight.
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:10Z", ["04 02:30+1100", "05 02:15+1100"]),
        ("0 0 * * *", "Africa/Cairo", "2026-04-23T00:10Z", ["24 01:00+0300", "25 00:00+0300"]),
        ("0 9 * * 1-5", "UTC", "2026-11-20T12:00Z", ["23 09:00+0000", "24 09:00+0000"]),
    ],
)
def test_the_clock_is_put_forward_and_back(expression: str, zone: str, after: str, expected: list[str]):
    assert local(expression, zone, after.replace("Z", "+00:00"), len(expected)) == expected


NIGHTS = st.sampled_from([datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)])
ZONES = st.sampled_from([BERLIN, "Europe/London", "UTC", "America/New_York", "Asia/Kolkata"])


@given(st.integers(0, 59), st.integers(0, 23), ZONES, NIGHTS, st.integers(0, 14 * 60))
def test_once_a_day_is_once_a_day(minute: int, hour: int, zone: str, night: datetime, later: int):
    found = next_moments(f"{minute} {hour} * * *", zone, night + timedelta(minutes=later), 4)
    days = [moment.astimezone(ZoneInfo(zone)).date() for moment in found]
    assert days == [days[0] + timedelta(days=n) for n in range(4)]
    for moment in found:
        wall = moment.astimezone(ZoneInfo(zone))
        existed = (wall.hour, wall.minute) == (hour, minute)
        assert (
            existed
            or timedelta(0)
            < wall.utcoffset() - (moment - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).utcoffset()
        )


@given(
    st.sampled_from(["* * * * *", "*/7 * * * *", "5 */3 * * *", "*/20 1-3 * * *", "0 0 L * *", "30 2 * * 0"]),
    ZONES,
    NIGHTS,
    st.integers(0, 600),
)
def test_moments_only_grow_and_going_on_from_one_gives_the_next(
    expression: str, zone: str, night: datetime, later: int
):
    found = next_moments(expression, zone, night + timedelta(minutes=later), 12)
    assert found == sorted(set(found))
    assert all(next_moment(expression, zone, one) == two for one, two in zip(found, found[1:], strict=False))


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "five fields"),
        ("0 0 * * * *", "five fields"),
        ("@daily", "five fields"),
        ("60 * * * *", "minute makes no sense"),
        ("* * * * 8", "day of week"),
        ("0 0 30 2 *", "day of month"),
        ("0 0 * JAN-MAR,x *", "month"),
        ("٣ * * * *", "minute"),
        ("1-0 * * * *", "minute"),
        ("*/0 * * * *", "minute"),
        ("L * * * *", "minute"),
    ],
)
def test_what_is_no_expression_is_refused_with_a_sentence(expression: str, said: str):
    with pytest.raises(CronRefused, match=said):
        check_cron(expression, "UTC")


@given(st.text(alphabet="0123456789*/,-#LWMONjan ?é\0", max_size=30))
def test_any_text_is_an_expression_or_is_refused(text: str):
    try:
        check_cron(text, "UTC")
    except CronRefused as refusal:
        assert str(refusal)
    else:
        assert next_moment(text, BERLIN, datetime(2026, 1, 1, tzinfo=UTC))
        assert in_words(text)


def test_zones_are_known():
    assert zones()[0] == "UTC"
    check_cron("0 9 * * *", "Europe/Berlin")
    for wrong in ("", "Berlin", "../etc/passwd", "/", "a" * 300):
        with pytest.raises(CronRefused, match="time zone"):
            check_cron("0 9 * * *", wrong)
