"""Leaps of the database's clock, by which leases are kept: it was set, or the machine slept and it did not.

After a leap ahead all workers seem to have been silent for as long, also those that are well; after one back none does,
also of those that are dead. They need a beat to show it.
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

    def look(self) -> float:
        """How many seconds the clock has leapt since the last look, if it is worth the name. Raises django.db.Error."""
        ahead, before = self.clock() - self.steady(), self.ahead
        self.ahead = ahead
        leap = 0.0 if before is None else ahead - before
        if abs(leap) <= settings.CHOREO_LEASE_SECONDS / 3:
            return 0.0
        self.doubtful_until = self.steady() + settings.CHOREO_LEASE_SECONDS
        return leap

    def silence_counts(self) -> bool:
        """False for a lease after a leap."""
        return self.steady() >= self.doubtful_until
