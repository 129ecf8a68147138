"""A new workflow: an empty draft under a key of its own."""

import pytest
from django.test import Client

from designer.models import Draft, Workflow

pytestmark = pytest.mark.django_db


def test_a_title_is_enough(designer: Client):
    answer = designer.post("/workflows/new/", {"title": "Parcel return", "key": "", "owner": "logistics"})
    assert answer["Location"] == "/workflows/parcel_return/edit/"
    workflow = Workflow.objects.get()
    assert (workflow.key, workflow.title, workflow.owner) == ("parcel_return", "Parcel return", "logistics")
    assert workflow.draft.steps.count() == 0
    assert designer.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("small", "There is already a workflow “small”."),
        ("new", "is the address of a page"),
        ("Parcel Return", "Use small letters, digits and underscores"),
        ("import", "is a word of the expression language"),
        ("x" * 65, "is too long for a key"),
    ],
)
def test_a_key_that_cannot_be(key: str, sentence: str, designer: Client, draft: Draft):
    answer = designer.post("/workflows/new/", {"title": "Parcel return", "key": key, "owner": ""})
    assert answer.status_code == 422
    said = answer.content.decode()
    assert sentence in said
    assert 'value="Parcel return"' in said
    assert Workflow.objects.count() == 1


def test_a_title_is_needed(designer: Client):
    assert designer.post("/workflows/new/", {"title": " "}).status_code == 422
    assert not Workflow.objects.exists()
