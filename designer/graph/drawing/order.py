"""The order of the rows: a step stands below all that lead to it, except where the way goes back."""

from collections.abc import Iterator

from designer.graph.model import ROOT, AnyOpener, Graph

from .waiting import bodies_in_order
from .ways import exits_of, start_of


def in_order(graph: Graph) -> list[str]:
    """Every step once: in the order of a run, branches where they open, the unreachable of a scope at its end."""
    rows: list[str] = []
    waiting = [_scope(graph, ROOT)]
    while waiting:
        key = next(waiting[-1], None)
        if key is None:
            waiting.pop()
            continue
        rows.append(key)
        step = graph.steps[key]
        if isinstance(step, AnyOpener):
            waiting += [_scope(graph, step.scope_of(body.name)) for body in reversed(bodies_in_order(step))]
    return rows


def _scope(graph: Graph, scope: str) -> Iterator[str]:
    seen: set[str] = set()
    start = start_of(graph, scope)
    for root in [*([start] if start else []), *(step.key for step in graph.within(scope))]:
        yield from _reached(graph, root, seen)


def _reached(graph: Graph, root: str, seen: set[str]) -> list[str]:
    """What ``root`` leads to and nothing has led to before, in reverse postorder of a depth-first walk.

    The last exit is walked first, so that the first one's steps come out on top.
    """
    if root in seen:
        return []
    seen.add(root)
    left: list[str] = []
    path = [(root, _exits(graph, root))]
    while path:
        key, exits = path[-1]
        target = next((one for one in exits if one not in seen), None)
        if target is None:
            left.append(key)
            path.pop()
        else:
            seen.add(target)
            path.append((target, _exits(graph, target)))
    return left[::-1]


def _exits(graph: Graph, key: str) -> Iterator[str]:
    return iter([way.target for way in reversed(exits_of(graph, graph.steps[key]))])
