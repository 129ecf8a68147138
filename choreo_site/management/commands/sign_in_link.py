from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from choreo_site.listening import address_to_open
from choreo_site.sign_in import create_sign_in_link, ensure_administrator


class Command(BaseCommand):
    help = "Print a link that signs one person in, once, within ten minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", nargs="?", help="default: the first administrator")

    def handle(self, *args: Any, username: str | None, **options: Any) -> None:
        user = active_user(username) if username else ensure_administrator()
        site = address_to_open(settings.CHOREO_HOST, settings.CHOREO_PORT)
        if settings.CHOREO_HTTPS:
            site = settings.CHOREO_ORIGINS[0]
        self.stdout.write(site + reverse("sign-in-link", args=[create_sign_in_link(user=user)]))


def active_user(username: str) -> User:
    try:
        return User.objects.get(username=username, is_active=True)
    except User.DoesNotExist as error:
        raise CommandError(f"There is no active user named {username!r}.") from error
