"""/runs/: the list of runs."""

import re

import pytest
from django.test import Client

from runs.actions import resolve_dead_letter, start_run
from runs.engine import Resolution
from runs.models import DeadLetter, Review, Run
from runs.queries.lists import PAGE
from tests.actions.flows import branches, echo, flow
from tests.factories import Hand, a_run, a_version
from tests.people import person

pytestmark = pytest.mark.django_db

KEYED = {**flow(one=echo()), "business_key": "ORD-${ input.n }"}


def names(client: Client, query: str = "") -> set[str]:
    answer = client.get(f"/runs/{query}")
    assert answer.status_code == 200
    return {row.run.name for row in answer.context["page"].rows}


def test_it_is_empty_with_a_sentence(viewer: Client):
    assert "No runs yet" in viewer.get("/runs/").content.decode()
    assert "No run fits" in viewer.get("/runs/?q=ORD-9").content.decode()


def test_the_newest_comes_first_with_its_sentence(
    viewer: Client, run: Run, asked: Review, letter: DeadLetter
):
    rows = viewer.get("/runs/").context["page"].rows
    assert [row.run.name for row in rows] == ["ORD-9", "ORD-8", "ORD-7"]
    said = [re.sub(r" since [0-9:]+", "", str(row.sentence)) for row in rows]
    assert said == [
        "<b>Three</b> gave up after its attempt (Broken: it broke). The undo of <b>Two</b> gave up: Broken: it broke.",
        "Waiting for a person to decide <b>Look at it</b>.",
        "<b>One</b> is running.",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status=in-flight", {"ORD-7", "ORD-8"}),
        ("?status=waiting", {"ORD-8", "ORD-9"}),
        ("?status=failed", {"ORD-9"}),
        ("?status=finished", set()),
        ("?workflow=stuck", {"ORD-9"}),
        ("?q=ord-8", {"ORD-8"}),
        ("?q=ORD&status=failed", {"ORD-9"}),
        ("?q=%20ORD-7%20", {"ORD-7"}),
        ("?step=three", {"ORD-9"}),
        ("?error=Broken&step=three", {"ORD-9"}),
        ("?error=Timeout", set()),
        ("?since=2020-01-01T00:00", {"ORD-7", "ORD-8", "ORD-9"}),
        ("?until=2020-01-01", set()),
    ],
)
def test_it_is_filtered(
    viewer: Client, run: Run, asked: Review, letter: DeadLetter, query: str, found: set[str]
):
    assert names(viewer, query) == found


def test_a_run_is_found_by_the_end_of_its_id(viewer: Client, run: Run, asked: Review):
    for text in (run.short_id, run.pk.hex[-6:], str(run.pk)):
        assert names(viewer, f"?q={text}") == {"ORD-7"}


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00",
        "?workflow=%00&status=%00",
        "?q=" + "x" * 100_000,
        "?before=00000000-0000-0000-0000-000000000000",
        "?after=%00",
        "?since=999999-01-01&until=%ff",
        "?error=<script>&step=" + "x" * 100,
        "?q=%25%5F%27%22\\",
        "?q=%ff%fe",
        "?q=%ED%A0%80",
        "?" + "&".join(f"a{n}=1" for n in range(500)),
    ],
)
def test_nonsense_finds_nothing_and_breaks_nothing(viewer: Client, run: Run, query: str):
    assert viewer.get(f"/runs/{query}").status_code == 200


def test_what_was_asked_is_written_as_text_and_kept_in_every_link(viewer: Client):
    version = a_version(KEYED)
    for n in range(PAGE + 1):
        start_run(version=version, inputs={"n": n})
    page = viewer.get("/runs/", {"q": "ORD", "workflow": "flow", "status": "in-flight"}).content.decode()
    assert "?q=ORD&amp;workflow=flow&amp;status=in-flight&amp;before=" in page
    assert "?q=ORD&amp;workflow=flow&amp;status=failed" in page
    page = viewer.get("/runs/", {"q": '"><script>alert(1)</script>&a=b'}).content.decode()
    assert "<script>alert" not in page
    assert "?q=%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E%26a%3Db&amp;status=failed" in page


