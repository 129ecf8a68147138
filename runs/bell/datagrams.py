"""The bell on one machine: each listener has a socket in one folder, and a ring goes to all of them."""

import hashlib
import os
import secrets
import select
import socket
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from .rings import EVERYTHING, BellLost, Kind, Ring, read, spell

# A socket's address holds about a hundred bytes, and a listener's name needs some of them.
LONGEST_FOLDER = 70
# The kernel may keep as few as ten datagrams for a socket. Whoever finds so many may have missed others.
CROWDED = 10
LARGEST = 256


class Datagrams:
    """A listener. Its file goes when it is closed; after a kill, with the first ring it does not answer."""

    def __init__(self, kind: Kind) -> None:
        self.path = bell_folder() / f"{kind}-{os.getpid()}-{secrets.token_hex(4)}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        try:
            self.socket.bind(str(self.path))
        except OSError as problem:
            self.socket.close()
            raise BellLost(f"No bell can be hung in {self.path.parent}: {problem.strerror}.") from problem
        self.poll = select.poll()
        self.poll.register(self.socket, select.POLLIN)

    def fileno(self) -> int:
        return self.socket.fileno()

    def wait(self, timeout: float) -> list[Ring]:
        if not self.poll.poll(max(0.0, timeout) * 1000):
            return []
        texts = self._received()
        rings = read(texts)
        return [*rings, EVERYTHING] if len(texts) >= CROWDED and EVERYTHING not in rings else rings

    def close(self) -> None:
        self.socket.close()
        self.path.unlink(missing_ok=True)

    def _received(self) -> list[str]:
        texts = []
        while True:
            try:
                texts.append(self.socket.recv(LARGEST).decode("ascii", "replace"))
            except BlockingIOError:
                return texts
            except OSError as problem:
                raise BellLost(f"The bell's socket is broken: {problem.strerror}.") from problem


def send(rings: Sequence[Ring], *, work: bool) -> None:
    folder = bell_folder()
    for name in os.listdir(folder):
        if name.startswith("runs-"):
            for ring in rings:
                _knock(f"{folder}/{name}", spell(ring))
        elif name.startswith("work-") and work:
            _knock(f"{folder}/{name}", "")


def _knock(path: str, text: str) -> None:
    try:
        _sender().sendto(text.encode(), path)
    except BlockingIOError:
        pass  # it has plenty to hear already, and will take it that it missed some
    except (ConnectionRefusedError, FileNotFoundError):
        Path(path).unlink(missing_ok=True)


@lru_cache(maxsize=1)
def _sender() -> socket.socket:
    """Nameless, so that forked processes may go on using it side by side."""
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.setblocking(False)
    return sender


@lru_cache(maxsize=1)
def bell_folder() -> Path:
    """In the data folder; where that is too deep for a socket's address, among the temporary files."""
    folder = settings.CHOREO_DATA_DIR / "bell"
    if len(os.fsencode(folder)) > LONGEST_FOLDER:
        mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"choreo-{os.getuid()}-{mark}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to someone else.")
    return folder
