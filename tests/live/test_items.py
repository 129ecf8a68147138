"""The law of live pages for maps, loops and branches: the page and its fragments are the page of now."""

from typing import Any

import pytest

from runs.actions.joins import add_items, close_items
from runs.queries import find_run
from tests.actions.flows import branches, echo, flow
from tests.factories import Hand, a_run
from tests.live.frames import render
from tests.live.test_fragments import Watched
from tests.people import person

pytestmark = pytest.mark.django_db


def opening() -> dict[str, Any]:
    """A parallel that leaves a branch out, a loop of two rounds, and a map that takes more items."""
    both = branches(next="again", a=echo(), b=echo(), never=echo())
    both["branches"]["b"]["needs"] = ["a"]
    both["branches"]["never"]["when"] = "false"
    again = {"kind": "loop", "times": 2, "start": "r", "steps": {"r": echo()}, "next": "all"}
    every = {"kind": "map", "items": ["x", "y", "z"], "start": "one", "steps": {"one": echo("${ item }")}}
    every |= {"open_ended": True, "max_concurrency": 2, "join": {"tolerate": 1}}
    return flow(both=both, again=again, all=every)


@pytest.mark.parametrize("query", ["", "?step=one&item=1", "?step=all"])
def test_a_run_of_branches_rounds_and_items(query: str):
    watched, hand = Watched("operator", query, opening()), Hand()
    otto = person("operator")
    watched.look()
    hand.claim()
    for key in ("a", "b", "r", "r", "one"):
        watched.look()
        hand.succeed(key, 1)
        hand.claim()
    watched.look()
    hand.fail("one", retryable=False)
    hand.claim()
    watched.look()
    no = watched.run.step_runs.get(key="all").no
    add_items(run_id=watched.run.pk, no=no, items=["v"], by=otto)
    hand.claim()
    watched.look()
    close_items(run_id=watched.run.pk, no=no, by=otto)
    while hand.held:
        hand.succeed("one", 1)
        watched.look()
    page = watched.fresh().text()
    assert "3 of 4 done · 1 failed" in page
    assert "Succeeded" in page


def test_a_frame_does_not_grow_with_the_items():
    """A run of ten thousand sends what one of a hundred sends, for one that has ended."""
    sizes = []
    otto = person("operator")
    for count in (100, 10_000):
        every = {"kind": "map", "items": "${ input.list }", "start": "one", "steps": {"one": echo(1)}}
        run, hand = a_run(flow(all={**every, "max_concurrency": 1}), {"list": [0] * count}), Hand()
        hand.claim()
        before = find_run(otto, run.pk)
        assert before is not None
        seen = render(before, otto, {}, after=before.seq).view
        hand.succeed("one", 1)
        now = find_run(otto, run.pk)
        assert now is not None
        frame = render(now, otto, {}, after=before.seq, before=seen).html
        assert "run-items" in frame
        assert 'id="run-graph"' not in frame
        sizes.append(len(frame))
    assert sizes[1] < sizes[0] + 2_000
