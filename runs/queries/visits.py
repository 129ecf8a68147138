"""Where a run has walked: which step came after which."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from designer.graph import ROOT, Graph, Map
from designer.versions import graph_of
from runs.models import Run

MOST_VISITS = 2_000  # the newest; what a run did before them is no longer told by its lines
# By an index on the key: in the order of their numbers each item would be looked at for the few that are of none.
NEWEST_BY_KEY = (F("no") + 0).desc()


@dataclass(frozen=True, slots=True)
class Walked:
    pairs: frozenset[tuple[str, str]]  # steps of one scope that followed each other
    last: frozenset[str]  # the newest step of each scope that was opened


def walked(run: Run) -> Walked:
    """A scope has one token, so the step entered next in a scope is where the one before led.

    All items go the same ways. So what is of none is told although many items came after it.
    """
    visits = run.step_runs.values_list("no", "scope", "key")
    found = set(visits.order_by("-no")[:MOST_VISITS])
    graph = graph_of(run.version_id)
    of_none = steps_of_no_item(graph)
    if len(found) == MOST_VISITS and len(of_none) < len(graph.steps):
        found.update(visits.filter(key__in=of_none).order_by(NEWEST_BY_KEY)[:MOST_VISITS])
    return follow((scope, key) for _, scope, key in sorted(found))


def steps_of_no_item(graph: Graph) -> frozenset[str]:
    """Their step runs are found by an index on the key, and how their scopes are spelled does not matter."""
    return frozenset(key for key in graph.steps if not _is_of_an_item(graph, key))


def _is_of_an_item(graph: Graph, key: str) -> bool:
    around = (scope for scope in graph.enclosing(graph.step(key).scope) if scope != ROOT)
    return any(isinstance(graph.opener(scope)[0], Map) for scope in around)


def follow(visits: Iterable[tuple[str, str]]) -> Walked:
    """``visits`` as (scope, step), in the order in which they were entered."""
    last: dict[str, str] = {}
    pairs = set()
    for scope, key in visits:
        if scope in last:
            pairs.add((last[scope], key))
        last[scope] = key
    return Walked(frozenset(pairs), frozenset(last.values()))
