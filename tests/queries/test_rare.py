"""Entries of rare kinds are found by their own index, however long the journal is, on both databases."""

import pytest
from django.db import connection

from runs.models import Run
from runs.models.journal import RARE
from runs.queries.rare import rare_entries
from tests.actions.flows import echo, flow
from tests.factories import a_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(db: None) -> Run:
    return a_run(flow(one=echo("x")))


@pytest.mark.parametrize("kind", RARE)
def test_they_are_found_by_their_index(run: Run, kind: str):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # with so few rows it would read them all
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "journal_rare" in rare_entries(run, kind).explain()


def test_only_what_is_rare_is_asked_for_so(run: Run):
    with pytest.raises(AssertionError):
        rare_entries(run, "StepEntered")
