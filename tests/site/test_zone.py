"""By whose clocks pages are written: the viewer's own, and UTC for programs and for cookies that make no sense."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from choreo_site.templatetags import ui
from designer.zones import NoMoment, read_moment, with_offset, zone_named, zone_word
from runs.models import Run
from tests.actions.flows import echo, flow
from tests.factories import a_run
from tests.people import person, signed_in

NOON = datetime(2026, 7, 1, 12, 0, 7, tzinfo=UTC)
WINTER = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
BERLIN, KOLKATA, NEW_YORK = map(zone_named, ("Europe/Berlin", "Asia/Kolkata", "America/New_York"))

HOSTILE = ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe", "Europe/Berlin/", "a" * 4_000,
           "Europe/Berlin%00", "<script>", "europe/berlin", "Zürich", "None", "UTC+25"]  # fmt: skip


@pytest.fixture
def run(db: None) -> Run:
    run = a_run(flow(one=echo()))
    Run.objects.filter(pk=run.pk).update(created_at=NOON)
    return run


def viewer_in(zone: str) -> Client:
    client = signed_in(person("viewer"))
    client.cookies["zone"] = zone
    return client


def started(client: Client, run: Run) -> str:
    page = client.get(f"/runs/{run.pk}/").content.decode()
    found = re.search(r"<dt>Started</dt><dd>(<time.*?</time>)", page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("zone", "said", "exactly"),
    [
        ("Europe/Berlin", "14:00:07", "2026-07-01 14:00:07 CEST"),
        ("Asia/Kolkata", "17:30:07", "2026-07-01 17:30:07 IST"),
        ("America/Sao_Paulo", "09:00:07", "2026-07-01 09:00:07 UTC-03:00"),
        ("UTC", "12:00:07", "2026-07-01 12:00:07 UTC"),
    ],
)
def test_each_viewer_reads_their_own_clock_and_programs_read_utc(
    run: Run, zone: str, said: str, exactly: str
):
    html = started(viewer_in(zone), run)
    assert f'title="{exactly}">{said}<' in html
    assert 'datetime="2026-07-01T12:00:07+00:00"' in html


@pytest.mark.parametrize("zone", HOSTILE)
def test_a_cookie_that_names_no_zone_is_utc(run: Run, zone: str):
    client = viewer_in(zone)
    assert ">12:00:07<" in started(client, run)
    assert 'data-zone="UTC"' in client.get("/runs/").content.decode()


def test_nobody_s_zone_stays_behind_for_the_next(run: Run):
    assert ">14:00:07<" in started(viewer_in("Europe/Berlin"), run)
    assert ">12:00:07<" in started(signed_in(person("viewer")), run)
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_page_says_whose_clocks_it_shows_and_says_it_without_scripts_too(run: Run):
    page = viewer_in("Asia/Kolkata").get("/runs/").content.decode()
    assert "Times in IST, Asia/Kolkata" in page
    plain = signed_in(person("viewer")).get("/runs/").content.decode()
    assert re.search(r"<noscript><span[^>]*>Times in UTC</span></noscript>", plain)


def test_programs_are_answered_in_utc_whatever_their_cookie(run: Run):
    answer = viewer_in("Asia/Kolkata").get(f"/api/v1/runs/{run.pk}/")
    assert answer.json()["created_at"] == "2026-07-01T12:00:07Z"


def test_the_zone_s_word_follows_the_clocks_of_the_moment():
    with timezone.override(BERLIN):
        assert (zone_word(NOON), zone_word(WINTER)) == ("CEST", "CET")
        assert "14:00" in ui.clock(NOON, "minutes")
        assert "13:00" in ui.clock(WINTER, "minutes")
    with timezone.override(zone_named("Asia/Kathmandu")):
        assert zone_word(NOON) == "UTC+05:45"


def test_a_moment_without_an_offset_is_by_the_viewer_s_clocks():
    with timezone.override(BERLIN):
        assert read_moment("2026-07-01 14:00:07") == NOON
        assert read_moment("2026-07-01T12:00:07Z") == NOON
        assert with_offset("2026-12-01T13:00") == "2026-12-01T13:00:00+01:00"
        assert with_offset("2026-12-01T13:00Z") == "2026-12-01T13:00Z"
        assert with_offset("${ input.at }") == "${ input.at }"


def test_an_hour_that_comes_twice_is_the_first_and_one_that_does_not_exist_is_refused():
    with timezone.override(BERLIN):
        assert read_moment("2026-10-25T02:30").astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        said = "There is no 02:30 on 29 March 2026 in Europe/Berlin: the clock is put forward then."
        with pytest.raises(NoMoment, match=re.escape(said)):
            read_moment("2026-03-29T02:30")


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"]
)
def test_what_is_no_moment_or_beyond_all_time_is_refused(text: str):
    with timezone.override(NEW_YORK), pytest.raises(NoMoment, match="is no moment"):
        read_moment(text)


def test_the_filter_of_runs_reads_the_viewer_s_clocks_and_says_so(run: Run):
    client = viewer_in("Asia/Kolkata")
    listed = client.get("/runs/?since=2026-07-01T17:30&until=2026-07-01T17:31")
    page = listed.content.decode()
    assert [row.run.pk for row in listed.context["page"].rows] == [run.pk]
    assert "Started from (IST)" in page
    assert 'value="2026-07-01T17:30"' in page
    assert not client.get("/runs/?since=2026-07-01T17:31").context["page"].rows
    with_its_own = client.get("/runs/?since=2026-07-01T12:00Z")
    assert len(with_its_own.context["page"].rows) == 1
    assert 'value="2026-07-01T17:30"' in with_its_own.content.decode()


def test_a_day_of_a_chart_begins_at_the_viewer_s_midnight(db: None):
    from_midnight = viewer_in("Asia/Kolkata").get("/workflows/?period=30d").context["overview"].window
    with timezone.override(KOLKATA):
        starts = {
            timezone.localtime(from_midnight.start_of(index)).time() for index in range(from_midnight.slices)
        }
    assert {time.isoformat() for time in starts} == {"00:00:00"}
    assert from_midnight.start_of(from_midnight.slices) > from_midnight.until
    assert from_midnight.start_of(0) <= from_midnight.since < from_midnight.start_of(0) + timedelta(days=1)
