"""The lifeline: a pipe that a parent holds open for its children. When the parent dies, even by kill -9, the
kernel closes the pipe and each child ends itself and whatever it started.

A parent opens one `Lifeline` and starts its children with `popen_arguments()`. A child calls `watch_lifeline()`
as its first act; started by hand, without a parent, it just goes on.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

VARIABLE = "CHOREO_LIFELINE_FD"
GRACE = 8.0


class Lifeline:
    """The parent's end. Closing it, on purpose or by dying, tells every child to stop."""

    def __init__(self) -> None:
        self.read_end, self._write_end = os.pipe()

    def popen_arguments(self, environ: dict[str, str]) -> dict[str, Any]:
        """What `subprocess.Popen` needs: a session of its own, so that a kill reaches the child's children too."""
        return {
            "start_new_session": True,
            "pass_fds": (self.read_end,),
            "env": {**environ, VARIABLE: str(self.read_end)},
        }

    def close(self) -> None:
        os.close(self._write_end)
        os.close(self.read_end)


def watch_lifeline(stop: Callable[[], None] | None = None, *, grace: float = GRACE) -> None:
    """End this process when its parent dies: `stop()` (default: SIGTERM to oneself), after `grace` by force."""
    descriptor = os.environ.get(VARIABLE)
    if descriptor is None:
        return
    # A grandchild gets a lifeline of its own or none; it must not read this one by accident.
    del os.environ[VARIABLE]
    os.set_inheritable(int(descriptor), False)
    watcher = threading.Thread(
        target=end_with_parent, args=(int(descriptor), stop or terminate, grace), name="lifeline", daemon=True
    )
    watcher.start()


def end_with_parent(descriptor: int, stop: Callable[[], None], grace: float) -> None:
    while os.read(descriptor, 1):
        pass
    stop()
    time.sleep(grace)
    kill_family()


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def kill_family() -> None:
    """By force, with everything this process started, unless it shares its group with strangers."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)
