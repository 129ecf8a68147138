"""The ways between the steps of a graph, as a picture draws them.

Scopes are drawn flat: an opener leads to the first step of each scope, and the steps that end a scope lead to
where the opener goes on. Kinds that a picture leaves out are passed through.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from designer.graph.model import AnyOpener, AnyStep, Choice, Fail, Graph, Review
from designer.graph.policies import ANY_ERROR

from .waiting import first_to_open, waiting_for

LONGEST = 48  # characters of a label
_READ = re.compile(r"\b(?:steps\.\w+\.output|input|vars)\.(?=\w)")
_SIGNS = ((">=", "≥"), ("<=", "≤"), ("!=", "≠"), ("==", "="), ("&&", "and"), ("||", "or"))


@dataclass(frozen=True, slots=True)
class Way:
    """One way from step to step; ``label`` says on which condition, empty where it is the usual one."""

    origin: str
    target: str
    label: str = ""


def exits_of(graph: Graph, step: AnyStep) -> tuple[Way, ...]:
    """Where ``step`` leads within its own scope, in the order people read it."""
    led = (way for way in _labelled(step) if way.target in graph.steps)
    return tuple(way for way in led if graph.steps[way.target].scope == step.scope)


def ways(graph: Graph, rows: Collection[str]) -> tuple[Way, ...]:
    """Every way between the steps in ``rows``, each pair once; other steps are passed through."""
    direct: dict[str, list[Way]] = {key: list(_direct(graph, graph.steps[key])) for key in graph.steps}
    found: dict[tuple[str, str], Way] = {}
    for key in rows:
        for way in _through(direct, rows, key):
            known = found.get((way.origin, way.target))
            if known is None or (known.label and not way.label):
                found[way.origin, way.target] = way
    return tuple(found.values())


def _through(direct: dict[str, list[Way]], rows: Collection[str], key: str) -> Iterator[Way]:
    """The ways from ``key`` to the next steps in ``rows``, with the first label met on each."""
    waiting, seen = list(reversed(direct[key])), {key}
    while waiting:
        way = waiting.pop()
        if way.target in rows:
            yield Way(key, way.target, way.label)
        elif way.target not in seen:
            seen.add(way.target)
            onwards = direct[way.target]
            waiting += [Way(key, one.target, way.label or one.label) for one in reversed(onwards)]


def _direct(graph: Graph, step: AnyStep) -> Iterator[Way]:
    """Where the token goes from ``step``: into the scopes that it opens, and out of the one it ends."""
    inner = [start for start in _starts(graph, step) if start in graph.steps]
    yield from (Way(step.key, start) for start in inner)
    for way in exits_of(graph, step):
        if way.label or not inner:
            yield way
    if step.ends and not inner and not isinstance(step, Fail):
        yield from _onwards(graph, step)


def _onwards(graph: Graph, step: AnyStep) -> Iterator[Way]:
    """Where the opener around a step goes on when the step ends its scope; and the branches that waited for that."""
    for scope in graph.enclosing(step.scope):
        if scope:
            around, name = graph.opener(scope)
            after = list(_starts_after(graph, around, name))
            if after:
                yield from (Way(step.key, start) for start in after)
                return
            if around.next:
                if around.next in graph.steps:
                    yield Way(step.key, around.next)
                return


def _starts(graph: Graph, step: AnyStep) -> list[str]:
    if not isinstance(step, AnyOpener):
        return []
    return [start for body in first_to_open(step) for start in _begun(graph, step, body.name)]


def _begun(graph: Graph, opener: AnyOpener, name: str) -> list[str]:
    """The first step of a body; of one that holds none, the first steps of those that wait for it."""
    start = start_of(graph, opener.scope_of(name))
    return [start] if start else list(_starts_after(graph, opener, name))


def _starts_after(graph: Graph, opener: AnyOpener, name: str) -> Iterator[str]:
    for branch in waiting_for(opener, name):
        yield from _begun(graph, opener, branch.name)


def start_of(graph: Graph, scope: str) -> str:
    """The step a scope is drawn from: its start, where that is one of its steps."""
    start = graph.start_of(scope)
    return start if start in graph.steps and graph.steps[start].scope == scope else ""


def _labelled(step: AnyStep) -> Iterator[Way]:
    if isinstance(step, Choice):
        yield from (
            Way(step.key, option.next, if_words(option.label or option.when)) for option in step.options
        )
        yield Way(step.key, step.otherwise or "")
    elif isinstance(step, Review):
        for place, outcome in enumerate(step.outcomes):
            yield Way(step.key, outcome.next, if_words(outcome.title or outcome.name) if place else "")
    elif step.next:
        yield Way(step.key, step.next)
    for catch in step.catch:
        names = "any error" if ANY_ERROR in catch.on else ", ".join(catch.on)
        yield Way(step.key, catch.next, f"on {names}"[:LONGEST])


def if_words(condition: str) -> str:
    """“if score ≥ 70” of ``${ steps.risk.output.score >= 70 }``."""
    text = _READ.sub("", condition.strip().removeprefix("${").removesuffix("}").strip())
    for sign, word in _SIGNS:
        text = text.replace(sign, word)
    return f"if {text}" if len(text) <= LONGEST else f"if {text[: LONGEST - 1]}…"
