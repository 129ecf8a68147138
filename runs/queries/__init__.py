"""Reading runs: what lists and pages show. Nothing here changes a row."""

from .inbox import InboxItem, find_review, inbox, waiting_count
from .journal import JournalLine, attempts_of, journal_lines
from .lists import RunRow, WantedRuns, find_runs, runs_page
from .run_page import RunPage, find_run, run_page, visible_runs

__all__ = [
    "InboxItem",
    "JournalLine",
    "RunPage",
    "RunRow",
    "WantedRuns",
    "attempts_of",
    "find_review",
    "find_run",
    "find_runs",
    "inbox",
    "journal_lines",
    "run_page",
    "runs_page",
    "visible_runs",
    "waiting_count",
]
