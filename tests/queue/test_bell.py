"""The bell is heard by whoever listens, in this process and in others, and never breaks who rings it."""

import os
import select
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection

from runs import bell
from runs.bell import EVERYTHING, BellLost, Kind, Listener, Ring, datagrams, notices
from runs.bell.ringer import Ringer
from runs.bell.ringer import ringer as own_ringer
from tests.servers import child_environment, manage

pytestmark = pytest.mark.usefixtures("transactional_db")
SOON = 5.0

type Listen = Callable[[Kind], Listener]


@pytest.fixture
def listen() -> Iterator[Listen]:
    with ExitStack() as stack:

        def open_listener(kind: Kind) -> Listener:
            listener = bell.listen(kind)
            stack.callback(listener.close)
            return listener

        yield open_listener


def heard(listener: Listener, run: UUID) -> Ring:
    """The newest ring of this run."""
    found = [ring for ring in listener.wait(SOON) if ring.run == run]
    assert found, "the run was not rung"
    return found[-1]


def test_a_run_is_heard_by_everyone_who_listens_for_runs(listen: Listen):
    first, second, run = listen("runs"), listen("runs"), uuid4()
    bell.ring(run, 7, work=False)
    assert heard(first, run) == heard(second, run) == Ring(run, 7)


def test_only_work_wakes_a_broker(listen: Listen):
    broker = listen("work")
    bell.ring(uuid4(), 1, work=False)
    assert broker.wait(0.1) == []
    bell.ring(uuid4(), 1, work=True)
    assert broker.wait(SOON) == [EVERYTHING]
    bell.wake()
    assert broker.wait(SOON) == [EVERYTHING]


def test_being_woken_is_nothing_to_a_page(listen: Listen):
    page = listen("runs")
    bell.wake()
    assert page.wait(0.1) == []


def test_silence_ends_with_the_timeout(listen: Listen):
    assert listen("runs").wait(0) == []


def test_an_event_loop_can_wait_for_it(listen: Listen):
    listener, run = listen("runs"), uuid4()
    assert select.select([listener], [], [], 0)[0] == []
    bell.ring(run, 1, work=False)
    assert select.select([listener], [], [], SOON)[0] == [listener]
    assert heard(listener, run) == Ring(run, 1)


def test_rings_of_one_run_are_heard_as_the_newest(listen: Listen):
    listener, run = listen("runs"), uuid4()
    for seq in (1, 3, 2):
        bell.ring(run, seq, work=False)
    rings = {heard(listener, run).seq}
    while more := listener.wait(0.1):
        rings |= {ring.seq for ring in more}
    assert max(rings) == 3
    assert len(rings) <= 3


def test_who_cannot_hear_them_all_is_told_that_anything_may_have_changed(listen: Listen):
    listener, runs = listen("runs"), {uuid4() for _ in range(50)}
    for run in runs:
        bell.ring(run, 1, work=False)
    told: set[UUID | None] = set()
    while None not in told and told != runs and (more := listener.wait(SOON)):
        told |= {ring.run for ring in more}
    assert None in told or told == runs


def test_another_process_is_heard(listen: Listen):
    listener, run = listen("runs"), uuid4()
    code = f"from uuid import UUID; from runs import bell; bell.ring(UUID('{run}'), 5, work=True)"
    subprocess.run(manage("shell", "-v0", "-c", code), env=child_environment(), check=True, timeout=60)
    assert heard(listener, run) == Ring(run, 5)


def test_a_listener_that_was_cut_off_says_so(listen: Listen):
    listener = listen("runs")
    if isinstance(listener, datagrams.Datagrams):
        listener.socket.close()
    if isinstance(listener, notices.Notices):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [listener.connection.info.backend_pid])
    with pytest.raises(BellLost):
        for _ in range(50):
            listener.wait(0.1)


