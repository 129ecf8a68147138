"""A clock that leaps makes nobody silent, and nobody alive."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db.models import F

from runs.actions import catch_up, release_silent_workers
from runs.models import Work, Worker
from runs.queue.board import Board
from runs.queue.leaps import Leaps, database_time
from runs.queue.usher import Usher
from tests.factories import Hand, a_run, action

HOUR = timedelta(hours=1)
ONE = {"start": "a", "steps": {"a": action()}}


@dataclass
class Clocks:
    wall: float = 1_000_000.0
    steady: float = 50.0

    def go_on(self, seconds: float, *, leap: float = 0.0) -> None:
        self.steady += seconds
        self.wall += seconds + leap


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def leaps(clocks: Clocks, settings) -> Leaps:
    settings.CHOREO_LEASE_SECONDS = 15
    return Leaps(lambda: clocks.wall, lambda: clocks.steady)


@pytest.mark.parametrize("seconds", [1, 3_600])
def test_time_that_passes_counts(leaps: Leaps, clocks: Clocks, seconds: float):
    assert leaps.look() == 0
    clocks.go_on(seconds)
    assert leaps.look() == 0
    assert leaps.silence_counts()


@pytest.mark.parametrize("leap", [-366 * 86_400, -3_600, -6, 6, 300, 3_600, 366 * 86_400])
def test_after_a_leap_silence_counts_again_once_all_had_time_for_a_beat(
    leaps: Leaps, clocks: Clocks, leap: float
):
    leaps.look()
    clocks.go_on(1, leap=leap)
    assert leaps.look() == pytest.approx(leap)
    assert not leaps.silence_counts()
    clocks.go_on(14)
    assert leaps.look() == 0
    assert not leaps.silence_counts()
    clocks.go_on(1)
    assert leaps.silence_counts()


@pytest.mark.parametrize("leap", [-1, 0.5])
def test_a_clock_that_drifts_has_not_leapt(leaps: Leaps, clocks: Clocks, leap: float):
    leaps.look()
    clocks.go_on(1, leap=leap)
    assert leaps.look() == 0
    assert leaps.silence_counts()


@pytest.mark.django_db
def test_the_clock_is_the_databases():
    first = database_time()
    assert 1_700_000_000 < first <= database_time()


# --- back by an hour: what was written with the clock as it was is of the future now ---------------------------------


def set_back() -> None:
    """As if the database's clock had shown an hour more until now."""
    Worker.objects.update(beat_at=F("beat_at") + HOUR)
    Work.objects.update(due_at=F("due_at") + HOUR)


@pytest.mark.django_db
def test_a_dead_worker_is_found_although_its_last_beat_is_of_the_future():
    a_run(ONE)
    Hand().claim()
    set_back()
    alive = Hand()
    assert release_silent_workers() == 1
    assert Work.objects.get().worker is None
    assert list(Worker.objects.values_list("pk", flat=True)) == [alive.id]


@pytest.mark.django_db
def test_what_was_due_goes_on(clocks: Clocks, leaps: Leaps, board: Board):
    run, hand = a_run(ONE), Hand()
    usher = Usher(board, 1, "")
    usher.leaps = leaps
    usher.sweep()
    set_back()
    clocks.go_on(1, leap=-HOUR.total_seconds())
    assert hand.claim() == []
    usher.swept_at = 0.0
    usher.sweep()
    assert [held.run_id for held in hand.claim()] == [run.pk]


@pytest.mark.django_db
def test_a_wait_is_never_cut_short():
    a_run({"start": "a", "steps": {"a": {"kind": "wait", "for": "30m", "next": "b"}, "b": action()}})
    Hand().claim()
    due = Work.objects.get().due_at
    catch_up(HOUR)
    assert Work.objects.get().due_at == due
