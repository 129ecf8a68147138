"""Where a run has walked: which step came after which."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from designer.graph import Map
from runs.models import Run

MOST_VISITS = 2_000  # the newest; what a run did before them is no longer told by its lines
MOST_IN_ITEMS = 500  # all items go the same ways, so that fewer tell as much
IN_ITEMS = Q(scope__contains=f"/{Map.BODY}:")


@dataclass(frozen=True, slots=True)
class Walked:
    pairs: frozenset[tuple[str, str]]  # steps of one scope that followed each other
    last: frozenset[str]  # the newest step of each scope that was opened


def walked(run: Run) -> Walked:
    """A scope has one token, so the step entered next in a scope is where the one before led."""
    visits = run.step_runs.order_by("-no").values_list("no", "scope", "key")
    found = [*visits.exclude(IN_ITEMS)[:MOST_VISITS], *visits.filter(IN_ITEMS)[:MOST_IN_ITEMS]]
    return follow((scope, key) for _, scope, key in sorted(found))


def follow(visits: Iterable[tuple[str, str]]) -> Walked:
    """``visits`` as (scope, step), in the order in which they were entered."""
    last: dict[str, str] = {}
    pairs = set()
    for scope, key in visits:
        if scope in last:
            pairs.add((last[scope], key))
        last[scope] = key
    return Walked(frozenset(pairs), frozenset(last.values()))