def test_it_is_paged_from_a_run_and_back(viewer: Client):
    version = a_version(KEYED)
    for n in range(2 * PAGE + 3):
        start_run(version=version, inputs={"n": n})
    first = viewer.get("/runs/").context["page"]
    assert (len(first.rows), first.newer) == (PAGE, None)
    start_run(version=version, inputs={"n": 1000})
    second = viewer.get(f"/runs/?before={first.older}").context["page"]
    assert [row.run.name for row in second.rows] == [f"ORD-{n}" for n in range(PAGE + 2, 2, -1)]
    last = viewer.get(f"/runs/?before={second.older}").context["page"]
    assert [row.run.name for row in last.rows] == ["ORD-2", "ORD-1", "ORD-0"]
    assert last.older is None
    back = viewer.get(f"/runs/?after={last.newer}").context["page"]
    assert [row.run.name for row in back.rows] == [row.run.name for row in second.rows]


def test_a_rollback_that_was_let_be_waits_for_nobody(viewer: Client, letter: DeadLetter, hand: Hand):
    assert names(viewer, "?status=waiting") == {letter.run.name}
    resolve_dead_letter(letter_id=letter.pk, how=Resolution.SKIP, by=person("operator"), reason="x")
    hand.claim()
    hand.succeed("one")
    letter.run.refresh_from_db()
    assert letter.run.reason == "rollback_incomplete"
    page = viewer.get("/runs/?status=waiting").context["page"]
    assert (list(page.rows), page.counts["waiting"], page.counts["failed"]) == ([], 0, 1)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?status=nonsense", "“nonsense” is no status. There are all, in-flight, waiting, failed, finished."),
        ("?workflow=nonsense", "There is no workflow “nonsense”."),
        ("?since=yesterday", "“yesterday” is no moment. Write it as 2026-11-22 14:00."),
        ("?since=2026-02-31", "“2026-02-31” is no moment."),
        ("?since=2026-02-03&until=2026-02-03", "“Started before” has to be later than “started from”."),
        ("?q=%00", "Null characters are not allowed."),
        ("?q=" + "x" * 1000, "at most 200 characters"),
        ("?before=7", "That is no run to page from: the address is damaged."),
    ],
)
def test_a_filter_that_makes_no_sense_is_said_and_nothing_is_listed(
    viewer: Client, run, query: str, said: str
):
    page = viewer.get(f"/runs/{query}").content.decode()
    assert said in page
    assert "Nothing is listed until the filter makes sense." in page
    assert "ORD-7" not in page


def test_each_status_says_how_many_runs_it_would_show(
    viewer: Client, run: Run, asked: Review, letter: DeadLetter
):
    counts = viewer.get("/runs/").context["page"].counts
    assert counts == {"all": 3, "in_flight": 2, "waiting": 2, "failed": 1, "finished": 0}
    assert viewer.get("/runs/?workflow=stuck").context["page"].counts["all"] == 1


def test_many_runs_cost_no_more_queries_than_one(viewer: Client, hand: Hand, django_assert_max_num_queries):
    version = a_version(flow(all=branches(a=echo("a"), b=echo("b")), next=echo()))
    viewer.get("/runs/")
    for n in range(1, 4):
        for _ in range(10):
            start_run(version=version, inputs={"n": n})
        hand.claim(100)
        with django_assert_max_num_queries(12):
            assert len(viewer.get("/runs/").context["page"].rows) == 10 * n


def test_the_rows_of_one_workflow_are_a_part(viewer: Client, run: Run, asked: Review):
    part = viewer.get("/workflows/reviewed/runs/").content.decode()
    assert "ORD-8" in part
    assert "ORD-7" not in part
    assert "<html" not in part


def test_a_run_without_a_key_goes_by_its_id(viewer: Client):
    run = a_run(flow(one=echo()))
    assert names(viewer) == {run.short_id}
