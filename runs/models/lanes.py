"""Lanes: work is due lane by lane, and within one the earliest comes first.

A lane is the queue that hosts may serve, and a priority before it so that the most urgent lane sorts first. Few
lanes are in use at a time, and which ones is found by stepping through the index, however long each of them is.
"""

MOST_URGENT, DEFAULT_PRIORITY = 9, 5
# Starts that wait for the limits of their workflow: nobody claims from it. It sorts before all others.
PARKED = ""


def lane_of(queue: str, priority: int) -> str:
    return f"{MOST_URGENT - priority}{queue}"


def queue_of(lane: str) -> str:
    return lane[1:]


def priority_of(lane: str) -> int:
    return MOST_URGENT - int(lane[0])


DEFAULT_LANE = lane_of("", DEFAULT_PRIORITY)
# That of the triggers' own work. No queue can have this name.
TRIGGER_LANE = lane_of("!", MOST_URGENT)
