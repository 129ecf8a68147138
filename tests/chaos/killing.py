"""Killing processes for real: the family of a process, found in /proc, and one of it at random."""

import os
import random
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


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
    """Every so often kill -9 of one process of a family. ``roots`` says who heads the family now."""

    def __init__(self, roots: Callable[[], list[int]], *, every: float, seed: int) -> None:
        super().__init__(name="killer", daemon=True)
        self.roots = roots
        self.every = every
        self.choice = random.Random(seed)
        self.kills = 0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(self.every):
            targets = [pid for root in self.roots() for pid in family(root)]
            if targets:
                with suppress(ProcessLookupError):
                    os.kill(self.choice.choice(targets), signal.SIGKILL)
                    self.kills += 1

    def stop(self) -> None:
        self.done.set()
        self.join()
