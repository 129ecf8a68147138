"""The vigil calls a cluster hung when it is, and only then."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from runs.queue.board import Reading
from runs.queue.vigil import PATIENCE, PUSHER_PATIENCE, START_PATIENCE, Vigil

WELL = Reading(at=0.0, taken=1, done=1, answered=1, pulse=1.0, beats=(1.0, 1.0))


def living(at: float) -> Reading:
    """A cluster in which everything moves."""
    tickets = int(at)
    return Reading(at=at, taken=tickets, done=tickets, answered=tickets, pulse=at or 0.1, beats=(at, at))


def verdict(
    readings: Iterable[Reading], *, workers: int = 2, others: Callable[[], int] = lambda: 0
) -> tuple[str, float] | None:
    """The first alarm, and when it came."""
    vigil = Vigil(workers=workers, lease=15, started=0.0, others=others)
    for reading in readings:
        if reason := vigil.look(reading):
            return reason, reading.at
    return None


def seconds(count: float, **frozen: Any) -> list[Reading]:
    """A look every second, with some of the board's cells standing still."""
    return [replace(living(float(at)), **frozen) for at in range(int(count) + 1)]


def test_a_living_cluster():
    assert verdict(seconds(600)) is None


@pytest.mark.parametrize(
    ("frozen", "reason"),
    [
        ({"taken": 1, "done": 1, "answered": 1, "waiting": 1}, "no worker takes a ticket"),
        ({"answered": 1}, "the monitor reads no results"),
    ],
)
def test_a_hung_cluster_is_found_in_seconds(frozen: dict[str, int], reason: str):
    told = verdict(seconds(60, **frozen))
    assert told is not None
    assert told[0] == reason
    assert PATIENCE <= told[1] <= PATIENCE + 3


def test_a_pusher_that_stands_still():
    told = verdict(seconds(60, pulse=1.0))
    assert told == ("the pusher does not move", PUSHER_PATIENCE)


def test_workers_that_are_all_silent():
    told = verdict(seconds(60, beats=(1.0, 1.0)))
    assert told == ("all its workers are silent", 30)


def test_one_silent_worker_is_the_leases_affair():
    assert verdict([replace(living(float(at)), beats=(1.0, float(at))) for at in range(100)]) is None


def test_workers_that_are_all_busy_take_no_ticket():
    assert verdict(seconds(600, taken=3, done=1, answered=1)) is None


def test_workers_that_are_busy_with_other_apps_tasks_take_no_ticket():
    frozen = {"taken": 2, "done": 1, "answered": 1, "waiting": 1}
    assert verdict(seconds(600, **frozen), others=lambda: 1) is None
    assert verdict(seconds(600, **frozen), others=lambda: 0) is not None


def test_a_ticket_that_died_with_its_worker_is_no_sign_of_a_deaf_monitor():
    assert verdict([replace(living(float(at)), answered=max(0, at - 1)) for at in range(100)]) is None


def test_a_slow_start_is_not_a_hang():
    starting = [Reading(at=float(at)) for at in range(int(START_PATIENCE))]
    assert verdict([*starting, *(living(60.0 + at) for at in range(30))]) is None


def test_a_cluster_that_never_starts():
    told = verdict(Reading(at=float(at)) for at in range(100))
    assert told == ("it did not start", START_PATIENCE + 1)


def test_a_pusher_that_waits_for_the_database_is_no_worker_that_takes_nothing():
    """Seen under load: it swept for longer than a ticket has to be taken, and had none out meanwhile."""
    kept = {"taken": 9, "done": 9, "answered": 9, "pulse": 9.0}
    waits = [replace(living(9.0 + at), **kept) for at in range(1, int(PUSHER_PATIENCE))]
    goes_on = replace(waits[-1], waiting=1)
    assert verdict([*seconds(9), *waits, goes_on, *(living(30.0 + at) for at in range(60))]) is None


def test_a_machine_that_is_busy_with_others_has_no_time_for_its_tickets_either():
    """The vigil wants to come by each second, and does so half as often."""
    waits = [replace(living(at), taken=9, done=9, answered=9, waiting=1) for at in (11.5, 14.0, 16.5)]
    assert verdict([*seconds(9), *waits, *(living(19.0 + at) for at in range(60))]) is None


def test_a_vigil_that_slept_itself_looks_anew():
    """A laptop that was shut: everything stood still, the vigil too."""
    before = [living(float(at)) for at in range(10)]
    woken = replace(before[-1], at=9.0 + 300)
    after = [living(woken.at + at) for at in range(1, 30)]
    assert verdict([*before, woken, *after]) is None
