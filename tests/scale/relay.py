"""A wire to PostgreSQL that can be cut, for tests that may make no networks: a relay on loopback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 65_536
MOMENT = 0.5  # seconds


class Relay:
    """What comes to its port goes on to the server's socket, and back. While it is cut nothing passes in either
    direction, nobody is told so, and who calls anew waits for an answer: as with a cable that is pulled. The server
    finds out after a moment, as it does by keeping connections alive; the host does not."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.whole = threading.Event()
        self.whole.set()
        self.near: list[socket.socket] = [self.listener]
        self.far: list[socket.socket] = []
        threading.Thread(target=self.answer, daemon=True).start()

    def cut(self) -> None:
        self.whole.clear()
        threading.Timer(MOMENT, hang_up, [list(self.far)]).start()

    def mend(self) -> None:
        self.whole.set()

    def answer(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                threading.Thread(target=self.call, args=(near,), daemon=True).start()

    def call(self, near: socket.socket) -> None:
        self.whole.wait()
        far = socket.socket(socket.AF_UNIX) if self.server.startswith("/") else socket.socket()
        far.connect(self.server)
        self.near.append(near)
        self.far.append(far)
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=self.pass_on, args=(source, target), daemon=True).start()

    def pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE):
                self.whole.wait()
                target.sendall(piece)
        with suppress(OSError):
            self.whole.wait()
            target.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.mend()
        hang_up([*self.near, *self.far])


def hang_up(ends: list[socket.socket]) -> None:
    for one in ends:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextmanager
def relay(server: str) -> Iterator[Relay]:
    wire = Relay(server)
    try:
        yield wire
    finally:
        wire.close()
