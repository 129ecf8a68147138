"""The vigil: from what the board says, whether a cluster hangs. Pure: it is told the time.

A django-q2 worker that is killed while it waits holds a lock that nobody releases: the cluster looks alive and
takes nothing any more. The same goes for the monitor. So a ticket goes round every two seconds, and what counts is
that it comes through all hands.
"""

from collections.abc import Callable

from .board import Reading

PATIENCE = 6.0
START_PATIENCE = 60.0
# The pusher may wait for a database, which is no reason to end steps that are being performed.
PUSHER_PATIENCE = 20.0
# What passes between two looks beyond this was not watched: the machine slept, or was so busy that the vigil had to
# wait, and whom it watches too.
LONGEST_LOOK = 1.5


class Vigil:
    """Watches one cluster from its start. ``others`` counts the tasks of other apps that are out."""

    def __init__(self, *, workers: int, lease: float, started: float, others: Callable[[], int]) -> None:
        self.workers = workers
        self.lease = lease
        self.others = others
        self.looked = started
        self.watched = 0.0  # seconds
        self.done = 0  # tickets that had ended when the monitor last read a result
        self.signs: dict[str, tuple[object, float]] = {}  # of life: what was seen, and when it was first

    def look(self, reading: Reading) -> str | None:
        """Why the cluster must be replaced; None when it lives."""
        self.watched += min(reading.at - self.looked, LONGEST_LOOK)
        self.looked = reading.at
        if not reading.pulse:
            return "it did not start" if self.watched > START_PATIENCE else None
        # Each looks at every reading.
        found = [rule(reading) for rule in (self.untaken, self.unread, self.unpushed, self.unanimated)]
        return next(filter(None, found), None)

    def untaken(self, reading: Reading) -> str | None:
        """A ticket that is out must be taken. While none is, the pusher may be waiting for the database."""
        is_out = reading.waiting > 0
        still = self.still_for("taken", (reading.taken, is_out))
        if still < (PATIENCE if is_out else PUSHER_PATIENCE) or reading.busy >= self.workers:
            return None
        return None if reading.busy + self.others() >= self.workers else "no worker takes a ticket"

    def unread(self, reading: Reading) -> str | None:
        """A ticket that ended after the monitor's last sign of life must be followed by another sign."""
        if not self.still_for("answered", reading.answered):
            self.done = reading.done
        still = self.still_for("read", (reading.answered, reading.done == self.done))
        return "the monitor reads no results" if reading.done != self.done and still > PATIENCE else None

    def unpushed(self, reading: Reading) -> str | None:
        if self.still_for("pushed", reading.pulse) < PUSHER_PATIENCE or self.others() >= self.workers:
            return None
        return "the pusher does not move"

    def unanimated(self, reading: Reading) -> str | None:
        """Every worker silent, for longer than it takes others to inherit their work."""
        still = self.still_for("beats", max(reading.beats, default=None))
        is_silent = reading.beats and still >= max(2 * self.lease, PATIENCE)
        return "all its workers are silent" if is_silent else None

    def still_for(self, name: str, sign: object) -> float:
        """How long this sign of life has been as it is."""
        if name not in self.signs or self.signs[name][0] != sign:
            self.signs[name] = sign, self.watched
        return self.watched - self.signs[name][1]
