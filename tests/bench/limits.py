"""What the machine itself can do in the hour of a measurement. Asked for by `tests.bench`, in a process of its own."""

import os
import socket
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection

BLOCK = b"x" * 4096
FSYNCS, COMMITS, TRIPS = 1_000, 1_500, 500


def limits() -> dict[str, float]:
    """Per second where it says so, else milliseconds."""
    hand_over = statistics.median(timed(connection_trip, TRIPS))
    found = {
        "appends": appends_a_second(),
        "overwrites": overwrites_a_second(),
        "datagram": datagram_wakes(),
        "hand_over": hand_over,
        "python": get_by_the_orm() - hand_over,
    }
    if connection.vendor == "sqlite":
        return found | {"commits": sqlite_commits()}
    return found | {"commits": postgres_commits(), "notify": notify_wakes()}


def a_second(act: Callable[[], Any], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        act()
    return times / (time.perf_counter() - started)


def timed(act: Callable[[], Any], times: int) -> list[float]:
    """Milliseconds of each."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def connection_trip() -> None:
    """A question to the database that it need not think about, through Django's cursor."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def get_by_the_orm() -> float:
    """Milliseconds: how fast the processor is at what most of the time here is spent on."""
    group = Group.objects.create(name="bench")
    try:
        return statistics.median(timed(lambda: Group.objects.get(pk=group.pk), TRIPS))
    finally:
        group.delete()


# --- the disk ------------------------------------------------------------------------------------------------


def appends_a_second() -> float:
    """4 KiB at the end of a file, and on the disk."""
    with tempfile.TemporaryFile(dir=settings.CHOREO_DATA_DIR) as file:

        def append() -> None:
            os.write(file.fileno(), BLOCK)
            os.fsync(file.fileno())

        return a_second(append, FSYNCS)


def overwrites_a_second() -> float:
    """4 KiB over what a file has there, and on the disk."""
    with tempfile.TemporaryFile(dir=settings.CHOREO_DATA_DIR) as file:
        os.write(file.fileno(), BLOCK * 256)
        os.fsync(file.fileno())
        places = count()

        def overwrite() -> None:
            os.pwrite(file.fileno(), BLOCK, next(places) % 256 * len(BLOCK))
            os.fdatasync(file.fileno())

        return a_second(overwrite, FSYNCS)


# --- commits of one insert and one update, as fast as one client can -----------------------------------------


def sqlite_commits() -> float:
    database = sqlite3.connect(settings.CHOREO_DATA_DIR / "bare.sqlite3", isolation_level=None)
    synchronous = connection.cursor().execute("PRAGMA synchronous").fetchone()[0]
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(f"PRAGMA synchronous={synchronous}")
    database.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, n INTEGER)")
    database.execute("INSERT INTO bare VALUES (0, 0)")

    def commit() -> None:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO bare (n) VALUES (1)")
        database.execute("UPDATE bare SET n = n + 1 WHERE id = 0")
        database.execute("COMMIT")

    try:
        return a_second(commit, COMMITS)
    finally:
        database.close()


def postgres_commits() -> float:
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as client:
        client.execute("CREATE TABLE bare (id serial PRIMARY KEY, n integer)")
        client.execute("INSERT INTO bare VALUES (0, 0)")
        both = "WITH added AS (INSERT INTO bare (n) VALUES (1)) UPDATE bare SET n = n + 1 WHERE id = 0"
        try:
            return a_second(lambda: client.execute(both), COMMITS)
        finally:
            client.execute("DROP TABLE bare")


# --- waking another process: there and back, halved ----------------------------------------------------------


def datagram_wakes() -> float:
    """By a Unix datagram."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    child = os.fork()
    if child == 0:
        while theirs.recv(16) != b"end":
            theirs.send(b"here")
        os._exit(0)

    def wake() -> None:
        ours.send(b"ring")
        ours.recv(16)

    try:
        return statistics.median(timed(wake, TRIPS)) / 2
    finally:
        ours.send(b"end")
        os.waitpid(child, 0)
        ours.close()
        theirs.close()


def notify_wakes() -> float:
    """By NOTIFY, from the call to its arrival at another connection."""
    parameters = connection.get_connection_params()
    with (
        psycopg.connect(**parameters, autocommit=True) as ringing,
        psycopg.connect(**parameters, autocommit=True) as listening,
    ):
        listening.execute("LISTEN bench")
        heard = threading.Semaphore(0)

        def listen() -> None:
            for _ in listening.notifies(stop_after=TRIPS, timeout=30):
                heard.release()

        listener = threading.Thread(target=listen)
        listener.start()

        def wake() -> None:
            ringing.execute("NOTIFY bench")
            heard.acquire(timeout=5)

        taken = timed(wake, TRIPS)
        listener.join()
    return statistics.median(taken)
