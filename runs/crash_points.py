"""The moments at which a process may die and nothing may be lost, by name.

In production nothing happens at them: no setting, variable, file or request can arm one, only code that runs in the
same process and hands over what is to happen. Tests do (tests/reliability/crashes.py).
"""

from collections.abc import Callable

POINTS = (
    "claim.before_update",
    "claim.after_commit",
    "effect.before",
    "effect.after_before_record",  # the one after which an effect may happen again
    "record.in_transaction",
    "record.after_commit_before_nudge",
    "timer.after_mark_fired",
    "join.after_decrement",
    "compensation.between_steps",
    "signal.after_insert",
    "approve.after_insert",
    "redrive.mid",
    "push.after_commit",
)

_armed: Callable[[str], None] | None = None


def crash_at(point: str) -> None:
    if _armed is not None:
        _armed(point)


def arm(what: Callable[[str], None] | None) -> None:
    """From now on ``what`` is called with the name of each point that is reached; None: nothing is."""
    global _armed
    _armed = what
