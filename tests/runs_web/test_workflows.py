"""/workflows/: the first page."""

import pytest
from django.test import Client

from designer.actions import create_workflow
from runs.actions import start_run
from runs.models import DeadLetter, Review, Run
from tests.actions.flows import echo, flow
from tests.factories import a_version
from tests.people import person

pytestmark = pytest.mark.django_db


def test_the_first_page_is_the_workflows(viewer: Client):
    answer = viewer.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/workflows/")


def test_it_is_empty_with_a_way_on(viewer: Client, operator: Client):
    assert "A designer can make the first one." in viewer.get("/workflows/").content.decode()


def test_it_says_what_is_there_and_how_it_goes(viewer: Client, run: Run, asked: Review, letter: DeadLetter):
    answer = viewer.get("/workflows/")
    rows = {row.workflow.key: row for row in answer.context["rows"]}
    assert set(rows) == {"flow", "reviewed", "stuck"}
    flow = rows["flow"]
    assert (flow.tally.started, flow.in_flight, flow.tally.success) == (1, 1, None)
    assert (rows["reviewed"].reviews, rows["stuck"].tally.success) == (1, 0.0)
    overview = answer.context["overview"]
    assert (overview.figures.tally.started, overview.figures.flying, overview.figures.tally.failed) == (
        3,
        2,
        1,
    )
    assert (overview.waiting.reviews, overview.waiting.dead_letters) == (1, 1)
    assert answer.context["chosen"] == rows["stuck"]


def test_a_workflow_that_was_never_published_is_a_draft(viewer: Client):
    create_workflow(key="unripe", title="Unripe", owner="care", by=person("designer"))
    answer = viewer.get("/workflows/")
    assert answer.status_code == 200
    assert "draft · care · " in " ".join(answer.content.decode().split())


@pytest.mark.parametrize("period", ["1h", "7d", "30d", "nonsense", "%00", "<script>"])
def test_it_looks_back_as_far_as_one_likes(viewer: Client, run: Run, period: str):
    answer = viewer.get(f"/workflows/?period={period}")
    assert answer.status_code == 200
    assert "<script>&" not in answer.content.decode()


def test_its_own_page_offers_to_start_the_first_run(viewer: Client, operator: Client):
    workflow = a_version(flow(one=echo())).workflow
    address = f"/workflows/{workflow.key}/runs/"
    offered = f'<a href="/workflows/{workflow.key}/start/">Start the first one</a>'
    assert offered in operator.get(address).content.decode()
    page = viewer.get(address).content.decode()
    assert "No runs yet" in page
    assert "Start the first one" not in page


def test_only_who_may_start_is_offered_it(viewer: Client, operator: Client, run: Run):
    assert "/workflows/flow/start/" in operator.get("/workflows/").content.decode()
    assert "/workflows/flow/start/" not in viewer.get("/workflows/").content.decode()


def test_many_workflows_and_runs_cost_no_more_queries_than_one(viewer: Client, django_assert_max_num_queries):
    for n in range(4):
        version = a_version({**flow(one=echo()), "key": f"flow_{n}"})
        for _ in range(45):
            start_run(version=version, inputs={})
        viewer.get("/workflows/")
        with django_assert_max_num_queries(26):
            rows = viewer.get("/workflows/").context["rows"]
    assert [len(row.newest) for row in rows] == [40] * 4
    assert rows[0].said == "Last 40 runs: 40 queued"
