"""Reporting what came of attempts: together where that can be, and one by one where it cannot."""

import logging
from collections.abc import Callable, MutableMapping, Sequence
from uuid import UUID

from django.db import Error

from runs.actions import SET_ASIDE, Advance, Assignment, Begun, Done, Grip, hand_back, report_attempts

from .heartbeat import Heartbeat
from .trouble import again

logger = logging.getLogger(__name__)


def report(
    heart: Heartbeat,
    done: Sequence[Done | Begun],
    grip: Callable[[int], Grip | None],
    ahead: MutableMapping[UUID, Advance] | None = None,
) -> list[Assignment]:
    """What the worker goes on with. ``grip`` is asked anew for each transaction, with the room there is.

    What cannot be decided, by a defect of ours, is set aside: it holds nobody up. Raises django.db.Error.
    """
    try:
        return again(heart, lambda: report_attempts(done, grip=grip(len(done)), ahead=ahead))
    except Error:
        raise
    except Exception:
        if len(done) > 1:
            logger.exception("Attempts cannot be reported together. Each is reported by itself.")
            return [following for one in done for following in report(heart, [one], grip)]
        subject = done[0].held
        logger.exception("An attempt cannot be recorded. It is set aside.", extra={"run": subject.run_id})
        hand_back([subject], later=SET_ASIDE)
        return []
