"""Scope ids: where a token is, written so that the whole way in can be read off it.

The root is the empty text. A branch opened by step run 3 of ``prepare`` is ``prepare#3/stock``; a branch
inside that one is ``prepare#3/stock.inner#7/left``.
"""

from collections.abc import Iterator

from designer.graph import ROOT


def child(scope: str, *, opener: str, no: int, branch: str) -> str:
    inner = f"{opener}#{no}/{branch}"
    return f"{scope}.{inner}" if scope else inner


def chain(scope: str) -> Iterator[str]:
    """``scope`` and the scopes around it, innermost first."""
    while scope:
        yield scope
        scope = scope.rpartition(".")[0]
    yield ROOT


def place(scope: str) -> str:
    """The scope of the graph that a run's scope is an instance of: ``prepare/stock``."""
    opener, _, branch = scope.rpartition(".")[2].partition("/")
    return f"{opener.partition('#')[0]}/{branch}" if scope else ROOT


def is_within(scope: str, outer: str) -> bool:
    return outer == ROOT or scope == outer or scope.startswith(outer + ".")
