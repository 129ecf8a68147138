"""What happened to a review so far, and around it to its run, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from designer.graph import Graph
from designer.people import full_name
from runs.models import Review

from .journal import journal_lines
from .veils import veil_of

TOLD = 12  # lines of what happened so far
ICONS = {
    "opened": "review",
    "claimed": "lock",
    "released": "lock",
    "handed": "arrow-right",
    "decided": "check",
}
SAID = {
    "opened": "Asked for by the run",
    "claimed": "claimed it",
    "released": "gave it back",
    "reminded": "It is past its limit; the reviewers were reminded",
    "escalated": "It is past its limit and was escalated",
    "decided": "answered",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A line of what happened so far."""

    at: datetime
    icon: str
    tone: str
    name: str
    text: str


def trail_of(review: Review, user: Any) -> list[Told]:
    """The newest first."""
    entries, veil = review.trail.select_related("by", "to").order_by("-id"), veil_of(review.run)
    told = [(entry, veil.text(_said(entry, review, user))) for entry in entries]
    return [
        Told(entry.at, ICONS.get(entry.verb, "warning"), _tone(entry.verb), "", text) for entry, text in told
    ]


def so_far(review: Review, graph: Graph, own: Sequence[Told]) -> list[Told]:
    """What the journal says of the review itself is told by its trail."""
    around = [
        Told(line.at, line.icon, line.tone, line.name, line.text)
        for line in journal_lines(review.run, graph, limit=3 * TOLD)
        if line.name != review.title and line.icon not in ("run", "arrow-right")
    ]
    return sorted([*own, *around], key=lambda line: line.at, reverse=True)[:TOLD]


def _tone(verb: str) -> str:
    return {"opened": "review", "reminded": "warn", "escalated": "fail", "decided": "ok"}.get(verb, "idle")


def _said(entry: Any, review: Review, user: Any) -> str:
    text = f": {entry.text}" if entry.text else ""
    if entry.verb == "decided":
        who = _who(entry.by, user) if entry.by else "The limit"
        return f"{who} answered “{review.title_of(entry.outcome)}”{text}"
    if entry.verb == "handed":
        to = "you" if entry.to == user else _who(entry.to, user)
        return f"{_who(entry.by, user)} handed it to {to}{text}"
    if entry.by is None:
        return SAID[entry.verb]
    return f"{_who(entry.by, user)} {SAID[entry.verb]}{text}"


def _who(person: Any, user: Any) -> str:
    if person is None:
        return "Somebody"
    return "You" if person == user else full_name(person)
