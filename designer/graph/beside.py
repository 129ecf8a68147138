"""Which steps may be at work at the same time as a step: those in the other branches of the parallels around it."""

from collections.abc import Iterator

from .model import AnyStep, Graph, NoSuchStep, Parallel


def steps_beside(graph: Graph, step: AnyStep) -> tuple[AnyStep, ...]:
    """In definition order. None where a scope around the step is opened by nobody."""
    try:
        beside = set(_branches_beside(graph, step.scope))
        return tuple(one for one in graph.steps.values() if beside & set(_around(graph, one.scope)))
    except NoSuchStep:
        return ()


def _branches_beside(graph: Graph, scope: str) -> Iterator[str]:
    for around in _around(graph, scope):
        opener, name = graph.opener(around)
        if isinstance(opener, Parallel):
            yield from (opener.scope_of(branch.name) for branch in opener.branches if branch.name != name)


def _around(graph: Graph, scope: str) -> list[str]:
    return [one for one in graph.enclosing(scope) if one]
