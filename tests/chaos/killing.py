"""Killing processes for real: the family of a process, found in /proc, and one of it at random."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

GROWTH = 10.0  # seconds


def family(pid: int) -> list[int]:
    """The process and all that descend from it, also those in sessions of their own."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                # The name in the second field may hold anything; what follows its last ")" does not.
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


class Killer(threading.Thread):
    """Every so often kill -9 of one process of a family. ``roots`` says who heads the family now.

    A family that is fewer than ``whole`` has some time to grow first: on a busy machine a cluster takes longer to start
    than there is between two kills, and would never do anything.
    """

    def __init__(self, roots: Callable[[], list[int]], *, every: float, seed: int, whole: int = 1) -> None:
        super().__init__(name="killer", daemon=True)
        self.roots = roots
        self.every = every
        self.whole = whole
        self.choice = random.Random(seed)
        self.kills = 0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            self.wait_for_the_whole()
            if not self.done.wait(self.every) and (targets := self.targets()):
                with suppress(ProcessLookupError):
                    os.kill(self.choice.choice(targets), signal.SIGKILL)
                    self.kills += 1

    def wait_for_the_whole(self) -> None:
        until = time.monotonic() + GROWTH
        while len(self.targets()) < self.whole and time.monotonic() < until:
            if self.done.wait(0.2):
                return

    def targets(self) -> list[int]:
        return [pid for root in self.roots() for pid in family(root)]

    def stop(self) -> None:
        self.done.set()
        self.join()
