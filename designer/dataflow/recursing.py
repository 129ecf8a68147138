"""Room to recurse. The limit is one for the whole process, so it is raised only while somebody needs it.

The library of JSONata raises it for good when it is imported. What is nested too deeply elsewhere, such as a document
that somebody sends, should meet the limit that Python begins with.
"""

import sys
from threading import Lock

PYTHONS = 1_000
MORE = 5_000  # frames: 300 evaluations within each other take about 2,000


class Room:
    """Entered by whoever evaluates; the last one to leave puts the limit back."""

    def __init__(self) -> None:
        self._lock, self._inside, self._before = Lock(), 0, PYTHONS

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = sys.getrecursionlimit()
                sys.setrecursionlimit(self._before + MORE)
            self._inside += 1

    def __exit__(self, *raised: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                sys.setrecursionlimit(self._before)


ROOM = Room()
sys.setrecursionlimit(PYTHONS)  # whoever needs this room has imported the library before
