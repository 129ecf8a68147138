from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from designer.actions import reseal_secrets
from designer.models import Secret


class Command(BaseCommand):
    help = (
        "Lists the names of the secrets, or (rotate) seals them anew with the first of CHOREO_SECRETS_KEYS."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["list", "rotate"])

    def handle(self, *, what: str, **options: Any) -> None:
        if what == "list":
            for secret in Secret.objects.all():
                self.stdout.write(f"{secret.name}\tchanged {secret.changed_at:%Y-%m-%d %H:%M}")
            return
        count, lost = reseal_secrets()
        self.stdout.write(
            f"{count} sealed with the newest key. Older keys can be taken out of the setting now."
        )
        if lost:
            raise CommandError(
                f"No key opens {', '.join(lost)}: give the old key once more, or replace them."
            )
