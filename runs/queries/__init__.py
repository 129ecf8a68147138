"""Reading runs: what lists and pages show. Nothing here changes a row."""

from .inbox import InboxItem, find_review, inbox, open_review_count
from .journal import JournalLine, attempts_of, journal_lines
from .lists import RunRow, WorkflowRow, find_runs, in_flight_count, summary, workflow_rows
from .run_page import RunPage, find_run, run_page, visible_runs

__all__ = [
    "InboxItem",
    "JournalLine",
    "RunPage",
    "RunRow",
    "WorkflowRow",
    "attempts_of",
    "find_review",
    "find_run",
    "find_runs",
    "in_flight_count",
    "inbox",
    "journal_lines",
    "open_review_count",
    "run_page",
    "summary",
    "visible_runs",
    "workflow_rows",
]
