"""What `manage.py up` turns into once everything is prepared: the same process, on the same lock and the same listening
socket, without the memory that the preparing took. It only keeps the children alive, and needs no Django for that.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import NoReturn
from urllib.parse import urlsplit

from choreo_site.supervision import LOOK_EVERY, Child, Crew

ANSWER_WITHIN = 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Handover:
    """What the preparing leaves. The welcome holds a sign-in link, a secret: all this goes through a pipe."""

    site: str
    welcome: str
    commands: dict[str, list[str]]
    listener: int
    lock: int


def become_keeper(handover: Handover, *, command: list[str]) -> NoReturn:
    """Replace this program by `command`, which calls `keep` with the number that is put at its end."""
    pipe, end = os.pipe()
    with os.fdopen(end, "w") as writer:
        json.dump(asdict(handover), writer)
    for descriptor in (pipe, handover.listener, handover.lock):
        os.set_inheritable(descriptor, True)
    # A Ctrl-C of this moment waits until `keep` is there to hear it.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    sys.stdout.flush()
    os.execv(command[0], [*command, str(pipe)])


def keep(pipe: int) -> None:
    """Until Ctrl-C."""
    stopping, hurry = stop_signals()
    with os.fdopen(pipe) as reader:
        handover = Handover(**json.load(reader))
    crew = Crew(tell=lambda line: print(f"up: {line}", file=sys.stderr), children=household(handover))
    try:
        crew.tend()
        if wait_for_answer(handover.site, crew, stopping):
            print(handover.welcome, flush=True)
        crew.watch(stopping)
    finally:
        crew.stop(hurry)
    print("Stopped.", flush=True)


def stop_signals() -> tuple[threading.Event, threading.Event]:
    """The first signal asks for an orderly stop, the second for a quick one."""
    stopping, hurry = threading.Event(), threading.Event()

    def stop(number: int, frame: object) -> None:
        (hurry if stopping.is_set() else stopping).set()

    for number in STOP_SIGNALS:
        signal.signal(number, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    return stopping, hurry


def household(handover: Handover) -> list[Child]:
    """Only the web server gets the listening socket."""
    given = {"web": (handover.listener,)}
    return [
        Child(name, command, dict(os.environ), given.get(name, ()))
        for name, command in handover.commands.items()
    ]


def wait_for_answer(site: str, crew: Crew, stopping: threading.Event) -> bool:
    """True once the web server answers; False when a signal came first."""
    deadline = time.monotonic() + ANSWER_WITHIN
    while not stopping.wait(LOOK_EVERY):
        crew.tend()
        if answers(site):
            return True
        if time.monotonic() > deadline:
            sys.exit(f"up: The web server did not answer at {site} within {ANSWER_WITHIN:g} s; see above.")
    return False


def answers(site: str) -> bool:
    """Asked without a library for it: one would be most of this process."""
    where = urlsplit(site)
    try:
        with socket.create_connection((where.hostname, where.port), timeout=2) as line:
            line.sendall(f"GET /healthz HTTP/1.0\r\nHost: {where.netloc}\r\n\r\n".encode())
            with line.makefile("rb") as answer:
                return b" 200 " in answer.readline(100)
    except OSError:
        return False
