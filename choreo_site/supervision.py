"""The processes that `manage.py up` keeps alive: started on a lifeline, started again when they die."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from choreo_site.lifeline import Lifeline

FIRST_WAIT = 0.5
LONGEST_WAIT = 10.0
# A child that lived this long has recovered: its next death is a new story.
SETTLED_AFTER = 30.0
STOP_GRACE = 10.0
LOOK_EVERY = 0.1


@dataclass
class Child:
    """One command of ours, and when it may be started (again)."""

    name: str
    command: list[str]
    environ: dict[str, str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    wait: float = FIRST_WAIT

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals, *, family: bool = False) -> None:
        if self.process is None:
            return
        try:
            if family:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        except ProcessLookupError:
            pass


@dataclass
class Crew:
    """All children. `tell` receives one clear line for each thing worth knowing."""

    tell: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    lifeline: Lifeline = field(default_factory=Lifeline)

    def start(self, child: Child) -> None:
        arguments = self.lifeline.popen_arguments(child.environ)
        arguments["pass_fds"] += child.descriptors
        child.process = subprocess.Popen(child.command, stdin=subprocess.DEVNULL, **arguments)
        child.started_at = time.monotonic()

    def tend(self) -> None:
        """One look at every child: note the dead, start those whose wait is over."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and not child.is_alive():
                self.note_death(child, now)
            if child.process is None and child.start_at <= now:
                self.start(child)

    def note_death(self, child: Child, now: float) -> None:
        if now - child.started_at >= SETTLED_AFTER:
            child.wait = FIRST_WAIT
        self.tell(f"{child.name} {manner_of_death(child)}; starting it again in {child.wait:g} s.")
        # What it had started must not live on beside its successor.
        child.send(signal.SIGKILL, family=True)
        child.process, child.start_at = None, now + child.wait
        child.wait = min(child.wait * 2, LONGEST_WAIT)

    def watch(self, stopping: threading.Event) -> None:
        while not stopping.wait(LOOK_EVERY):
            self.tend()

    def stop(self, hurry: threading.Event) -> None:
        """Ask every child to finish; after the grace, or at the second Ctrl-C, end them by force."""
        for child in self.children:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + STOP_GRACE
        while any(child.is_alive() for child in self.children) and time.monotonic() < deadline:
            if hurry.wait(LOOK_EVERY / 2):
                break
        for child in self.children:
            child.send(signal.SIGKILL, family=True)
            if child.process is not None:
                child.process.wait()
        self.lifeline.close()


def manner_of_death(child: Child) -> str:
    code = child.process.returncode if child.process else None
    if code is not None and code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"stopped with exit code {code}"
