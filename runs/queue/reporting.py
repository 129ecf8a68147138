"""Reporting what came of attempts: together where that can be, and one by one where it cannot."""

import logging
from collections.abc import Callable, Sequence

from django.db import Error

from runs.actions import Assignment, Done, Grip, report_attempts

from .heartbeat import Heartbeat
from .trouble import again

logger = logging.getLogger(__name__)


def report(heart: Heartbeat, done: Sequence[Done], grip: Callable[[int], Grip | None]) -> list[Assignment]:
    """What the worker goes on with. ``grip`` is asked anew for each transaction, with the room there is.

    Raises django.db.Error, and whatever a decision raises, which is a defect of ours: it does not stop the others.
    """
    try:
        return again(heart, lambda: report_attempts(done, grip=grip(len(done))))
    except Error:
        raise
    except Exception:
        if len(done) == 1:
            raise
        logger.exception("Attempts cannot be reported together. Each is reported by itself.")
    return _report_apart(heart, done, grip)


def _report_apart(
    heart: Heartbeat, done: Sequence[Done], grip: Callable[[int], Grip | None]
) -> list[Assignment]:
    following: list[Assignment] = []
    problems: list[Exception] = []
    for one in done:
        try:
            following += report(heart, [one], grip)
        except Error:
            raise
        except Exception as problem:
            problems.append(problem)
    if problems:
        raise problems[0]
    return following
