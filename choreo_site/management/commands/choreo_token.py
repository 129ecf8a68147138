from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from choreo_site.tokens import TokenRefused, create_token

LONGEST_NAME = 80


class Command(BaseCommand):
    help = "Print a new API token, with which programs may do what a person may do. It is shown here once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="whom it acts for")
        parser.add_argument("--name", default="made on the command line", help="what it is for")
        parser.add_argument("--read", action="store_true", help="it may only read")
        parser.add_argument("--days", type=int, help="how long it holds; default: until it is revoked")

    def handle(
        self, *args: Any, username: str, name: str, days: int | None, read: bool, **options: Any
    ) -> None:
        if days is not None and not 1 <= days <= 3650:
            raise CommandError("--days is a whole number from 1 to 3650.")
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user named {username!r}.")
        try:
            self.stdout.write(
                create_token(by=user, name=name[:LONGEST_NAME], days=days, reads_only=read).text
            )
        except TokenRefused as refusal:
            raise CommandError(str(refusal)) from refusal
