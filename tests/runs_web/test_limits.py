"""/workflows/<key>/limits/."""

import pytest
from django.test import Client

from runs.actions import admit_waiting, set_limits, start_run
from runs.models import Limits, Run
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_version
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/workflows/flow/limits/"


@pytest.fixture
def designer(db: None) -> Client:
    return signed_in(person("designer"))


def test_limits_are_set_and_shown(designer: Client):
    a_version(flow(one=echo("x")))
    assert designer.get(PAGE).status_code == 200
    sent = {"max_running": "5", "starts_per_minute": "", "priority": "7", "queue": "heavy"}
    assert designer.post(PAGE, sent).status_code == 302
    limits = Limits.objects.get()
    assert (limits.max_running, limits.starts_per_minute, limits.priority, limits.queue) == (
        5,
        None,
        7,
        "heavy",
    )
    page = designer.get(PAGE).content.decode()
    assert 'value="5"' in page and 'value="heavy"' in page and "dora" in page


@pytest.mark.parametrize(
    "fields",
    [{"max_running": "0"}, {"priority": "10"}, {"priority": ""}, {"queue": "No way"}, {"queue": "!"}],
    ids=str,
)
def test_what_makes_no_sense_is_refused(designer: Client, fields: dict[str, str]):
    a_version(flow(one=echo("x")))
    assert designer.post(PAGE, {"priority": "5", **fields}).status_code == 422
    assert not Limits.objects.exists()


def test_a_run_that_waits_says_so_on_its_page(viewer: Client, hand: Hand):
    version = a_version(flow(one=echo("x")))
    set_limits(workflow=version.workflow, by=None, max_running=1)
    for _ in range(2):
        start_run(version=version, inputs={})
    admit_waiting()
    hand.claim()
    waiting = Run.objects.get(status="ready")
    sentence = "Waits: 1 of 1 runs of this workflow are in flight."
    assert sentence in viewer.get(f"/runs/{waiting.pk}/").content.decode()
    assert sentence in viewer.get("/runs/").content.decode()
