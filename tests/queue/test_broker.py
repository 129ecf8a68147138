"""The broker gives tickets when there is work and room, and passes other apps' tasks on."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from runs import bell
from runs.actions import Grip, claim_work, enlist_worker
from runs.models import Work, Worker
from runs.queue import usher
from runs.queue.board import Board
from runs.queue.broker import TICKET, Broker
from runs.queue.heartbeat import Heartbeat
from tests.factories import a_run, action
from tests.servers import wait_until

pytestmark = pytest.mark.usefixtures("transactional_db")

ONE = {"start": "a", "steps": {"a": action()}}


@pytest.fixture
def broker(transactional_db: None, board: Board, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """Its first dequeue done: it listens, and the first canary is out and back."""
    monkeypatch.setattr(usher, "SETTLE", 0.0)
    made = Broker()
    assert dequeue(made) == [TICKET]
    board.take()
    board.put_back()
    yield made
    made.own_usher().close()


def dequeue(broker: Broker) -> list[str | int]:
    return [ack_id for ack_id, _ in broker.dequeue()]


def take_all(board: Board) -> None:
    while board.waiting():
        board.take()


def test_nothing_is_opened_before_the_fork(board: Board):
    with CaptureQueriesContext(connection) as queries:
        broker = Broker()
    assert broker.usher is None
    assert len(queries) == 0


def test_the_bell_gives_a_ticket(broker: Broker):
    bell.wake()
    started = time.monotonic()
    assert dequeue(broker) == [TICKET]
    assert time.monotonic() - started < 0.9


def test_a_started_run_gives_a_ticket(broker: Broker):
    a_run(ONE)
    assert dequeue(broker) == [TICKET]


def test_without_the_bell_a_poll_finds_what_is_due(broker: Broker, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bell, "ring", lambda *given, **how: None)
    a_run(ONE)
    assert dequeue(broker) == [TICKET]


def test_what_falls_due_gives_a_ticket_in_time(broker: Broker):
    run = a_run(ONE)
    due = timezone.now() + timedelta(seconds=0.4)
    Work.objects.filter(run=run).update(due_at=due)
    assert dequeue(broker) == [TICKET]  # for the bell
    given: list[str | int] = []
    while not given:
        given = dequeue(broker)
    assert due <= timezone.now() < due + timedelta(seconds=0.4)


def test_an_idle_queue_gives_nothing_until_the_canary_is_due(broker: Broker):
    assert dequeue(broker) == []
    broker.own_usher().issued_at -= usher.CANARY
    assert dequeue(broker) == [TICKET]


def test_there_are_no_more_tickets_than_workers(broker: Broker, board: Board):
    given = 0
    for _ in range(5):
        bell.wake()
        given += len(dequeue(broker))
    assert given == Conf.WORKERS == 2
    take_all(board)
    bell.wake()
    assert dequeue(broker) == []
    board.put_back()
    assert dequeue(broker) == [TICKET], "the bell that nobody could be sent for is forgotten"


def test_a_lost_ticket_is_given_again(broker: Broker, board: Board):
    for _ in range(2):
        bell.wake()
        dequeue(broker)
    assert board.waiting() == 2
    broker.own_usher().issued_at -= usher.LOST
    bell.wake()
    assert dequeue(broker) == [TICKET]


def test_a_ticket_calls_serve_and_leaves_no_row(broker: Broker):
    bell.wake()
    ((ack_id, package),) = broker.dequeue()
    task = SignedPackage.loads(package)
    assert (task["func"], task["args"], task["kwargs"]) == ("runs.queue.tickets.serve", (), {})
    assert (task["save"], task["ack_failure"]) == (False, True)
    assert not OrmQ.objects.exists()


def test_a_tickets_end_costs_no_query(broker: Broker, board: Board):
    with CaptureQueriesContext(connection) as queries:
        broker.acknowledge(TICKET)
    assert len(queries) == 0
    assert board.read().answered == 1


def test_ten_bells_cost_one_look_for_ordinary_tasks(broker: Broker, board: Board):
    with CaptureQueriesContext(connection) as queries:
        for _ in range(10):
            bell.wake()
            dequeue(broker)
            take_all(board)
            while board.busy():
                board.put_back()
    looks = [query for query in queries if "django_q_ormq" in query["sql"]]
    assert len(looks) <= 1


def test_other_apps_tasks_go_the_way_of_the_parent_class(broker: Broker):
    async_task("math.sqrt", 4)
    broker.looked_at = 0
    ack_id, package = broker.dequeue()[0]
    assert SignedPackage.loads(package)["func"] == "math.sqrt"
    assert OrmQ.objects.get(pk=ack_id).lock > timezone.now()
    broker.acknowledge(ack_id)
    assert not OrmQ.objects.exists()


def test_a_failed_task_is_removed_like_the_parents(broker: Broker):
    async_task("math.sqrt", 4)
    broker.fail(OrmQ.objects.get().pk)
    assert not OrmQ.objects.exists()
    assert isinstance(broker, ORM)


@pytest.mark.parametrize("trouble", [OperationalError("gone"), bell.BellLost("gone"), OSError("gone")])
def test_no_trouble_escapes(broker: Broker, monkeypatch: pytest.MonkeyPatch, trouble: Exception):
    def fail() -> bool:
        raise trouble

    monkeypatch.setattr(broker.own_usher(), "wait_for_ticket", fail)
    assert dequeue(broker) == []
    broker.own_usher().issued_at -= usher.CANARY
    assert dequeue(broker) == [TICKET], "an idle cluster looks as if it hung"
    monkeypatch.undo()
    bell.wake()
    assert dequeue(broker) in ([], [TICKET])


def test_a_fork_opens_its_own(broker: Broker):
    mine = broker.own_usher()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if broker.own_usher() is not mine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_dead_workers_work_is_given_back_at_once(
    broker: Broker, board: Board, monkeypatch: pytest.MonkeyPatch
):
    child = os.fork()
    if child == 0:
        board.take()
        signal.pause()
    monkeypatch.setattr(broker.own_usher(), "cluster", "here")
    dead, alive = (
        enlist_worker(host="h", pid=child, cluster="here"),
        enlist_worker(host="h", pid=1, cluster="here"),
    )
    a_run(ONE)
    assert claim_work(grip=Grip(dead))
    wait_until(lambda: board.busy() == 1, what="the worker")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    broker.own_usher().swept_at = 0
    dequeue(broker)
    assert list(Worker.objects.values_list("pk", flat=True)) == [alive]
    assert Work.objects.get().worker is None
    assert board.busy() == 0


def test_silent_workers_are_swept(broker: Broker):
    enlist_worker(host="far away", pid=1)
    Worker.objects.update(beat_at=timezone.now() - timedelta(hours=1))
    broker.own_usher().swept_at = 0
    dequeue(broker)
    assert not Worker.objects.exists()
    assert Heartbeat.cluster == ""
