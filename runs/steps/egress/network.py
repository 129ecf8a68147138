"""The connection itself, beneath HTTP and TLS: opened to an address that was judged, and watched by one clock."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from .addresses import Address, parse_address, why_refused
from .failures import address_refused, connection_failed, timed_out
from .policy import Policy

type Resolve = Callable[[str, int], list[str]]
BLOCK = 64 * 1024  # bytes written at a time


class Deadline:
    """How long the whole call may take, however much of it goes well."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.ends = seconds, time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Raises CallFailed when none is."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise timed_out(f"The call did not end within {self.seconds:g} s.")
        return left if most is None else min(left, most)


def ask_name_server(host: str, port: int) -> list[str]:
    """Every address of ``host``, as the system knows them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects to what the policy allows. HTTP and TLS above it go on speaking of the host by its name."""

    def __init__(self, policy: Policy, deadline: Deadline, resolve: Resolve = ask_name_server) -> None:
        self.policy, self.deadline, self.resolve = policy, deadline, resolve
        self.plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception | None = None
        for address in self._judged(host, port):
            try:
                opened = self.plain.connect_tcp(str(address), port, self.deadline.left(timeout))
                return WatchedStream(opened, self.deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or connection_failed(f"{host} has no address.")

    def _judged(self, host: str, port: int) -> list[Address]:
        """All addresses of ``host``. One that may not be called is enough to refuse them all."""
        private = self.policy.admits_private(host, port)
        addresses = [parse_address(text) for text in self._resolved(host, port)]
        for address in addresses:
            if why := why_refused(address, private=private):
                raise address_refused(f"{host} leads to an address which {why}.")
        return addresses

    def _resolved(self, host: str, port: int) -> list[str]:
        """The system's resolver knows no timeout, so it is left behind when the time is up."""
        answers: list[list[str] | OSError | UnicodeError] = []

        def ask() -> None:
            try:
                answers.append(self.resolve(host, port))
            except (OSError, UnicodeError) as error:
                answers.append(error)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(self.deadline.left())
        if not answers:
            raise timed_out(f"The name {host} was not resolved in time.")
        if not isinstance(answers[0], list):
            raise connection_failed(f"The name {host} cannot be resolved.")
        return answers[0]


class WatchedStream(httpcore.NetworkStream):
    """A stream on which every read and write ends when the whole call must."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self.stream, self.deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self.deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        connection: socket.socket = self.stream.get_extra_info("socket")
        left = memoryview(buffer)
        try:
            while left:
                connection.settimeout(self.deadline.left(timeout))
                left = left[connection.send(left[:BLOCK]) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self.stream.start_tls(ssl_context, server_hostname, self.deadline.left(timeout))
        return WatchedStream(secured, self.deadline)

    def close(self) -> None:
        self.stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)
