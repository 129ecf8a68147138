"""Triggers: each moment, call and signal starts one run, whoever looks and however often."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from runs.actions import (
    Grip,
    change_trigger,
    claim_work,
    create_trigger,
    cron,
    enlist_worker,
    remove_trigger,
    start_from_signal,
    switch_trigger,
    triggers_for_signal,
)
from runs.models import Keeper, Run, Trigger, Work
from runs.refusals import TriggerRefused
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_user, a_version

pytestmark = pytest.mark.django_db

FLOW = flow(one=echo("${ input.n }"))
NUMBERED = {
    **FLOW,
    "input": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
}


def a_trigger(document: dict[str, Any] = FLOW, **fields: Any) -> Trigger:
    given = {"kind": "cron", "title": "Nightly", "cron": "0 * * * *", "input": {"n": 1}} | fields
    workflow = a_version(document).workflow
    return create_trigger(workflow=workflow, by=None, **given).trigger


def let_pass(trigger: Trigger, since: datetime) -> None:
    """As if the trigger had waited for its moment since then, and nobody had been there."""
    Trigger.objects.filter(pk=trigger.pk).update(next_at=since)
    Work.objects.filter(trigger=trigger).update(due_at=since)


def hours_ago(count: int) -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=count)


def inputs() -> list[Any]:
    return [Keeper(run).open(run.input) for run in Run.objects.order_by("pk")]


def test_a_cron_waits_for_its_next_moment(hand: Hand):
    trigger = a_trigger()
    work = Work.objects.get()
    assert (work.trigger, work.run, work.due_at) == (trigger, None, trigger.next_at)
    assert timezone.now() < work.due_at <= timezone.now() + timedelta(hours=1)
    assert work.due_at.minute == work.due_at.second == 0
    assert hand.claim() == []
    assert not Run.objects.exists()


def test_its_moment_starts_one_run_and_orders_the_next(hand: Hand):
    trigger = a_trigger(input={"n": "${ input.scheduled_at }", "now": "${ now }"})
    moment = timezone.now().replace(microsecond=0) - timedelta(seconds=1)
    change_trigger(trigger=trigger, by=None, cron="* * * * *", zone="Asia/Tokyo")
    minute = moment.replace(second=0)
    let_pass(trigger, minute)
    (held,) = hand.claim()
    run = Run.objects.get()
    assert (held.run_id, run.trigger, run.started_by) == (run.pk, trigger, None)
    assert datetime.fromisoformat(held.inputs["value"]) == minute
    assert held.inputs["value"].endswith("+09:00")
    work = Work.objects.get(trigger=trigger)
    assert (work.worker, work.due_at) == (None, minute + timedelta(minutes=1))
    trigger.refresh_from_db()
    assert (trigger.started, trigger.missed, trigger.next_at) == (1, 0, work.due_at)


def test_the_same_moment_never_starts_a_second_run(hand: Hand):
    trigger = a_trigger(catch_up="once")
    for _ in range(3):
        let_pass(trigger, hours_ago(0))
        hand.claim()
    assert Run.objects.count() == 1
    trigger.refresh_from_db()
    assert trigger.started == 1


@pytest.mark.parametrize(("catch_up", "runs", "missed"), [("skip", 0, 6), ("once", 1, 0), ("all", 6, 0)])
def test_what_becomes_of_moments_that_passed(hand: Hand, catch_up: str, runs: int, missed: int, monkeypatch):
    monkeypatch.setattr(cron, "LATE", timedelta(seconds=-1))
    trigger = a_trigger(catch_up=catch_up, input={"n": "${ input.missed }"})
    let_pass(trigger, hours_ago(5))
    hand.claim()
    trigger.refresh_from_db()
    assert (Run.objects.count(), trigger.missed) == (runs, missed)
    assert trigger.next_at == hours_ago(-1)
    if catch_up == "once":
        assert inputs() == [{"n": 5}]


def test_very_many_missed_moments_are_bounded(hand: Hand):
    trigger = a_trigger(catch_up="all", cron="* * * * *")
    let_pass(trigger, timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=249))
    hand.claim(1)
    trigger.refresh_from_db()
    assert (Run.objects.count(), trigger.started) == (100, 100)
    assert trigger.missed in (150, 151)
    newest = Run.objects.order_by("-pk").first()
    assert newest is not None and newest.idempotency_key is not None
    assert abs(datetime.fromisoformat(newest.idempotency_key.split(":", 2)[2]) - timezone.now()) < timedelta(
        minutes=2
    )


def test_a_moment_that_is_a_little_late_is_not_missed(hand: Hand):
    trigger = a_trigger(cron="* * * * *")
    let_pass(trigger, timezone.now().replace(second=0, microsecond=0))
    hand.claim()
    assert Run.objects.count() == 1


def test_a_refused_run_is_told_and_the_next_moment_is_ordered(hand: Hand):
    trigger = a_trigger(NUMBERED, cron="* * * * *", input={"n": "many"})
    let_pass(trigger, timezone.now().replace(second=0, microsecond=0))
    assert hand.claim() == []
    trigger.refresh_from_db()
    assert (trigger.started, trigger.refused) == (0, 1)
    assert "n: " in trigger.last_refusal
    assert trigger.work.get().due_at > timezone.now()


def test_off_it_waits_for_nothing_and_on_again_it_makes_up_for_nothing(hand: Hand):
    trigger = a_trigger(catch_up="all")
    let_pass(trigger, hours_ago(3))
    switch_trigger(trigger=trigger, enabled=False, by=None)
    assert not Work.objects.exists()
    assert hand.claim() == []
    on = switch_trigger(trigger=trigger, enabled=True, by=None)
    assert on.next_at == Work.objects.get().due_at == hours_ago(-1)


def test_removing_it_leaves_its_runs(hand: Hand):
    trigger = a_trigger(catch_up="once")
    let_pass(trigger, hours_ago(1))
    hand.claim()
    remove_trigger(trigger=trigger, by=None)
    assert Run.objects.get().trigger is None
    assert not Work.objects.filter(run=None).exists()


def test_a_pinned_version_is_the_one_that_runs(hand: Hand):
    old = a_version(FLOW)
    trigger = a_trigger(flow(one=echo("new")), version=old, catch_up="once")
    let_pass(trigger, hours_ago(0))
    hand.claim()
    assert Run.objects.get().version == old


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"cron": "9 * * *"}, "cron", "five fields"),
        ({"cron": "0 99 * * *"}, "cron", "hour makes no sense"),
        ({"cron": "0 0 31 2 *"}, "cron", "day"),
        ({"zone": "Mars/Olympus"}, "zone", "time zone"),
        ({"input": {"n": "${ steps.one.output }"}}, "input", "not known to a trigger"),
        ({"input": {"n": "${ 1 + }"}}, "input", "1 +"),
        ({"kind": "signal"}, "signal", "which signal"),
        ({"headers": ["no way"]}, "headers", "no name of a header"),
        ({"headers": [f"x-{n}" for n in range(21)]}, "headers", "at most 20 headers"),
        ({"kind": "signal", "signal": "paid", "condition": "input.data.n >"}, "condition", "input.data.n"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(fields: dict[str, Any], field: str, said: str):
    with pytest.raises(TriggerRefused, match=said) as refusal:
        a_trigger(**fields)
    assert refusal.value.field == field
    assert not Trigger.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_workers_that_look_at_once_start_each_moment_once():
    trigger = a_trigger(catch_up="all")
    let_pass(trigger, hours_ago(7))
    together = Barrier(4)

    def work() -> None:
        me = enlist_worker(host="test", pid=1)
        together.wait()
        try:
            claim_work(grip=Grip(me, 20))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Run.objects.count() == 8
    assert Work.objects.get(trigger=trigger).due_at == hours_ago(-1)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_while_it_fires_leaves_the_moment_to_the_next(monkeypatch):
    trigger, hand = a_trigger(catch_up="all"), Hand()
    let_pass(trigger, hours_ago(2))

    class Killed(BaseException):
        pass

    def die(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(cron, "next_moment", die)
        with pytest.raises(Killed):
            hand.claim()
    assert not Run.objects.exists()
    hand.claim()
    assert Run.objects.count() == 3


# --- signals -------------------------------------------------------------------------------------------------


def a_signal(**attributes: Any) -> Any:
    named = {"pk": "s1", "name": "paid", "key": "A7", "data": {"n": 7}, "event_id": "e1", "source": "/shop"}
    sent = {"subject": "", "sent_at": datetime(2026, 1, 2, tzinfo=UTC)}
    return SimpleNamespace(**named | sent | attributes)


def start(trigger: Trigger, signal: Any) -> Run | None:
    with transaction.atomic():
        return start_from_signal(trigger, signal)


def test_a_signal_starts_a_run_for_each_trigger_that_names_it_once():
    wanted = a_trigger(
        kind="signal", signal="paid", input={"n": "${ input.data.n }", "key": "${ input.key }"}
    )
    a_trigger(kind="signal", signal="sent")
    off = a_trigger(kind="signal", signal="paid")
    switch_trigger(trigger=off, enabled=False, by=None)
    assert triggers_for_signal("paid") == [wanted]
    run = start(wanted, a_signal())
    assert run is not None
    assert start(wanted, a_signal()) == run
    assert inputs() == [{"n": 7, "key": "A7"}]
    assert start(wanted, a_signal(pk="s2")) != run


def test_without_a_template_its_data_is_the_input_and_a_condition_may_hold_it_back():
    trigger = a_trigger(kind="signal", signal="paid", input=None, condition="input.data.n > 5")
    assert start(trigger, a_signal(data={"n": 5})) is None
    assert start(trigger, a_signal(pk="s2")) is not None
    assert inputs() == [{"n": 7}]
    assert start(trigger, a_signal(pk="s3", data=None)) is None
    trigger.refresh_from_db()
    assert (trigger.started, trigger.refused) == (1, 1)


def test_who_made_it_is_kept():
    ada = a_user()
    workflow = a_version(FLOW).workflow
    made = create_trigger(workflow=workflow, by=ada, kind="signal", title="Paid", signal="paid")
    assert (made.trigger.made_by, made.secret) == (ada, "")
