"""Signals on rows: taken in once, told to all who wait, kept for the first who comes, and never lost."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from runs.actions import (
    cancel_run,
    claim_review,
    decide_review,
    enlist_worker,
    forget_signals,
    publish_signal,
    resolve_dead_letter,
    start_run,
)
from runs.engine import Fault, Resolution, RunStatus
from runs.models import Reception, Review, Run, Signal, Subscription, Trigger, Work
from runs.models.work import WorkKind
from runs.refusals import SignalRefused
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_run, a_user, a_version

pytestmark = pytest.mark.django_db

PAID = {"name": "order.paid", "key": "${ input.order }"}
LISTENS = flow(wait={"kind": "wait", "signal": PAID, "next": "go"}, go=echo("${ steps.wait.output.data }"))
DECLINED = Fault(name="Declined", message="Too late.")
EMITS = {
    **flow(
        tell={
            "kind": "emit",
            "signal": "order.paid",
            "key": "${ input.order }",
            "data": {"amount": 12},
            "next": "go",
        },
        go=echo(),
    ),
    "key": "teller",
}
FIRST = flow(
    wait={
        "kind": "wait",
        "first": {
            "paid": {"signal": PAID, "next": "go"},
            "late": {"for": "1h", "next": "go"},
            "waived": {"person": {"groups": ["sales"]}, "title": "Waive it", "next": "go"},
        },
    },
    go=echo("${ steps.wait.output.first }"),
)


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def given(run: Run, key: str) -> Any:
    envelope: Any = run.step_runs.get(key=key).output
    return envelope["is"]


def paid(key: str = "ORD-1", **more: Any) -> Signal:
    return publish_signal(name="order.paid", key=key, source="/bank", data={"amount": 12}, **more).signal


def listening(hand: Hand, order: str = "ORD-1", document: dict[str, Any] = LISTENS) -> Run:
    run = a_run(document, {"order": order})
    assert hand.claim() == []
    return run


def quiet(hand: Hand) -> None:
    """All that is due is done, and there is no attempt in it."""
    for _ in range(6):
        assert hand.claim() == []


# --- told to all who wait ----------------------------------------------------------------------------------------


def test_a_signal_wakes_every_run_that_waits_for_it(hand: Hand):
    runs = [listening(hand), listening(hand), listening(hand, "ORD-2")]
    signal = paid()
    held = [*hand.claim(), *hand.claim()]
    assert {each.run_id for each in held} == {runs[0].pk, runs[1].pk}
    assert held[0].inputs == {"value": {"amount": 12}}
    assert set(signal.receptions.values_list("run", flat=True)) == {runs[0].pk, runs[1].pk}
    assert Signal.objects.get().taken == 2
    assert fresh(runs[2]).reason == "awaiting_signal"


def test_what_a_run_has_received_is_its_step_s_output(hand: Hand):
    run = listening(hand)
    signal = paid(event_id="e-7")
    hand.claim()
    output = given(run, "wait")
    assert output["id"] == "e-7"
    assert (output["name"], output["key"], output["source"]) == ("order.paid", "ORD-1", "/bank")
    assert output["time"] == signal.sent_at.isoformat()
    assert "amount" not in str(run.journal.get(kind="SignalReceived").data)


def test_the_same_event_of_the_same_source_is_the_same_signal(hand: Hand):
    listening(hand)
    first = publish_signal(name="order.paid", key="ORD-1", source="/bank", event_id="e-7")
    again = publish_signal(name="order.paid", key="ORD-1", source="/bank", event_id="e-7")
    other = publish_signal(name="order.paid", key="ORD-1", source="/shop", event_id="e-7")
    assert (first.replayed, again.replayed, other.replayed) == (False, True, False)
    assert again.signal == first.signal
    assert Signal.objects.count() == 2
    assert Work.objects.filter(kind=WorkKind.SIGNAL).count() == 1


def test_a_second_signal_is_for_the_next_who_waits(hand: Hand):
    run = listening(hand)
    paid(), paid()
    assert len(hand.claim()) == 1
    quiet(hand)
    assert sorted(Signal.objects.values_list("taken", flat=True)) == [0, 1]
    later = a_run(LISTENS, {"order": "ORD-1"})
    assert [each.run_id for each in hand.claim_soon()] == [later.pk]
    assert run.journal.filter(kind="SignalReceived").count() == 1


def test_a_signal_that_tells_of_a_failure_fails_all_who_wait_and_starts_nothing(hand: Hand):
    subscribed()
    runs = [listening(hand), listening(hand)]
    publish_signal(name="order.paid", key="ORD-1", source="/bank", fault=DECLINED)
    quiet(hand)
    assert [fresh(run).status for run in runs] == ["failed"] * 2
    assert (Signal.objects.get().taken, Run.objects.count()) == (2, 2)


def test_a_failure_that_nobody_waits_for_yet_is_kept(hand: Hand):
    publish_signal(name="order.paid", key="ORD-1", source="/bank", fault=DECLINED)
    run = a_run(LISTENS, {"order": "ORD-1"})
    quiet(hand)
    fault = fresh(run).fault
    assert fault and (fault["name"], fault["message"], fault["step"]) == ("Declined", "Too late.", "wait")


# --- kept --------------------------------------------------------------------------------------------------------


def test_a_signal_that_nobody_waits_for_is_kept_for_the_first_run_that_does(hand: Hand):
    signal = paid()
    assert signal.is_kept
    first, second = a_run(LISTENS, {"order": "ORD-1"}), a_run(LISTENS, {"order": "ORD-1"})
    held = hand.claim_soon()
    quiet(hand)
    assert [each.run_id for each in held] == [first.pk]
    assert fresh(second).reason == "awaiting_signal"
    assert not Signal.objects.get().is_kept


def test_the_oldest_that_is_kept_comes_first(hand: Hand):
    old, new = paid(), paid()
    a_run(LISTENS, {"order": "ORD-1"})
    hand.claim_soon()
    assert (Signal.objects.get(pk=old.pk).taken, Signal.objects.get(pk=new.pk).taken) == (1, 0)


@pytest.mark.parametrize("keep", [timedelta(), timedelta(microseconds=1)])
def test_what_is_not_kept_is_gone(hand: Hand, keep: timedelta):
    paid(keep=keep)
    run = listening(hand)
    quiet(hand)
    assert fresh(run).reason == "awaiting_signal"


def test_a_signal_for_a_run_that_has_ended_is_harmless_and_is_offered_to_others(hand: Hand):
    run = listening(hand)
    signal = paid()
    cancel_run(run_id=run.pk, by=a_user(), reason="Not any more.")
    quiet(hand)
    assert fresh(run).status == RunStatus.CANCELLED
    assert Signal.objects.get(pk=signal.pk).is_kept
    assert not Work.objects.exists()
    other = a_run(LISTENS, {"order": "ORD-1"})
    assert [each.run_id for each in hand.claim_soon()] == [other.pk]


def test_old_signals_are_forgotten():
    old, new = paid(), paid()
    Signal.objects.filter(pk=old.pk).update(forget_at=timezone.now() - timedelta(seconds=1))
    assert forget_signals() == 1
    assert list(Signal.objects.all()) == [new]
    assert forget_signals() == 0


# --- emitted -----------------------------------------------------------------------------------------------------


def test_one_run_wakes_another(hand: Hand):
    waiting = listening(hand)
    teller = a_run(EMITS, {"order": "ORD-1"})
    held = [*hand.claim(), *hand.claim(), *hand.claim()]
    assert {(each.run_id, each.key) for each in held} == {(waiting.pk, "go"), (teller.pk, "go")}
    signal = Signal.objects.get()
    assert (signal.run, signal.no, signal.source) == (teller, 1, "/workflows/teller")
    assert given(teller, "tell") == {
        "id": f"{teller.pk}.1",
        "name": "order.paid",
        "key": "ORD-1",
    }


def test_what_a_run_has_emitted_is_not_lost_when_the_worker_dies_before_it_is_published(hand: Hand):
    waiting = listening(hand)
    a_run(EMITS, {"order": "ORD-1"})
    Work.objects.filter(kind=WorkKind.START).update(lane="0")
    dying = enlist_worker(host="test", pid=2)
    hand.claim()
    lost = Work.objects.filter(kind=WorkKind.PUBLISH)
    assert lost.update(worker=dying, token=1, claimed_at=timezone.now()) == 1
    quiet(hand)
    assert fresh(waiting).reason == "awaiting_signal"
    Work.objects.filter(worker=dying).update(worker=None)
    assert [each.run_id for each in hand.claim_soon()] == [waiting.pk]
    assert Signal.objects.count() == 1


# --- the first of several ----------------------------------------------------------------------------------------


def test_a_person_may_be_the_first(hand: Hand):
    run = listening(hand, document=FIRST)
    review = Review.objects.get()
    assert (review.groups, [one["name"] for one in review.outcomes]) == (["sales"], ["waived"])
    rosa = a_user("rosa", "runs.decide_review", groups=("sales",))
    claim_review(review_id=review.pk, by=rosa)
    decide_review(review_id=review.pk, outcome="waived", by=rosa, reason="An old customer.")
    assert [each.inputs for each in hand.claim()] == [{"value": "waived"}]
    assert not Subscription.objects.exists()
    assert not run.work.filter(kind=WorkKind.TIMER).exists()


def test_a_signal_withdraws_the_review_and_the_moment(hand: Hand):
    run = listening(hand, document=FIRST)
    paid()
    assert [each.inputs for each in hand.claim()] == [{"value": "paid"}]
    assert Review.objects.get().status == "withdrawn"
    assert not run.work.filter(kind=WorkKind.TIMER).exists()


def test_a_person_who_is_faster_than_a_signal_that_is_on_its_way_wins(hand: Hand):
    listening(hand, document=FIRST)
    rosa = a_user("rosa", "runs.decide_review", groups=("sales",))
    review = claim_review(review_id=Review.objects.get().pk, by=rosa)
    signal = paid()
    decide_review(review_id=review.pk, outcome="waived", by=rosa)
    assert [each.inputs for each in hand.claim()] == [{"value": "waived"}]
    quiet(hand)
    assert Signal.objects.get(pk=signal.pk).is_kept
    assert not Reception.objects.exists()


# --- triggers ----------------------------------------------------------------------------------------------------


def subscribed(condition: str = "") -> Trigger:
    version = a_version({**flow(go=echo("${ input.amount }")), "key": "started"})
    return Trigger.objects.create(
        workflow=version.workflow,
        kind="signal",
        title="On payment",
        signal="order.paid",
        condition=condition,
        made_at=timezone.now(),
    )


def test_a_signal_starts_the_workflows_that_are_subscribed_to_it(hand: Hand):
    trigger = subscribed()
    signal = paid()
    assert [each.inputs for each in hand.claim_soon()] == [{"value": 12}]
    run = Run.objects.get(trigger=trigger)
    assert list(signal.receptions.values_list("run", "no")) == [(run.pk, 0)]
    assert Signal.objects.get().taken == 1


def test_a_trigger_that_does_not_want_it_leaves_it_to_the_next_run(hand: Hand):
    subscribed("input.data.amount > 100")
    paid()
    quiet(hand)
    assert Signal.objects.get().is_kept
    run = a_run(LISTENS, {"order": "ORD-1"})
    assert [each.run_id for each in hand.claim_soon()] == [run.pk]
    assert Run.objects.count() == 1


def test_two_signals_of_a_trigger_do_not_wait_for_each_other(hand: Hand):
    subscribed()
    paid("ORD-1"), paid("ORD-2")
    held = [*hand.claim_soon(), *hand.claim(), *hand.claim()]
    assert len(held) == 2


# --- refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"key": " "}, "key"),
        ({"key": "a\nb"}, "key"),
        ({"source": ""}, "source"),
        ({"event_id": "x" * 201}, "event_id"),
        ({"subject": "\0"}, "subject"),
        ({"data": {"n": float("nan")}}, "data"),
        ({"data": "\0"}, "data"),
        ({"keep": timedelta(days=400)}, "keep"),
        ({"keep": timedelta(days=-1)}, "keep"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(wrong: dict[str, Any], field: str):
    with pytest.raises(SignalRefused) as refused:
        publish_signal(**{"name": "order.paid", "key": "k", "source": "/bank", **wrong})
    assert refused.value.field == field
    assert str(refused.value).endswith((".", "stores"))
    assert not Signal.objects.exists()


def test_who_has_a_wait_tried_again_waits_for_the_next(hand: Hand):
    wait = {"kind": "wait", "signal": PAID, "deadline": "50ms", "on_exhausted": "dead_letter", "next": "go"}
    run = listening(hand, document=flow(wait=wait, go=echo()))
    while fresh(run).reason != "dead_lettered":
        hand.claim()
    assert not Subscription.objects.exists()
    letter = run.dead_letters.get()
    resolve_dead_letter(letter_id=letter.pk, how=Resolution.RETRY, by=a_user(), reason="Again.")
    paid()
    assert [each.key for each in hand.claim_soon()] == ["go"]


# --- at the same time --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(8))
def test_who_comes_to_wait_and_what_is_waited_for_never_miss_each_other(number: int):
    version = a_version(LISTENS)
    runs = [a_run_of(version, f"ORD-{each}") for each in range(4)]
    begin, held = Barrier(3), []

    def work() -> None:
        hand = Hand()
        begin.wait()
        for _ in range(40):
            held.extend(hand.claim())

    def publish() -> None:
        begin.wait()
        for each in range(4):
            paid(f"ORD-{each}")

    at_once(work, work, publish)
    hand = Hand()
    for _ in range(6):
        held.extend(hand.claim())
    assert sorted(each.run_id for each in held) == sorted(run.pk for run in runs)
    assert set(Signal.objects.values_list("taken", flat=True)) == {1}
    assert Reception.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_of_two_who_come_for_a_signal_that_is_kept_one_gets_it():
    version = a_version(LISTENS)
    for _ in range(6):
        a_run_of(version, "ORD-1")
    paid()
    begin, held = Barrier(3), []

    def work() -> None:
        hand = Hand()
        begin.wait()
        for _ in range(20):
            held.extend(hand.claim(1))

    at_once(work, work, work)
    assert len(held) == 1
    assert Subscription.objects.filter(signal=None).count() == 5


@pytest.mark.django_db(transaction=True)
def test_the_same_event_that_is_sent_by_many_at_once_is_one_signal():
    begin, told = Barrier(4), []

    def publish() -> None:
        begin.wait()
        told.append(publish_signal(name="order.paid", key="k", source="/bank", event_id="e-1").replayed)

    at_once(publish, publish, publish, publish)
    assert sorted(told) == [False, True, True, True]
    assert Signal.objects.count() == 1


def a_run_of(version: Any, order: str) -> Run:
    return start_run(version=version, inputs={"order": order})


def at_once(*acts: Any) -> None:
    def closing(act: Any) -> None:
        try:
            act()
        finally:
            connections.close_all()

    threads = [Thread(target=closing, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
