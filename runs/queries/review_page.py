"""The decision page, as a value: the evidence, the consequences in words, what happened so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from designer.graph import Action, Fail, Graph, Parallel, Succeed
from designer.versions import graph_of
from runs.engine import Status
from runs.models import Review
from runs.models.people import ReviewStatus

ICONS = {"opened": "review", "claimed": "lock", "released": "lock", "decided": "check"}
SAID = {
    "opened": "was asked for by the run",
    "claimed": "claimed it",
    "released": "gave it back",
    "reminded": "It is past its limit; the reviewers were reminded",
    "escalated": "It is past its limit and was escalated",
    "decided": "answered",
}


@dataclass(frozen=True, slots=True)
class Consequence:
    name: str
    title: str
    then: str
    reason_required: bool
    key: str


@dataclass(frozen=True, slots=True)
class Evidence:
    label: str
    value: Any
    shape: str  # plain, rows (a list of small objects) or json


@dataclass(frozen=True, slots=True)
class ReviewPage:
    evidence: Sequence[Evidence]
    consequences: Sequence[Consequence]
    trail: Sequence[dict[str, Any]]
    is_open: bool
    answers: int  # how many have given the same answer so far


def review_page(review: Review, user: Any) -> ReviewPage:
    graph = graph_of(review.run.version_id)
    done = review.run.step_runs.filter(compensable=True, status=Status.SUCCEEDED).order_by("-completed")
    undo = [_undo_name(graph, key) for key in done.values_list("key", flat=True)]
    trail = list(review.trail.select_related("by").order_by("-id"))
    return ReviewPage(
        evidence=[
            Evidence(shown["label"], shown["value"], _shape(shown["value"])) for shown in review.evidence
        ],
        consequences=_consequences(graph, review, undo),
        trail=[{"at": e.at, "icon": ICONS.get(e.verb, "warning"), "text": _told(e, user)} for e in trail],
        is_open=review.status == ReviewStatus.OPEN,
        answers=sum(entry.verb == "decided" for entry in trail),
    )


def _consequences(graph: Graph, review: Review, undo: list[str]) -> list[Consequence]:
    taken: set[str] = set()
    found = []
    for outcome in review.outcomes:
        title = outcome["title"] or outcome["name"].replace("_", " ").capitalize()
        key = next((c for c in title.lower() if c.isalpha() and c not in taken), "")
        taken.add(key)
        then = _then(graph, outcome["next"], undo)
        found.append(Consequence(outcome["name"], title, then, outcome["reason_required"], key))
    return found


def _then(graph: Graph, key: str, undo: list[str]) -> str:
    """What an outcome leads to, in words."""
    step = graph.steps.get(key)
    if step is None:
        return "The workflow ends there."
    if isinstance(step, Fail):
        undone = f"Undo what was done ({', '.join(undo)}), then end" if step.compensate and undo else "End"
        return f"{undone} the run as “{step.error}”."
    if isinstance(step, Succeed):
        return "End the run as succeeded."
    if isinstance(step, Parallel):
        first = [graph.steps[b.start].name for b in step.branches if b.start in graph.steps]
        return f"Go on to {', '.join(first)} side by side."
    return f"Go on to {step.name}."


def _undo_name(graph: Graph, key: str) -> str:
    step = graph.step(key)
    return step.compensate.does.partition("@")[0] if isinstance(step, Action) and step.compensate else key


def _shape(value: Any) -> str:
    if not isinstance(value, dict | list):
        return "plain"
    rows = isinstance(value, list) and all(isinstance(row, dict) and 0 < len(row) <= 3 for row in value)
    return "rows" if rows and value else "json"


def _told(entry: Any, user: Any) -> str:
    if entry.by is None:
        return "Asked for by the run" if entry.verb == "opened" else SAID[entry.verb]
    who = "You" if entry.by == user else entry.by.get_full_name() or entry.by.get_username()
    text = f": {entry.text}" if entry.text else ""
    outcome = f" “{entry.outcome}”" if entry.outcome else ""
    return f"{who} {SAID[entry.verb]}{outcome}{text}"
