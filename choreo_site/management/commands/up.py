"""One command for everything: database, first administrator, web server and workers, until Ctrl-C."""

import fcntl
import os
import sys
from contextlib import closing
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
from choreo_site.keeping import Handover, become_keeper
from choreo_site.listening import address_to_open, listening_socket
from choreo_site.seeding import seed_examples
from choreo_site.sign_in import create_sign_in_link, ensure_administrator

# Pages that we do not serve; collecting their files costs most of a second at every start.
UNUSED_STATIC = ["rest_framework", "django_htmx"]
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


class Command(BaseCommand):
    help = "Prepare the database and run the web server and the workers until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        folder = prepare_data_folder(settings.CHOREO_DATA_DIR)
        with (
            closing(only_one(folder)) as lock,
            closing(listening_socket(settings.CHOREO_HOST, settings.CHOREO_PORT)) as listener,
        ):
            administrator = prepare_database(verbosity=options["verbosity"])
            if settings.STATIC_ROOT:
                call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED_STATIC)
            port = listener.getsockname()[1]
            site = address_to_open(settings.CHOREO_HOST, port)
            welcome = self.welcome(site, administrator)
            connections.close_all()
            # With CHOREO_PORT=0 the kernel has chosen; the children must know what it chose.
            os.environ["CHOREO_PORT"] = str(port)
            handover = Handover(site, welcome, household(listener.fileno()), listener.fileno(), lock.fileno())
            become_keeper(handover, command=[*MANAGE, "up", "--keep"])

    def welcome(self, site: str, administrator: User) -> str:
        link = site + reverse("sign-in-link", args=[create_sign_in_link(user=administrator)])
        return (
            f"\nChoreo is running. This link signs you in as {administrator}, once:\n\n"
            f"  {self.style.SUCCESS(link)}\n\n"
            f"It holds for ten minutes. Data: {settings.CHOREO_DATA_DIR}. Ctrl-C stops everything."
        )


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


def household(listener: int) -> dict[str, list[str]]:
    """The web server, the workers, and what installed apps ask for in `up_starts`."""
    wanted = ["work", *(name for app in apps.get_app_configs() for name in getattr(app, "up_starts", ()))]
    known = get_commands()
    web = [*MANAGE, "web", "--fd", str(listener)]
    return {"web": web} | {name: [*MANAGE, name] for name in wanted if name in known}
