"""Locks with rows: one holder at a time, in the order of asking, on both databases and however workers race."""

import time
from threading import Barrier, Lock, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from runs.actions import Grip, Report, cancel_run, claims, retire_worker
from runs.actions.errands import do_errands
from runs.engine import RunStatus
from runs.models import NamedLock, Run, Work
from runs.models.work import WorkKind
from tests.actions.flows import branches, echo, flow
from tests.factories import Hand, a_run, a_user, a_version, start_run
from tests.promises import check_all_runs

ONE = flow(one=echo("${ input.n }", lock="sku-${ input.sku }"))


def settle(hand: Hand) -> None:
    while Work.objects.filter(worker=None).exclude(kind=WorkKind.ATTEMPT).exists() or hand.claim():
        hand.claim()


def queue() -> list[tuple[str, bool]]:
    return list(NamedLock.objects.values_list("name", "granted"))


def ask(*skus: str, document: dict[str, Any] = ONE) -> list[Run]:
    return [a_run(document, {"n": number, "sku": sku}) for number, sku in enumerate(skus)]


@pytest.mark.django_db
def test_the_first_who_asks_is_let_in_and_the_others_wait_their_turn(hand: Hand):
    runs = ask("42", "42", "42")
    settle(hand)
    order = []
    while hand.held:
        assert [held.key for held in hand.held] == ["one"]
        assert sum(granted for _, granted in queue()) == 1
        order.append(hand.held[0].inputs["value"])
        hand.succeed("one")
        settle(hand)
    assert order == [0, 1, 2]
    assert {run.status for run in Run.objects.filter(pk__in=[r.pk for r in runs])} == {RunStatus.SUCCEEDED}
    assert not queue() and not Work.objects.exists()


@pytest.mark.django_db
def test_other_names_do_not_wait(hand: Hand):
    ask("1", "2")
    settle(hand)
    assert len(hand.held) == 2


@pytest.mark.django_db
def test_a_run_that_is_cancelled_gives_up_its_place(hand: Hand):
    first, second, _third = ask("42", "42", "42")
    settle(hand)
    cancel_run(run_id=second.pk, by=a_user())
    cancel_run(run_id=first.pk, by=a_user("bo"))
    settle(hand)
    assert len(hand.held) == 1, "its attempt is out, so it still holds the lock"
    hand.succeed("one")
    settle(hand)
    assert [held.inputs["value"] for held in hand.held] == [2]


@pytest.mark.django_db
def test_a_place_that_was_let_in_and_not_told_is_given_up_too(hand: Hand):
    first, _ = ask("42", "42")
    while not NamedLock.objects.filter(granted=True).exists():
        do_errands(claims.claim_once(Grip(hand.id)).errands)
    assert Work.objects.filter(kind=WorkKind.LET_IN, run=first).exists()
    cancel_run(run_id=first.pk, by=a_user())
    settle(hand)
    assert [held.inputs["value"] for held in hand.held] == [1]


@pytest.mark.django_db
def test_two_branches_of_one_run_take_turns(hand: Hand):
    run = a_run(flow(both=branches(left=echo("l", lock="desk"), right=echo("r", lock="desk"))))
    settle(hand)
    assert [held.key for held in hand.held] == ["left"]
    hand.succeed("left")
    settle(hand)
    hand.succeed("right")
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED


@pytest.mark.django_db
def test_a_worker_that_dies_before_it_looks_leaves_the_look_to_others(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
):
    ask("42")
    with monkeypatch.context() as dying:
        dying.setattr(claims, "do_errands", lambda errands: None)
        while not Work.objects.filter(kind=WorkKind.LOCK).exclude(worker=None).exists():
            hand.claim(1)
    assert hand.claim() == []
    retire_worker(hand.id)
    heir = Hand()
    settle(heir)
    assert len(heir.held) == 1


@pytest.mark.django_db
def test_the_database_itself_lets_only_one_hold_it(hand: Hand):
    ask("42", "42")
    settle(hand)
    with pytest.raises(IntegrityError), transaction.atomic():
        NamedLock.objects.update(granted=True)


@pytest.mark.django_db(transaction=True)
def test_workers_that_race_never_let_in_two_and_forget_nobody() -> None:
    version = a_version(ONE)
    runs = [start_run(version=version, inputs={"n": number, "sku": str(number % 2)}) for number in range(24)]
    overlaps: list[int] = []
    inside: set[int] = set()
    barrier, guard = Barrier(3), Lock()

    def work() -> None:
        hand = Hand()
        barrier.wait()
        idle = 0
        while idle < 60:
            claimed = hand.claim(3)
            idle = 0 if claimed else idle + 1
            for held in claimed:
                with guard:
                    overlaps.extend({held.inputs["value"] % 2} & inside)
                    inside.add(held.inputs["value"] % 2)
            time.sleep(0.002)
            for held in claimed:
                with guard:
                    inside.discard(held.inputs["value"] % 2)
                hand.report(held, Report(output=1), go_on=False)
        connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not overlaps
    assert {run.status for run in Run.objects.all()} == {RunStatus.SUCCEEDED}
    assert Run.objects.count() == len(runs)
    assert not NamedLock.objects.exists()
    check_all_runs()
