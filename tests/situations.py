"""Where runs get to: a step that a worker holds, a review that is open, an undo that gave up."""

from typing import Any

from runs.models import DeadLetter, Review, Run
from tests.actions.flows import SAGA, echo, flow, review
from tests.factories import Hand, a_run

ENDS = {"yes": echo("${ steps.look.output }"), "no": {"kind": "fail", "error": "Rejected"}}
SHOW = [{"label": "Risk score", "value": 81}, {"label": "Lines", "value": [{"sku": "MUG-01", "n": 2}]}]


def play_on(hand: Hand) -> None:
    """As far as a worker brings the runs that there are. What fails is the step that a saga is undone for."""
    while hand.held or hand.claim():
        held = hand.held[0]
        if held.key == "three":
            hand.fail(held.key, retryable=False)
        else:
            hand.succeed(held.key, {"key": "k", "note": "n"})


def a_held_run(hand: Hand) -> Run:
    """Its first step is in the hand of a worker."""
    run = a_run({**SAGA, "business_key": "ORD-7"})
    hand.claim()
    return Run.objects.get(pk=run.pk)


def an_open_review(show: list[dict[str, Any]] = SHOW, **fields: Any) -> Review:
    document = flow(look=review(show=show, **fields), **ENDS)
    run = a_run({**document, "key": "reviewed", "business_key": "ORD-8"})
    Hand().claim()
    return Review.objects.get(run=run)


def an_undo_that_gave_up() -> DeadLetter:
    hand = Hand()
    run = a_run({**SAGA, "key": "stuck", "business_key": "ORD-9"})
    hand.claim()
    for key in ("one", "two"):
        hand.succeed(key, {"key": "k", "note": key})
    hand.fail("three", retryable=False)
    hand.fail("two", retryable=False)
    return DeadLetter.objects.get(run=run)
