"""This host's clock beside the database's, by which all hosts live.

A host orders what comes next by its own clock: with one that is minutes ahead runs stand still for as long, with one
that is behind timers come early and steps seem to have taken too long. So such a host takes no work, and says why.
"""

import logging
import time
from collections.abc import Callable

from .board import now
from .leaps import database_time

logger = logging.getLogger(__name__)

MOST = 2.0  # seconds that make no difference
EVERY = 5.0  # how often to look
REPEAT = 60.0  # how often to say so again


class Clock:
    def __init__(
        self,
        here: Callable[[], float] = time.time,
        there: Callable[[], float] = database_time,
        steady: Callable[[], float] = now,
    ) -> None:
        self.here = here
        self.there = there
        self.steady = steady
        self.ahead = 0.0
        self.looked_at = self.said_at = float("-inf")

    def is_wrong(self) -> bool:
        """Raises django.db.Error."""
        if self.steady() - self.looked_at >= EVERY:
            self.ahead = self.look()
            self.looked_at = self.steady()
            self.tell()
        return abs(self.ahead) > MOST

    def look(self) -> float:
        """By how much it is ahead at least: the question takes time, and nobody knows on which way."""
        before = self.here()
        there = self.there()
        after = self.here()
        return max(0.0, before - there) - max(0.0, there - after)

    def tell(self) -> None:
        if abs(self.ahead) > MOST and self.steady() - self.said_at >= REPEAT:
            self.said_at = self.steady()
            logger.error(
                "The clock of this host is not the database's: it takes no work until it is set right.",
                extra={"ahead": round(self.ahead, 1)},
            )


THE_CLOCK = Clock()
