"""Pictures are stored with a version, and laid out for those that have none."""

import pytest

from designer.actions.drawings import store_drawings
from designer.drawings import drawing_of, drawing_of_draft
from designer.graph import Direction, lay_out
from designer.ids import uuid7
from designer.models import Drawing
from designer.versions import graph_of
from tests.actions.flows import SAGA
from tests.factories import a_version

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("direction", Direction)
def test_what_is_stored_is_what_was_drawn(direction: Direction):
    version = a_version(SAGA)
    graph = graph_of(version.pk)
    store_drawings(version, graph)
    assert version.drawings.count() == len(Direction)
    assert drawing_of(version.pk, direction) == lay_out(graph, direction)


def test_a_stored_picture_is_not_drawn_again():
    version, other = a_version(SAGA), a_version({**SAGA, "key": "other", "start": "three"})
    store_drawings(version, graph_of(other.pk))
    assert drawing_of(version.pk, Direction.DOWN) == lay_out(graph_of(other.pk), Direction.DOWN)


def test_a_version_from_before_there_were_pictures_is_drawn_when_it_is_looked_at():
    version = a_version(SAGA)
    assert drawing_of(version.pk, Direction.ACROSS) == lay_out(graph_of(version.pk), Direction.ACROSS)
    assert not Drawing.objects.exists()


def test_a_draft_is_drawn_once_for_each_revision():
    graph, changed = (graph_of(a_version({**SAGA, "start": start}).pk) for start in ("one", "three"))
    workflow = uuid7()
    first = drawing_of_draft(workflow, 1, graph, Direction.DOWN)
    assert drawing_of_draft(workflow, 1, changed, Direction.DOWN) is first
    assert drawing_of_draft(workflow, 2, changed, Direction.DOWN) == lay_out(changed, Direction.DOWN)
