"""The database in trouble: a transaction is tried anew, and a step never."""

import logging
import random
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

from .heartbeat import Heartbeat

logger = logging.getLogger(__name__)

# Serialization failures, deadlocks, a lock that was not to be had, a server that restarts.
PAUSES = (0.02, 0.1, 0.5, 2.0)


def again[T](heart: Heartbeat, transaction: Callable[[], T]) -> T:
    """The transaction's result, tried anew when the database could not do it now.

    Never put a step's code in it. The commit may have gone through and only its answer been lost: then attempts are
    held in this worker's name that it does not know of. So it becomes another worker first, and whatever the old
    one holds comes back when its lease has lapsed.
    """
    for pause in PAUSES:
        try:
            return transaction()
        except (OperationalError, InterfaceError) as problem:
            logger.info("A transaction is tried again.", extra={"problem": str(problem)})
            heart.renounce()
            connection.close_if_unusable_or_obsolete()
            time.sleep(pause * random.uniform(0.5, 1.5))
    return transaction()
