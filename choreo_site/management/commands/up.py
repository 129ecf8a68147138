"""One command for everything: database, first administrator, web server and workers, until Ctrl-C."""

import fcntl
import os
import signal
import socket
import sys
import threading
import time
import urllib.request
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections
from django.urls import reverse

from choreo_site.data_folder import prepare_data_folder
from choreo_site.listening import address_to_open, listening_socket
from choreo_site.seeding import seed_examples
from choreo_site.sign_in import create_sign_in_link, ensure_administrator
from choreo_site.supervision import LOOK_EVERY, Child, Crew

ANSWER_WITHIN = 60.0
# Pages that we do not serve; collecting their files costs most of a second at every start.
UNUSED_STATIC = ["rest_framework", "django_htmx"]


class Command(BaseCommand):
    help = "Prepare the database and run the web server and the workers until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        folder = prepare_data_folder(settings.CHOREO_DATA_DIR)
        with (
            closing(only_one(folder)),
            closing(listening_socket(settings.CHOREO_HOST, settings.CHOREO_PORT)) as listener,
        ):
            administrator = prepare_database(verbosity=options["verbosity"])
            if settings.STATIC_ROOT:
                call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED_STATIC)
            # A forked or spawned child must not share a connection with us.
            connections.close_all()
            self.run_until_stopped(listener, administrator)

    def run_until_stopped(self, listener: socket.socket, administrator: User) -> None:
        stopping, hurry = stop_signals()
        crew = Crew(tell=lambda line: self.stderr.write(f"up: {line}"), children=household(listener))
        site = address_to_open(settings.CHOREO_HOST, listener.getsockname()[1])
        try:
            crew.tend()
            if wait_for_answer(site, crew, stopping):
                self.welcome(site, administrator)
            crew.watch(stopping)
        finally:
            crew.stop(hurry)
        self.stdout.write("Stopped.")

    def welcome(self, site: str, administrator: User) -> None:
        link = site + reverse("sign-in-link", args=[create_sign_in_link(user=administrator)])
        connections.close_all()
        self.stdout.write(f"\nChoreo is running. This link signs you in as {administrator}, once:\n")
        self.stdout.write(f"  {self.style.SUCCESS(link)}\n")
        self.stdout.write(
            f"It holds for ten minutes. Data: {settings.CHOREO_DATA_DIR}. Ctrl-C stops everything."
        )
        self.stdout.flush()


def only_one(folder: Path) -> IO[str]:
    """The lock that a second `up` on the same data does not get; the kernel drops it with this process."""
    lock = (folder / "up.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise CommandError(
            f"Choreo is already running on {folder}. Stop it first, or name another folder in CHOREO_DATA_DIR."
        ) from error
    return lock


def prepare_database(*, verbosity: int) -> User:
    try:
        call_command("migrate", interactive=False, verbosity=max(verbosity - 1, 0))
        administrator = ensure_administrator()
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise CommandError(f"The database of CHOREO_DATABASE_URL cannot be used: {reason}") from error
    seed_examples(by=administrator)
    return administrator


def household(listener: socket.socket) -> list[Child]:
    """The web server, the workers, and what installed apps ask for in `up_starts`."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    # With CHOREO_PORT=0 the kernel has chosen; the children must know what it chose.
    environ = {**os.environ, "CHOREO_PORT": str(listener.getsockname()[1])}
    wanted = ["work", *(name for app in apps.get_app_configs() for name in getattr(app, "up_starts", ()))]
    known = get_commands()
    web = Child("web", [*manage, "web", "--fd", str(listener.fileno())], environ, (listener.fileno(),))
    return [web, *(Child(name, [*manage, name], environ) for name in wanted if name in known)]


def stop_signals() -> tuple[threading.Event, threading.Event]:
    """The first signal asks for an orderly stop, the second for a quick one."""
    stopping, hurry = threading.Event(), threading.Event()

    def stop(number: int, frame: object) -> None:
        (hurry if stopping.is_set() else stopping).set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    return stopping, hurry


def wait_for_answer(site: str, crew: Crew, stopping: threading.Event) -> bool:
    """True once the web server answers; False when a signal came first."""
    deadline = time.monotonic() + ANSWER_WITHIN
    while not stopping.wait(LOOK_EVERY):
        crew.tend()
        if answers(f"{site}/healthz"):
            return True
        if time.monotonic() > deadline:
            raise CommandError(
                f"The web server did not answer at {site} within {ANSWER_WITHIN:g} s; see above."
            )
    return False


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, HTTPException):
        return False
