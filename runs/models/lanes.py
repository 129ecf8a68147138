"""Lanes: work is due lane by lane, and within one the earliest comes first.

A lane is the queue that hosts may serve, and a priority before it so that the most urgent lane sorts first. Few
lanes are in use at a time, and which ones is found by stepping through the index, however long each of them is.
"""

import re

MOST_URGENT, DEFAULT_PRIORITY = 9, 5
UNNAMED = "default"  # what people and CHOREO_QUEUES call the queue without a name
QUEUE = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
# Starts that wait for the limits of their workflow: nobody claims from it. It sorts before all others.
PARKED = ""


def queue_named(written: str) -> str:
    """A queue as people write it; empty for the default one. Raises ValueError, with a sentence."""
    if written and not QUEUE.fullmatch(written):
        raise ValueError("Begin with a small letter; go on with these, digits and underscores.")
    return "" if written == UNNAMED else written


def lane_of(queue: str, priority: int) -> str:
    return f"{MOST_URGENT - priority}{queue}"


def queue_of(lane: str) -> str:
    return lane[1:]


DEFAULT_LANE = lane_of("", DEFAULT_PRIORITY)
# That of the triggers' own work. No queue can have this name.
TRIGGER_LANE = lane_of("!", MOST_URGENT)
