"""The processes of a running `manage.py work`, by what they are."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from tests.servers import wait_until

WORKERS = 2


@dataclass(frozen=True)
class Family:
    parent: int
    sentinel: int
    workers: tuple[int, ...]
    monitor: int
    pusher: int

    @property
    def pids(self) -> set[int]:
        return {self.parent, self.sentinel, *self.workers, self.monitor, self.pusher}


def family_of(work: int) -> Family:
    """Waits until all are there."""
    return wait_until(lambda: find_family(work), seconds=60, what="the cluster's processes")


def find_family(work: int) -> Family | None:
    """The sentinel starts its workers first, then the monitor, then the pusher."""
    try:
        (parent,) = children(work)
        (sentinel,) = children(parent)
        *workers, monitor, pusher = children(sentinel)
    except ValueError:
        return None
    return Family(parent, sentinel, tuple(workers), monitor, pusher) if len(workers) == WORKERS else None


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_running(pid: int) -> bool:
    """Alive, and not merely waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
