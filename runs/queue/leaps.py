"""Leaps of the database's clock, by which leases are kept: it was set, or the machine slept and it did not.

After a leap all workers seem to have been silent for as long, also those that are well. They need a beat to show it.
"""

import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from .board import now


def database_time() -> float:
    """Seconds on the clock that `Now()` reads."""
    if connection.vendor != "postgresql":
        return time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM statement_timestamp())")
        return float(cursor.fetchone()[0])


class Leaps:
    def __init__(self, clock: Callable[[], float] = database_time, steady: Callable[[], float] = now) -> None:
        self.clock = clock
        self.steady = steady
        self.ahead: float | None = None  # of the steady clock
        self.doubtful_until = 0.0

    def silence_counts(self) -> bool:
        """False for a lease after a leap. Raises django.db.Error."""
        ahead, here = self.clock() - self.steady(), self.steady()
        if self.ahead is not None and ahead - self.ahead > settings.CHOREO_LEASE_SECONDS / 3:
            self.doubtful_until = here + settings.CHOREO_LEASE_SECONDS
        self.ahead = ahead
        return here >= self.doubtful_until
