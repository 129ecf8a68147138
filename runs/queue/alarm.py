"""A step's own time limit, inside django-q2's, by SIGALRM."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# A step that swallows the exception gets it again after so long, and again.
REPEAT = 1.0
# django-q2's own alarm, if it fell due meanwhile, comes as soon as it can.
AT_ONCE = 0.001


class TimeIsUp(BaseException):
    """Raised inside a step. No `except Exception` of the step's stops it."""


class Alarm:
    def __init__(self) -> None:
        self.armed = False
        self.rang = False

    def ring(self, number: int, frame: FrameType | None) -> None:
        if self.armed:
            self.rang = True
            raise TimeIsUp

    def call[T](self, function: Callable[[], T], seconds: float | None) -> T:
        """What the function gives. Raises TimeIsUp, and whatever the function raises."""
        limit = seconds if _can_be_interrupted() else None
        with _kept_alarm(hidden=limit is not None):
            if limit is not None:
                signal.signal(signal.SIGALRM, self.ring)
                self.armed = True
                signal.setitimer(signal.ITIMER_REAL, max(limit, AT_ONCE), REPEAT)
            try:
                return function()
            finally:
                self.armed = False


@contextmanager
def _kept_alarm(*, hidden: bool) -> Iterator[None]:
    """Whatever happens to the alarm inside, outside it goes on as if nothing had been: one whose time came while it was
    ``hidden`` rings then. One that was not has rung, and does not ring again."""
    if not _can_be_interrupted():
        yield
        return
    action, started = signal.getsignal(signal.SIGALRM), time.monotonic()
    left, interval = signal.getitimer(signal.ITIMER_REAL)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, action)
        rest = left - (time.monotonic() - started)
        if left and (rest > 0 or hidden):
            signal.setitimer(signal.ITIMER_REAL, max(rest, AT_ONCE), interval)


def _can_be_interrupted() -> bool:
    return threading.current_thread() is threading.main_thread()
