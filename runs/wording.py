"""One table from statuses and reasons to what a page shows: a word, a shape and a tone.

The engine's statuses are looked up strictly, so that a new one cannot appear on a page without a word.
A reason without an entry of its own falls back to its status.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from designer.graph import KINDS


class Wording(NamedTuple):
    word: str
    icon: str
    tone: str


TONES = ("ok", "run", "warn", "fail", "comp", "review", "idle")

RUN: dict[str, dict[str, Wording]] = {
    "ready": {"": Wording("Queued", "waiting", "idle")},
    "running": {
        "": Wording("Running", "run", "run"),
        "awaiting_review": Wording("Needs review", "review", "review"),
        "awaiting_timer": Wording("Waiting", "waiting", "run"),
        "awaiting_child": Wording("Awaits a run", "waiting", "run"),
        "awaiting_lock": Wording("Awaits a lock", "waiting", "run"),
        "awaiting_signal": Wording("Awaits a signal", "waiting", "run"),
        "backing_off": Wording("Retrying", "retry", "warn"),
        "dead_lettered": Wording("Needs a person", "fail", "fail"),
        "outcome_unknown": Wording("Needs a person", "warning", "fail"),
    },
    "undoing": {
        "": Wording("Undoing", "comp", "comp"),
        "backing_off": Wording("Undoing, retrying", "retry", "comp"),
    },
    "succeeded": {"": Wording("Succeeded", "ok", "ok")},
    "failed": {
        "": Wording("Failed", "fail", "fail"),
        "gave_up": Wording("Gave up", "fail", "fail"),
        "deadline_passed": Wording("Out of time", "fail", "fail"),
        "rolled_back": Wording("Failed, rolled back", "comp", "comp"),
        "rollback_incomplete": Wording("Rollback incomplete", "fail", "fail"),
    },
    "cancelled": {
        "": Wording("Cancelled", "cancelled", "idle"),
        "rolled_back": Wording("Cancelled, rolled back", "comp", "comp"),
        "rollback_incomplete": Wording("Rollback incomplete", "fail", "fail"),
    },
}

STEP: dict[str, dict[str, Wording]] = {
    "": {"": Wording("Not started", "idle", "idle")},
    "ready": {
        "": Wording("Queued", "waiting", "idle"),
        "backing_off": Wording("Retrying", "retry", "warn"),
    },
    "running": {"": Wording("Running", "run", "run")},
    "waiting": {
        "": Wording("Waiting", "waiting", "run"),
        "awaiting_review": Wording("Needs review", "review", "review"),
        "awaiting_timer": Wording("Waiting", "waiting", "run"),
        "awaiting_signal": Wording("Awaits a signal", "waiting", "run"),
        "awaiting_child": Wording("Awaits its run", "waiting", "run"),
        "awaiting_lock": Wording("Awaits its lock", "waiting", "run"),
        "awaiting_branches": Wording("Running", "run", "run"),
        "awaiting_items": Wording("Running", "run", "run"),
        "awaiting_rounds": Wording("Running", "run", "run"),
        "dead_lettered": Wording("Gave up, needs a person", "fail", "fail"),
        "outcome_unknown": Wording("Outcome unknown, needs a person", "warning", "fail"),
    },
    "succeeded": {"": Wording("Succeeded", "ok", "ok")},
    "failed": {
        "": Wording("Gave up", "fail", "fail"),
        "deadline_passed": Wording("Out of time", "fail", "fail"),
        "continued": Wording("Gave up, passed over", "warning", "warn"),
        "caught": Wording("Gave up, handled", "warning", "warn"),
    },
    "skipped": {"": Wording("Skipped", "skipped", "idle")},
    "cancelled": {"": Wording("Cancelled", "cancelled", "idle")},
    "abandoned": {"": Wording("Left behind", "cancelled", "warn")},
    "undoing": {
        "": Wording("Undoing", "run", "comp"),
        "backing_off": Wording("Retrying the undo", "retry", "comp"),
    },
    "undone": {"": Wording("Undone", "comp", "comp")},
    "undo_failed": {"": Wording("Undo gave up", "fail", "fail")},
}

KIND_ICONS = {kind: f"kind-{kind}" for kind in KINDS}


def sender(source: str) -> str:
    """Who has sent a signal, for a sentence."""
    people, workflows = "/people/", "/workflows/"
    if source.startswith(workflows):
        return f"the workflow {source.removeprefix(workflows)}"
    return source.removeprefix(people)


def fault_words(fault: Mapping[str, Any] | None) -> str:
    """Its name and what it says, without a full stop: it stands inside sentences."""
    if not fault:
        return "no reason was recorded"
    message = str(fault.get("message") or "").rstrip(".")
    return f"{fault['name']}: {message}" if message else str(fault["name"])


def run_wording(status: str, reason: str | None = "") -> Wording:
    return _wording(RUN, status, reason)


def step_wording(status: str, reason: str | None = "") -> Wording:
    return _wording(STEP, status, reason)


def _wording(table: dict[str, dict[str, Wording]], status: str, reason: str | None) -> Wording:
    reasons = table[str(status or "").lower()]
    return reasons.get(str(reason or "").lower(), reasons[""])