def test_ringing_never_breaks_who_rings(monkeypatch: pytest.MonkeyPatch):
    tried: list[Ring | None] = []

    def fail(ring: Ring | None, *, work: bool) -> None:
        tried.append(ring)
        raise OperationalError("the server has gone away")

    monkeypatch.setattr("runs.bell.datagrams.send", fail)
    monkeypatch.setattr("runs.bell.notices.send", fail)
    bell.ring(uuid4(), 1, work=True)
    bell.wake()
    assert len(tried) == 2


# --- sockets ---------------------------------------------------------------------------------------------


@pytest.fixture
def folder(settings) -> Iterator[Path]:
    settings.CHOREO_DATA_DIR = Path(tempfile.mkdtemp(prefix="choreo-"))
    datagrams.bell_folder.cache_clear()
    yield datagrams.bell_folder()
    shutil.rmtree(settings.CHOREO_DATA_DIR)
    datagrams.bell_folder.cache_clear()


def test_the_dead_are_removed(folder: Path):
    killed = datagrams.Datagrams("work")
    killed.socket.close()
    assert killed.path.exists()
    datagrams.send(None, work=True)
    assert not killed.path.exists()


def test_a_listener_leaves_nothing_behind(folder: Path):
    datagrams.Datagrams("runs").close()
    assert list(folder.iterdir()) == []


def test_a_full_listener_does_not_hold_up_who_rings(folder: Path):
    listener = datagrams.Datagrams("work")
    for _ in range(5000):
        datagrams.send(None, work=True)
    assert listener.wait(0) == [EVERYTHING]
    listener.close()


def test_a_folder_too_deep_for_a_socket_is_replaced_by_a_short_one(settings, tmp_path: Path):
    settings.CHOREO_DATA_DIR = tmp_path / ("deep" * 30)
    datagrams.bell_folder.cache_clear()
    listener = datagrams.Datagrams("runs")
    try:
        run = uuid4()
        datagrams.send([Ring(run, 2)], work=False)
        assert listener.wait(SOON) == [Ring(run, 2)]
    finally:
        listener.close()
        listener.path.parent.rmdir()
        datagrams.bell_folder.cache_clear()


def test_what_is_no_ring_counts_as_everything(folder: Path):
    listener = datagrams.Datagrams("runs")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"\xff nonsense", str(listener.path))
    assert listener.wait(SOON) == [EVERYTHING]
    listener.close()


# --- the ringer ------------------------------------------------------------------------------------------


class Deaf(Ringer):
    """Keeps what it would send; its first connection is lost."""

    def __init__(self) -> None:
        super().__init__({})
        self.sent: list[list[tuple[str, str]]] = []
        self.failures = 1

    def _sent(self, notices: list[tuple[str, str]]) -> bool:
        if self.failures:
            self.failures -= 1
            return False
        self.sent.append(notices)
        return True


def test_what_is_rung_in_one_moment_goes_out_together_and_its_newest_last():
    ringer, first, second = Deaf(), uuid4(), uuid4()
    for seq in range(1, 200):
        ringer.ask([Ring(first, seq)], work=False)
        ringer.ask([Ring(second, seq)], work=seq == 100)
    ringer.close()
    assert len(ringer.sent) < 20
    newest = [Ring(UUID(hex=text.split()[0]), int(text.split()[1])) for text in last_texts(ringer.sent)]
    assert set(newest) == {Ring(first, 199), Ring(second, 199)}
    assert sum(("choreo_work", "") in notices for notices in ringer.sent) == 1


def last_texts(sent: list[list[tuple[str, str]]]) -> set[str]:
    newest = {
        text.split()[0]: text for notices in sent for channel, text in notices if channel == "choreo_runs"
    }
    return set(newest.values())


def test_a_lost_connection_loses_no_ring():
    ringer, run = Deaf(), uuid4()
    ringer.ask([Ring(run, 1)], work=True)
    ringer.close()
    assert ringer.sent == [[("choreo_runs", f"{run.hex} 1"), ("choreo_work", "")]]


def test_a_fork_has_a_ringer_of_its_own():
    mine = own_ringer()
    child = os.fork()
    if child == 0:
        os._exit(0 if own_ringer() is not mine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert own_ringer() is mine
