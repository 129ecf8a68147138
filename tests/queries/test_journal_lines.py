"""The journal in words."""

import pytest

from designer.versions import graph_of
from runs.models import Run
from runs.queries import journal_lines
from tests.actions.flows import flow
from tests.factories import Hand, a_run, action

pytestmark = pytest.mark.django_db


def test_a_page_and_what_follows_it_tell_each_entry_once():
    run, hand = a_run({"start": "one", "steps": {"one": action()}}), Hand()
    hand.claim()
    seen = Run.objects.get(pk=run.pk)
    hand.succeed("one")
    page = journal_lines(seen, graph_of(run.version_id))
    run.refresh_from_db()
    following = journal_lines(run, graph_of(run.version_id), after=seen.seq)
    assert [line.seq for line in (*following, *page)] == [
        line.seq for line in journal_lines(run, graph_of(run.version_id))
    ]


def test_a_fail_step_ends_the_run_rather_than_giving_up():
    run = a_run(flow(no={"kind": "fail", "error": "Rejected", "message": "Too risky"}))
    Hand().claim()
    run.refresh_from_db()
    told = [line.text for line in journal_lines(run, graph_of(run.version_id))]
    assert "ended the run: Rejected: Too risky" in told
