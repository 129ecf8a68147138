"""Looking at a whole database that is in use, in little memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from runs.models import Run

from .promise import Broken
from .reading import broken_in, find_broken, read_accounts

ENTRIES_AT_ONCE, RUNS_AT_ONCE = 10_000, 250


@dataclass(slots=True)
class Report:
    """What has been looked at so far."""

    runs: int = 0
    entries: int = 0
    broken: int = 0


def verify(runs: QuerySet[Run], tell: Callable[[Broken], None]) -> Report:
    """Look at these runs, the oldest first, and ``tell`` of each broken promise as it is found."""
    report = Report()
    for batch in _batches(runs):
        report.runs += len(batch)
        report.entries += sum(run.seq for run in batch)
        for account in read_accounts(batch):
            for broken in _confirmed(account.run.pk) if broken_in(account) else ():
                report.broken += 1
                tell(broken)
    return report


def _confirmed(run_id: UUID) -> list[Broken]:
    """Rows read one after the other may contradict each other, while somebody writes. A second look sees one moment."""
    try:
        return find_broken(run_id)
    except Run.DoesNotExist:
        return []


def _batches(runs: QuerySet[Run]) -> Iterator[list[Run]]:
    """As many at once as have so many journal entries together: by the key, so that it costs the same anywhere."""
    runs, last = runs.order_by("id"), None
    while page := list((runs if last is None else runs.filter(pk__gt=last))[:RUNS_AT_ONCE]):
        last = page[-1].pk
        batch: list[Run] = []
        for run in page:
            if batch and sum(each.seq for each in batch) + run.seq > ENTRIES_AT_ONCE:
                yield batch
                batch = []
            batch.append(run)
        yield batch
