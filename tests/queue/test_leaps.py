"""A clock that leaps ahead makes nobody silent; only silence does."""

from dataclasses import dataclass

import pytest

from runs.queue.leaps import Leaps, database_time


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
    assert leaps.silence_counts()
    clocks.go_on(seconds)
    assert leaps.silence_counts()


@pytest.mark.parametrize("leap", [6, 300, 3_600, 366 * 86_400])
def test_after_a_leap_silence_counts_again_once_all_had_time_for_a_beat(
    leaps: Leaps, clocks: Clocks, leap: float
):
    leaps.silence_counts()
    clocks.go_on(1, leap=leap)
    assert not leaps.silence_counts()
    clocks.go_on(14)
    assert not leaps.silence_counts()
    clocks.go_on(1)
    assert leaps.silence_counts()


@pytest.mark.parametrize("leap", [-3_600, -1, 0.5])
def test_a_clock_that_goes_back_or_drifts_takes_nothing_from_anybody(
    leaps: Leaps, clocks: Clocks, leap: float
):
    leaps.silence_counts()
    clocks.go_on(1, leap=leap)
    assert leaps.silence_counts()


@pytest.mark.django_db
def test_the_clock_is_the_databases():
    first = database_time()
    assert 1_700_000_000 < first <= database_time()
