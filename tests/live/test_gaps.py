"""A page that was away for long: what it cannot be sent at once is not left out in silence."""

import re

import pytest

from runs.models import Run
from runs.queries.run_page import EVENTS_SHOWN
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_run
from tests.live.frames import render
from tests.people import person

pytestmark = pytest.mark.django_db

ROUNDS = 120


@pytest.fixture(scope="module")
def rounds() -> dict[str, object]:
    body = {"start": "one", "steps": {"one": echo("${ index }")}}
    return flow(again={"kind": "loop", "times": ROUNDS, "limit": ROUNDS, **body})


def sent(run: Run, after: int, events: str = "every") -> tuple[str, list[int], str]:
    """Where the lines go, which they are, and the frame."""
    run.refresh_from_db()
    html = render(run, person("viewer"), {"events": events}, after=after).html
    [(place, lines)] = re.findall(r'<ol hx-swap-oob="(\w+):#events">(.*?)</ol>', html, re.DOTALL)
    return place, [int(seq) for seq in re.findall(r'data-seq="(\d+)"', lines)], html


def test_what_a_page_lacks_is_put_before_what_it_has_unless_that_would_leave_a_gap(rounds: dict[str, object]):
    run, hand = a_run(rounds), Hand()
    hand.claim()
    before = Run.objects.get(pk=run.pk).seq
    for _ in range(ROUNDS):
        hand.succeed("one", 1)
    run.refresh_from_db()
    near = run.seq - EVENTS_SHOWN
    place, lines, html = sent(run, near)
    assert (place, lines[-1]) == ("afterbegin", near + 1)
    assert "Older events" not in html
    for after in (before, near - 1):
        place, lines, html = sent(run, after)
        assert (place, len(lines)) == ("innerHTML", EVENTS_SHOWN)
        assert re.search(rf'<div id="events-older" hx-swap-oob="outerMorph">.*before={lines[-1]}"', html)
