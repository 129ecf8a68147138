"""Say whether everything that is promised of stored runs is so."""

import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from designer.actions import seal_trail
from designer.chain import trail_flaws, trail_head
from designer.graph import parse_duration
from designer.models import Workflow
from runs.models import Run
from runs.verification import Broken, find_broken_in_whole, verify


def a_moment(text: str) -> datetime:
    """``2026-11-23``, a time of that day, or how long ago: ``7d``."""
    try:
        said = parse_datetime(text) or parse_date(text)
        if said is None:
            return timezone.now() - parse_duration(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no moment: give 2026-11-23, 2026-11-23T12:00Z or 7d.") from None
    moment = said if isinstance(said, datetime) else datetime(said.year, said.month, said.day)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


class Command(BaseCommand):
    help = (
        "Look at every run, or some, and say which promises are broken, where, and what to do. It may be used while"
        " Choreo runs. Its exit code is 1 where something is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--run", type=UUID, action="append", help="this run alone; may be given again")
        parser.add_argument("--workflow", help="the runs of this workflow alone, by its key")
        parser.add_argument("--since", type=a_moment, help="runs accepted since then: a date, a time, or 7d")
        parser.add_argument("--unfinished", action="store_true", help="runs that are not over alone")

        parser.add_argument(
            "--audit", action="store_true", help="the audit trail alone: whether it is as it was written"
        )
        parser.add_argument(
            "--head", default="", help="with --audit: a head that it printed earlier, kept somewhere else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["head"] and not options["audit"]:
            raise CommandError("--head is compared with the audit trail: say --audit too.")
        if options["audit"]:
            self.look_at_trail(options["head"])
            return
        began, whole = time.monotonic(), not any(options[name] for name in NARROWING)
        found = find_broken_in_whole() if whole else []
        for broken in found:
            self.tell(broken)
        report = verify(_chosen(**{name: options[name] for name in NARROWING}), self.tell)
        report.broken += len(found)
        took = time.monotonic() - began
        told = f"{report.runs:,} runs and {report.entries:,} journal entries were looked at in {took:.1f} s"
        if report.broken:
            self.stdout.write(f"{told}: {report.broken:,} broken promises.")
            sys.exit(1)
        self.stdout.write(f"{told}: everything promised is so.")

    def look_at_trail(self, head: str) -> None:
        """Chain what is not chained yet, then say what is not as it was written."""
        seal_trail()
        flaws = 0
        for flaw in trail_flaws(head):
            flaws += 1
            self.stdout.write(f"the audit trail\tI20\t{flaw}")
        now = trail_head()
        self.stdout.write(f"The head of the audit trail is {now or 'empty'}. Keep it outside this database.")
        if flaws:
            sys.exit(1)

    def tell(self, broken: Broken) -> None:
        where = f"run {broken.run}" if broken.run else "the database"
        self.stdout.write(f"{where}\t{broken.number}\t{broken}\n\tWhat to do: {broken.advice}")


NARROWING = ("run", "workflow", "since", "unfinished")


def _chosen(
    run: list[UUID] | None, workflow: str | None, since: datetime | None, unfinished: bool
) -> QuerySet[Run]:
    """Raises CommandError."""
    chosen = Run.objects.all()
    if run:
        chosen = chosen.filter(pk__in=run)
        if missing := set(run).difference(chosen.values_list("pk", flat=True)):
            raise CommandError(f"There is no run {', '.join(map(str, missing))}.")
    if workflow:
        if not Workflow.objects.filter(key=workflow).exists():
            raise CommandError(f"There is no workflow {workflow}.")
        chosen = chosen.filter(workflow__key=workflow)
    if since:
        chosen = chosen.filter(created_at__gte=since)
    return chosen.filter(ended_at=None) if unfinished else chosen
