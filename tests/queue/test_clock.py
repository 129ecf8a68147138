"""A host whose clock is wrong takes no work, and one that only asked a slow database does."""

import pytest

from runs.models import Run
from runs.queue import tickets
from runs.queue.clock import EVERY, MOST, REPEAT, Clock
from runs.queue.tickets import serve
from tests.factories import a_run, action


class Time:
    """A host's, the database's, and how long the question takes each way."""

    def __init__(self, ahead: float = 0.0, there: float = 0.0, back: float = 0.0) -> None:
        self.true, self.ahead, self.to, self.back = 1_000.0, ahead, there, back

    def here(self) -> float:
        return self.true + self.ahead

    def there(self) -> float:
        self.true += self.to
        said = self.true
        self.true += self.back
        return said

    def clock(self) -> Clock:
        return Clock(self.here, self.there, lambda: self.true)


@pytest.mark.parametrize("ahead", [300.0, -300.0, MOST + 1, -MOST - 1])
def test_a_clock_that_is_off_is_wrong(ahead: float):
    assert Time(ahead).clock().is_wrong()


@pytest.mark.parametrize("time", [Time(), Time(0.5), Time(-0.5), Time(there=30.0), Time(back=30.0)])
def test_a_slow_answer_makes_no_clock_wrong(time: Time):
    assert not time.clock().is_wrong()


def test_it_is_looked_at_again_and_may_be_right_by_then():
    time = Time(300.0)
    clock = time.clock()
    assert clock.is_wrong()
    time.ahead = 0.0
    assert clock.is_wrong()  # not looked at yet
    time.true += EVERY
    assert not clock.is_wrong()


def test_it_says_so_once_a_minute(caplog: pytest.LogCaptureFixture):
    time = Time(300.0)
    clock = time.clock()
    for _ in range(int(REPEAT / EVERY)):
        clock.is_wrong()
        time.true += EVERY
    assert len(caplog.records) == 1
    clock.is_wrong()
    assert len(caplog.records) == 2
    assert caplog.records[0].__dict__["ahead"] == 300.0


@pytest.mark.usefixtures("worker")
def test_a_ticket_takes_nothing_by_a_wrong_clock(monkeypatch: pytest.MonkeyPatch):
    run = a_run({"start": "a", "steps": {"a": action()}})
    monkeypatch.setattr(tickets, "THE_CLOCK", Time(300.0).clock())
    serve()
    assert Run.objects.get(pk=run.pk).status == "ready"
    monkeypatch.setattr(tickets, "THE_CLOCK", Time().clock())
    serve()
    assert Run.objects.get(pk=run.pk).status == "succeeded"
