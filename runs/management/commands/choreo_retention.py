"""Remove runs that ended longer ago than they are kept; or say which would go."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Count, Min

from runs.actions.retention import kept_since, removable_runs, remove_old_runs


class Command(BaseCommand):
    help = "Remove runs that ended more than CHOREO_RUNS_KEPT days ago. The workers do the same, a few at a time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and remove nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        since = kept_since()
        if since is None:
            self.stdout.write("Runs are kept for ever: CHOREO_RUNS_KEPT is 0.")
        elif dry_run:
            self.tell()
        else:
            removed = 0
            while some := remove_old_runs():
                removed += some
            self.stdout.write(f"{removed:,} runs that ended before {since:%Y-%m-%d} are removed.")

    def tell(self) -> None:
        days, runs = settings.CHOREO_RUNS_KEPT, removable_runs().order_by()
        for one in (
            runs.values("workflow__key").annotate(count=Count("pk"), first=Min("ended_at")).order_by("-count")
        ):
            self.stdout.write(
                f"{one['workflow__key']}\t{one['count']:,} runs, the first of {one['first']:%Y-%m-%d}"
            )
        told = f"{runs.count():,} runs ended more than {days} days ago and would be removed"
        self.stdout.write(f"{told}, and after them what they had started.")
