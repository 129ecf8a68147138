"""What the journal says of branches, items and rounds. Items and rounds are counted from 1, as people do."""

from collections.abc import Callable, Mapping

from django.db.models import Q, QuerySet

from designer.graph import Graph, Loop, Map, Parallel
from runs.models import JournalEntry, Run
from runs.wording import fault_words

from .course import why_not
from .teller import Teller, Told
from .turns import turn_name
from .visits import steps_of_no_item

# Of what lies in an item, this is told all the same: what went wrong for good, and what people have done.
TOLD_OF_ITEMS = (
    *("StepParked", "StepFailed", "StepAbandoned", "UndoFailed", "ReportRefused"),
    *("ReviewDecided", "ReviewOverdue", "DeadLetterResolved", "JoinForced", "ItemsAdded", "ItemsClosed"),
)


def apart_from_items(run: Run, graph: Graph, entries: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
    """Without what goes as it should in the items of maps: with ten thousand of them nobody could read it."""
    if not any(isinstance(step, Map) for step in graph.steps.values()):
        return entries
    # The step runs outside are few: they are found once, and not asked for at each entry.
    outside = Q(no=None) | Q(
        no__in=run.step_runs.filter(key__in=steps_of_no_item(graph)).order_by().values("no")
    )
    unusual = Q(kind__in=TOLD_OF_ITEMS) & ~Q(kind="StepParked", data__fault=None)
    return entries.filter(outside | unusual)


def _branch_opened(entry: JournalEntry, teller: Teller) -> Told:
    step = teller.step(entry.no)
    if not isinstance(step, Map | Loop):
        return "kind-parallel", "idle", f"opened the branch “{entry.data['branch']}”"
    return f"kind-{step.kind}", "idle", f"began {turn_name(entry.data['scope'])}"


def _branch_skipped(entry: JournalEntry, teller: Teller) -> Told:
    step, branch = teller.step(entry.no), entry.data["branch"]
    why = why_not(step if isinstance(step, Parallel) else None, branch, entry.data["why"])
    return "skipped", "idle", f"did not run the branch “{branch}”: {why}"


def _scope_ended(entry: JournalEntry, teller: Teller) -> Told:
    scope, fault = entry.data["scope"], entry.data["fault"]
    if not scope:
        return "arrow-right", "idle", "Nothing is left to do"
    how = f"failed: {fault_words(fault)}" if fault else "came to its end"
    if entry.data.get("skipped"):
        how = "was left out"
    place = scope.rpartition("/")[2]
    if ":" not in place:
        return "kind-parallel", "warn" if fault else "idle", f"The branch “{place}” {how}"
    icon = "kind-map" if place.startswith(f"{Map.BODY}:") else "kind-loop"
    return icon, "warn" if fault else "idle", f"{turn_name(scope).capitalize()} {how}"


def _scope_joined(entry: JournalEntry, teller: Teller) -> Told:
    step = teller.step(entry.no)
    kind, what = (step.kind, WHAT[step.kind]) if step and step.kind in WHAT else ("parallel", "branches")
    if entry.data["passed"]:
        return f"kind-{kind}", "ok", f"has the {what} that it needed"
    return f"kind-{kind}", "warn", f"cannot get the {what} that it needed any more"


def _items_listed(entry: JournalEntry, teller: Teller) -> Told:
    more = "" if entry.data["closed"] else "; more may be added"
    return "kind-map", "run", f"has {_items(entry.data['count'])}{more}"


def _items_added(entry: JournalEntry, teller: Teller) -> Told:
    return "plus", "run", f"{_items(entry.data['count'])} added by {entry.data['by']}"


def _items_closed(entry: JournalEntry, teller: Teller) -> Told:
    return "lock", "idle", f"its list was closed by {entry.data['by']}: no more items are added"


def _items_redriven(entry: JournalEntry, teller: Teller) -> Told:
    return "retry", "run", "does again only the items that have not succeeded"


def _join_forced(entry: JournalEntry, teller: Teller) -> Told:
    reason = f": {entry.data['reason']}" if entry.data["reason"] else ""
    return "review", "review", f"goes on with what there is, by {entry.data['by']}{reason}"


def _items(count: int) -> str:
    return "one item" if count == 1 else f"{count:,} items"


WHAT = {"parallel": "branches", "map": "items", "loop": "rounds"}
TELL_OF_SCOPES: Mapping[str, Callable[[JournalEntry, Teller], Told]] = {
    "ScopeOpened": _branch_opened,
    "ScopeSkipped": _branch_skipped,
    "ScopeEnded": _scope_ended,
    "ScopeJoined": _scope_joined,
    "ItemsListed": _items_listed,
    "ItemsAdded": _items_added,
    "ItemsClosed": _items_closed,
    "ItemsRedriven": _items_redriven,
    "JoinForced": _join_forced,
}
