"""Entries that are looked for by their kind, by an index that holds the rare kinds alone."""

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from runs.models import JournalEntry, Run
from runs.models.journal import RARE

# As the index says it, with the kinds written out: SQLite does not see through parameters that the index would do.
KINDS = ", ".join(f"'{kind}'" for kind in RARE)
IS_RARE = RawSQL(f'"runs_journalentry"."kind" IN ({KINDS})', (), output_field=BooleanField())


def rare_entries(run: Run, kind: str) -> QuerySet[JournalEntry]:
    """In no order: to have one, SQLite would rather walk the whole journal."""
    assert kind in RARE
    return run.journal.filter(IS_RARE, kind=kind).order_by()
