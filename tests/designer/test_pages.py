"""Looking: the overview, the versions, and what is not there."""

import re

import pytest
from django.test import Client

from designer.actions import publish
from designer.models import Draft
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db

MISSING = [
    "/workflows/nothing/",
    "/workflows/nothing/edit/",
    "/workflows/nothing/publish/",
    "/workflows/nothing/export.yaml",
    "/workflows/import/?into=nothing",
    "/workflows/small/versions/7/",
    "/workflows/small/versions/99999999999999999999/",
    "/workflows/small/export.json?version=7",
    "/workflows/small/export.json?version=first",
    "/workflows/small/export.json?version=%00",
    "/workflows/small/edit/?step=nothing",
    "/workflows/small/edit/?step=%00",
    "/workflows/small/edit/?step=charge&section=nothing",
    "/workflows/small/edit/add/?step=nothing",
]


@pytest.mark.parametrize("address", MISSING)
def test_what_is_not_there(address: str, designer: Client, draft: Draft):
    answer = designer.get(address)
    assert answer.status_code == 404
    assert '<p class="error-code">404</p>' in answer.content.decode()


def test_the_overview_shows_what_is_published(designer: Client, dora, draft: Draft):
    assert "not published" in designer.get("/workflows/small/").content.decode()
    publish(draft=draft, note="Because of reasons.", revision=draft.revision, by=dora)
    page = designer.get("/workflows/small/").content.decode()
    assert "v1 in run order" in page
    assert "Because of reasons." in page
    assert "The draft says the same as the newest version." in page


def test_a_viewer_is_not_offered_what_they_may_not_do(draft: Draft):
    page = signed_in(person("viewer")).get("/workflows/small/").content.decode()
    assert "Edit the draft" not in page
    assert "Start a run" not in page
    assert "Charge card" in page


def test_a_version_stays_as_it_was(designer: Client, dora, draft: Draft):
    publish(draft=draft, note="First.", revision=draft.revision, by=dora)
    before = designer.get("/workflows/small/versions/1/").content.decode()
    designer.post("/workflows/small/edit/steps/refused/remove/", {"revision": draft.revision})
    after = designer.get("/workflows/small/versions/1/").content.decode()
    assert "payments.refund@2.0.0" in after
    assert before.count("Refused") == after.count("Refused") > 0
    drawn = re.compile(r'<svg class="flow" id="graph".*?</svg>\n</div>', re.DOTALL)
    assert drawn.findall(before) == drawn.findall(after) != []
