"""Scope ids: where a token is, written so that the whole way in can be read off it.

The root is the empty text. A branch opened by step run 3 of ``prepare`` is ``prepare#3/stock``; a branch
inside that one is ``prepare#3/stock.inner#7/left``. Items and rounds are numbered: ``each#3/item:17``.
"""

from collections.abc import Collection, Iterator

from designer.graph import ROOT


def child(scope: str, *, opener: str, no: int, branch: str, index: int | None = None) -> str:
    inner = f"{opener}#{no}/{branch}" + ("" if index is None else f":{index}")
    return f"{scope}.{inner}" if scope else inner


def opener_of(scope: str) -> int:
    """The step run that opened a scope; 0 for the root."""
    return int(scope.rpartition("#")[2].partition("/")[0]) if scope else 0


def index_of(scope: str) -> int | None:
    """The number of the item or of the round that a scope is for."""
    number = scope.rpartition("/")[2].partition(":")[2]
    return int(number) if number else None


def outside(scope: str) -> str:
    """The scope around this one."""
    return scope.rpartition(".")[0]


def chain(scope: str) -> Iterator[str]:
    """``scope`` and the scopes around it, innermost first."""
    while scope:
        yield scope
        scope = outside(scope)
    yield ROOT


def place(scope: str) -> str:
    """The scope of the graph that a run's scope is an instance of: ``prepare/stock``."""
    opener, _, branch = scope.rpartition(".")[2].partition("/")
    return f"{opener.partition('#')[0]}/{branch.partition(':')[0]}" if scope else ROOT


def inside(outer: Collection[str], every: Collection[str]) -> set[str]:
    """Those of ``every`` that are one of the outer scopes, or inside one."""
    if ROOT in outer:
        return set(every)
    starts = tuple(f"{one}." for one in outer)
    return {scope for scope in every if scope.startswith(starts)}.union(frozenset(outer).intersection(every))


def is_within(scope: str, outer: str) -> bool:
    return outer == ROOT or scope == outer or scope.startswith(outer + ".")
