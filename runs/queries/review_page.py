"""The decision page, as a value: the evidence, the consequences in words, what happened so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from designer.graph import Action, Fail, Graph, Parallel, Succeed
from runs.actions.graphs import graph_of
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
    is_plain: bool


@dataclass(frozen=True, slots=True)
class ReviewPage:
    evidence: Sequence[Evidence]
    consequences: Sequence[Consequence]
    trail: Sequence[dict[str, Any]]
    is_open: bool
    answers: int  # how many have given the same answer so far


def review_page(review: Review, user: Any) -> ReviewPage:
    graph = graph_of(review.run.version_id)
    trail = list(review.trail.select_related("by").order_by("-id"))
    return ReviewPage(
        evidence=[Evidence(e["label"], e["value"], not isinstance(e["value"], dict | list)) for e in review.evidence],
        consequences=_consequences(graph, review),
        trail=[{"at": e.at, "icon": ICONS.get(e.verb, "warning"), "text": _told(e, user)} for e in trail],
        is_open=review.status == ReviewStatus.OPEN,
        answers=sum(entry.verb == "decided" for entry in trail),
    )


def _consequences(graph: Graph, review: Review) -> list[Consequence]:
    taken: set[str] = set()
    found = []
    for outcome in review.outcomes:
        title = outcome["title"] or outcome["name"].replace("_", " ").capitalize()
        key = next((c for c in title.lower() if c.isalpha() and c not in taken), "")
        taken.add(key)
        then = _then(graph, outcome["next"])
        found.append(Consequence(outcome["name"], title, then, outcome["reason_required"], key))
    return found


def _then(graph: Graph, key: str) -> str:
    """What an outcome leads to, in words."""
    step = graph.steps.get(key)
    if step is None:
        return "The workflow ends there."
    if isinstance(step, Fail):
        undo = [s.compensate.does.partition("@")[0] for s in graph.steps.values() if _can_be_undone(s)]
        undone = f", after undoing what has finished ({', '.join(undo[:3])}…)" if step.compensate and undo else ""
        return f"End the run as “{step.error}”{undone}."
    if isinstance(step, Succeed):
        return "End the run as succeeded."
    if isinstance(step, Parallel):
        first = [graph.steps[b.start].name for b in step.branches if b.start in graph.steps]
        return f"Go on to {', '.join(first)} side by side."
    return f"Go on to {step.name}."


def _can_be_undone(step: Any) -> bool:
    return isinstance(step, Action) and step.compensate is not None


def _told(entry: Any, user: Any) -> str:
    if entry.by is None:
        return "Asked for by the run" if entry.verb == "opened" else SAID[entry.verb]
    who = "You" if entry.by == user else entry.by.get_full_name() or entry.by.get_username()
    text = f": {entry.text}" if entry.text else ""
    outcome = f" “{entry.outcome}”" if entry.outcome else ""
    return f"{who} {SAID[entry.verb]}{outcome}{text}"
