"""The one sentence of a run, in every situation that a run can be in."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from runs.actions import cancel_run, resolve_dead_letter
from runs.engine import Resolution
from runs.models import DeadLetter, Run
from runs.models.lanes import lane_of
from runs.queries.sentences import sentences
from tests.actions.flows import SAGA, branches, echo, flow, review, undoable
from tests.factories import Hand, a_run
from tests.people import person

pytestmark = pytest.mark.django_db

GIVES = {"key": "k", "note": "x"}
TWICE = flow(one=echo(retry={"attempts": 3, "wait": "1m"}))
PARKED = flow(one=echo(on_exhausted="dead_letter"))
ASKS = flow(look=review(), yes=echo(), no={"kind": "fail", "error": "Rejected"})
LATE = flow(look=review(due="1h"), yes=echo(), no={"kind": "fail", "error": "Rejected"})
WAITS = flow(pause={"kind": "wait", "for": "2h"}, next_one=echo())
BOTH = flow(both=branches(next="last", a=echo("a"), b=echo("b")), last=echo())
ENDS = flow(no={"kind": "fail", "error": "Rejected", "message": "Too risky."})

Scene = Callable[[Hand, Run], object]


def claim(hand: Hand, run: Run) -> None:
    hand.claim()


def succeed(key: str) -> Scene:
    return lambda hand, run: hand.succeed(key, GIVES)


def fail(key: str, *, retryable: bool = True) -> Scene:
    return lambda hand, run: hand.fail(key, retryable=retryable)


def cancel(hand: Hand, run: Run) -> None:
    cancel_run(run_id=run.pk, by=person("operator"))


def grow_late(hand: Hand, run: Run) -> None:
    run.step_runs.update(due_at=timezone.now() - timedelta(minutes=5))


def skip(hand: Hand, run: Run) -> None:
    letter = DeadLetter.objects.get(status="open")
    resolve_dead_letter(letter_id=letter.pk, how=Resolution.SKIP, by=person("operator"), reason="x")


ROLLING = (claim, succeed("one"), succeed("two"), fail("three", retryable=False))

SITUATIONS = [
    ("accepted", SAGA, (), "Accepted, and waiting for a worker."),
    ("at work", SAGA, (claim,), "One is running."),
    ("two at work", BOTH, (claim,), "A and B are running."),
    (
        "backing off", TWICE, (claim, fail("one")),
        "One: try 1 of 3 failed (Broken: it broke). It will be tried again at TIME.",
    ),
    ("a person", ASKS, (claim,), "Waiting for a person to decide Look at it since TIME."),
    (
        "a person, late", LATE, (claim, grow_late),
        "Waiting for a person to decide Look at it since TIME, which is late.",
    ),
    ("a moment", WAITS, (claim,), "Pause waits until TIME."),
    ("a dead letter", PARKED, (claim, fail("one")), "One gave up and waits for a person: Broken: it broke."),
    (
        "undoing", SAGA, ROLLING,
        "Three gave up after its attempt (Broken: it broke). Finished steps are being undone, 0 of 2 done.",
    ),
    (
        "half undone", SAGA, (*ROLLING, succeed("two")),
        "Three gave up after its attempt (Broken: it broke). Finished steps are being undone, 1 of 2 done.",
    ),
    (
        "rolled back", SAGA, (*ROLLING, succeed("two"), succeed("one")),
        "Three gave up after its attempt (Broken: it broke). All 2 finished steps that can be undone were undone.",
    ),
    (
        "rollback incomplete", SAGA, (*ROLLING, fail("two", retryable=False)),
        "Three gave up after its attempt (Broken: it broke). The undo of Two gave up: Broken: it broke.",
    ),
    (
        "an undo skipped", SAGA, (*ROLLING, fail("two", retryable=False), skip),
        "Three gave up after its attempt (Broken: it broke). Finished steps are being undone, 0 of 1 done.",
    ),
    (
        "rolled back but for one", SAGA, (*ROLLING, fail("two", retryable=False), skip, succeed("one")),
        "Three gave up after its attempt (Broken: it broke). The undo of Two was skipped: what it did stands.",
    ),
    ("succeeded", TWICE, (claim, succeed("one")), "Every step that was needed has succeeded."),
    ("failed by a step", ENDS, (claim,), "No ended the run: Rejected: Too risky."),
    ("cancelled", TWICE, (claim, cancel), "Waiting for reports of attempts that the run has moved on from."),
    ("cancelled and over", TWICE, (claim, cancel, succeed("one")), "The run was cancelled."),
    (
        "a late success", SAGA, (claim, succeed("one"), cancel, succeed("two")),
        "Two finished after the run had moved on, and is being undone.",
    ),
    (
        "cancelled, undoing", SAGA, (claim, succeed("one"), cancel, succeed("two"), succeed("two")),
        "The run was cancelled. Finished steps are being undone, 1 of 2 done.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("flow", "scenes", "said"), [row[1:] for row in SITUATIONS], ids=[row[0] for row in SITUATIONS]
)
def test_it_says_what_is_going_on(flow: dict, scenes: tuple[Scene, ...], said: str):
    run, hand = a_run(flow), Hand()
    for scene in scenes:
        scene(hand, run)
        hand.claim()
    run.refresh_from_db()
    told = unescape(strip_tags(sentences([run])[run.pk]))
    assert re.sub(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?( on [0-9]+ [A-Z][a-z]+)?", "TIME", told) == said


def test_who_waits_in_a_queue_of_its_own_names_it():
    run = a_run(SAGA)
    run.lane = lane_of("heavy", 5)
    assert sentences([run])[run.pk] == "Accepted, and waiting for a worker that serves the queue “heavy”."


def test_what_a_person_wrote_is_only_text():
    run, hand = a_run(flow(one=echo(title="<b>One</b>"))), Hand()
    hand.claim()
    run.refresh_from_db()
    assert "&lt;b&gt;One" in sentences([run])[run.pk]


def test_what_is_undone_is_counted_of_what_can_be():
    run, hand = a_run(flow(one=undoable("one", next="two"), two=echo(next="three"), three=echo())), Hand()
    hand.claim()
    hand.succeed("one", GIVES)
    hand.succeed("two")
    hand.fail("three", retryable=False)
    run.refresh_from_db()
    assert "0 of 1 done" in sentences([run])[run.pk]


def test_what_many_wait_for_outside_costs_no_more_queries_than_what_one_does(
    django_assert_max_num_queries: Any,
):
    hand = Hand()
    signal = {"kind": "wait", "signal": {"name": "paid", "key": "${ input.key }"}}
    documents = [flow(one=signal), flow(one=echo(lock="till"))]
    held_by = ""  # the first run of the second document has the lock all the while
    for count in (1, 5):
        runs = [a_run(document, {"key": f"ORD-{n}"}) for document in documents for n in range(count)]
        while hand.claim():
            pass
        held_by = held_by or runs[-1].name
        for run in runs:
            run.refresh_from_db()
        with django_assert_max_num_queries(6):
            said = [strip_tags(sentence) for sentence in sentences(runs).values()]
        assert said[count - 1] == f"One waits for the signal paid with key ORD-{count - 1}."
    assert said[-1] == f"One waits for the lock till, held by {held_by}."
