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
# Longer between two looks, and it was the vigil that slept: a laptop shut, a machine stopped.
OWN_SLEEP = 3.0


class Vigil:
    """Watches one cluster from its start. ``others`` counts the tasks of other apps that are out."""

    def __init__(self, *, workers: int, lease: float, started: float, others: Callable[[], int]) -> None:
        self.workers = workers
        self.lease = lease
        self.others = others
        self.started = self.looked = started
        self.begin_anew(Reading(at=started))

    def begin_anew(self, reading: Reading) -> None:
        """As if everything had been well until now."""
        self.fresh_since = reading.at
        self.taken, self.taken_at = reading.taken, reading.at
        self.answered, self.done, self.read_at = reading.answered, reading.done, reading.at

    def look(self, reading: Reading) -> str | None:
        """Why the cluster must be replaced; None when it lives."""
        if not reading.pulse or reading.at - self.looked > OWN_SLEEP:
            self.begin_anew(reading)
        self.looked = reading.at
        if not reading.pulse and reading.at - self.started > START_PATIENCE:
            return "it did not start"
        return next(filter(None, (rule(reading) for rule in self.rules())), None)

    def rules(self) -> tuple[Callable[[Reading], str | None], ...]:
        return (self.untaken, self.unread, self.unpushed, self.unanimated)

    def untaken(self, reading: Reading) -> str | None:
        if reading.taken != self.taken:
            self.taken, self.taken_at = reading.taken, reading.at
        if reading.at - self.taken_at < PATIENCE or reading.busy >= self.workers:
            return None
        return None if reading.busy + self.others() >= self.workers else "no worker takes a ticket"

    def unread(self, reading: Reading) -> str | None:
        """A ticket that ended after the monitor's last sign of life must be followed by another sign."""
        if reading.answered != self.answered or reading.done == self.done:
            self.answered, self.done, self.read_at = reading.answered, reading.done, reading.at
        return "the monitor reads no results" if reading.at - self.read_at > PATIENCE else None

    def unpushed(self, reading: Reading) -> str | None:
        if (
            reading.at - max(reading.pulse, self.fresh_since) < PUSHER_PATIENCE
            or self.others() >= self.workers
        ):
            return None
        return "the pusher does not move"

    def unanimated(self, reading: Reading) -> str | None:
        """Every worker silent, for longer than it takes others to inherit their work."""
        patience = max(2 * self.lease, PATIENCE)
        alive = [beat for beat in reading.beats if reading.at - max(beat, self.fresh_since) < patience]
        return "all its workers are silent" if reading.beats and not alive else None
