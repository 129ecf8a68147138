"""The examples open in the editor, step by step."""

import pytest

from choreo_site.seeding import seed_examples
from designer.drafts import graph_of_draft, problems_of
from designer.models import Draft
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


def test_every_step_of_every_example_can_be_edited_and_has_no_problem():
    seed_examples(by=person("admin"))
    client = signed_in(person("designer"))
    for draft in Draft.objects.all():
        assert problems_of(draft) == ()
        for key in graph_of_draft(draft).steps:
            page = client.get(f"/workflows/{draft.workflow.key}/edit/?step={key}")
            assert (page.status_code, key) == (200, key)
