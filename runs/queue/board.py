"""The board: a page of memory on which the processes of one cluster tell each other what they are doing.

Whether a worker is idle, or a cluster hangs, must be known in microseconds and while the database is away, so it
is not a row. Every cell is a 64-bit number with one writer; a reader may see a moment's mixture, and whatever
follows from one is harmless: a ticket too many finds nothing to do.
"""

import mmap
import os
import time
from dataclasses import dataclass

SEATS = 512  # one for each worker process that lives, and for those that died lately
COLUMNS = ("pid", "taken", "done", "beat")
CELLS = ("issued", "answered", "pulse", "closing")
SIZE = 8 * (SEATS * len(COLUMNS) + len(CELLS))


@dataclass(frozen=True, slots=True)
class Reading:
    """The board at one moment. Times are those of `now`."""

    at: float
    taken: int = 0  # tickets that a worker has begun,
    done: int = 0  # ended,
    waiting: int = 0  # those that nobody has begun
    answered: int = 0  # and those of which the monitor has read the result
    pulse: float = 0.0  # when the pusher was last seen; 0: never
    beats: tuple[float, ...] = ()  # when each worker was last seen

    @property
    def busy(self) -> int:
        return self.taken - self.done


class Board:
    """Shared by a fork, or with another process through a file (`share`)."""

    def __init__(self) -> None:
        self.share(mmap.mmap(-1, SIZE))

    def share(self, memory: mmap.mmap) -> None:
        self.cells = memoryview(memory).cast("Q")
        self.seat: tuple[int, int] | None = None

    def read(self) -> Reading:
        pids, beats = self._column("pid"), self._column("beat")
        return Reading(
            at=now(),
            taken=self.taken,
            done=self.done,
            waiting=self.waiting(),
            answered=self._get("answered"),
            pulse=self._get("pulse") / 1e9,
            beats=tuple(beat / 1e9 for pid, beat in zip(pids, beats, strict=True) if pid),
        )

    @property
    def taken(self) -> int:
        return sum(self._column("taken"))

    @property
    def done(self) -> int:
        return sum(self._column("done"))

    # --- the pusher ------------------------------------------------------------------------------------------

    def issue(self) -> None:
        self._set("issued", self._get("issued") + 1)

    def forget_issued(self) -> None:
        """What is given out and not begun is lost."""
        self._set("issued", self.taken)

    def waiting(self) -> int:
        """Tickets that no worker has begun."""
        return max(0, self._get("issued") - self.taken)

    def busy(self) -> int:
        """Workers with a ticket in hand, and those that died with one since the last burial."""
        return self.taken - self.done

    def mark_pulse(self) -> None:
        self._set("pulse", _nanoseconds())

    def bury(self) -> list[int]:
        """The workers that have died since the last call. Their seats are free, and their last tickets undone."""
        dead = [(seat, pid) for seat, pid in enumerate(self._column("pid")) if pid and not is_alive(pid)]
        for seat, _ in dead:
            done = self.cells[self._at("done") + seat]
            unfinished = self.cells[self._at("taken") + seat] - done
            self.cells[self._at("taken") + seat] = done
            self._set("issued", max(0, self._get("issued") - unfinished))
            self.cells[self._at("pid") + seat] = 0
        return [pid for _, pid in dead]

    # --- the monitor -----------------------------------------------------------------------------------------

    def answer(self) -> None:
        self._set("answered", self._get("answered") + 1)

    # --- the parent ------------------------------------------------------------------------------------------

    def close_shop(self) -> None:
        """Workers shall finish what they hold and take no more."""
        self._set("closing", 1)

    @property
    def closing(self) -> bool:
        return self._get("closing") == 1

    # --- a worker --------------------------------------------------------------------------------------------

    def take(self) -> None:
        self.cells[self._at("taken") + self._seat()] += 1

    def put_back(self) -> None:
        self.cells[self._at("done") + self._seat()] += 1

    def mark_beat(self) -> None:
        self.cells[self._at("beat") + self._seat()] = _nanoseconds()

    def _seat(self) -> int:
        """This process's own: a free one, looked for from a place that differs from worker to worker."""
        pid = os.getpid()
        if self.seat is None or self.seat[0] != pid:
            pids = self._column("pid")
            free = (n % SEATS for n in range(pid, pid + SEATS) if not pids[n % SEATS])
            self.seat = (pid, next(free, pid % SEATS))
            self.cells[self._at("pid") + self.seat[1]] = pid
            self.cells[self._at("beat") + self.seat[1]] = _nanoseconds()
        return self.seat[1]

    # --- the memory ------------------------------------------------------------------------------------------

    def _column(self, name: str) -> list[int]:
        return self.cells[self._at(name) : self._at(name) + SEATS].tolist()

    def _at(self, name: str) -> int:
        return SEATS * COLUMNS.index(name)

    def _get(self, name: str) -> int:
        return int(self.cells[SEATS * len(COLUMNS) + CELLS.index(name)])

    def _set(self, name: str, value: int) -> None:
        self.cells[SEATS * len(COLUMNS) + CELLS.index(name)] = value


def is_alive(pid: int) -> bool:
    """Whether the process is there. One that has died and was not yet waited for is."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def now() -> float:
    """Seconds that are the same for all processes of a machine and do not jump."""
    return _nanoseconds() / 1e9


def _nanoseconds() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


THE_BOARD = Board()
