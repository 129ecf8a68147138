"""Where the token may walk, and what is known wherever it arrives.

A scope has one token, so a scope is a plain directed graph. Facts, such as “charge has an output”, are bits;
what is known when a step begins is what is known on *every* way to it (a step that dominates it has run). All walks
keep lists of their own and take time linear in steps and exits, but for facts in tangled circles.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from .model import ROOT, AnyOpener, AnyStep, Graph


@dataclass(frozen=True)
class Walk:
    """The ways through one scope. Exits that lead to no step of the scope are left out."""

    scope: str
    start: str  # empty where the scope names no step of its own
    exits: Mapping[str, tuple[str, ...]]
    ends: frozenset[str]  # the steps at which the scope may end
    opener: AnyOpener | None

    @cached_property
    def reachable(self) -> frozenset[str]:
        return _closure([self.start] if self.start else [], self.exits)

    def reached_from(self, key: str) -> frozenset[str]:
        return _closure([key], self.exits)

    @cached_property
    def ending(self) -> frozenset[str]:
        """The steps from which an end can be reached."""
        return _closure(self.ends, self.entries)

    @cached_property
    def entries(self) -> Mapping[str, tuple[str, ...]]:
        """The exits, backwards."""
        found: dict[str, list[str]] = {key: [] for key in self.exits}
        for key, targets in self.exits.items():
            for target in targets:
                found[target].append(key)
        return {key: tuple(sources) for key, sources in found.items()}

    def circles(self) -> Iterator[frozenset[str]]:
        """The sets of steps from each of which all others of the set can be reached, in order of their first step."""
        seen: set[str] = set()
        order = _finished(self.exits, self.exits)
        groups = []
        for key in reversed(order):
            if key in seen:
                continue
            group = _closure([key], self.entries, seen)
            seen |= group
            if len(group) > 1 or (group and key in self.exits[key]):
                groups.append(group)
        place = {key: number for number, key in enumerate(self.exits)}
        yield from sorted(groups, key=lambda group: min(place[key] for key in group))


def walks(graph: Graph) -> dict[str, Walk]:
    """The scopes that can be reached from the workflow's own, outer ones first."""
    inside: dict[str, list[AnyStep]] = {ROOT: []}
    for step in graph.steps.values():
        inside.setdefault(step.scope, []).append(step)
    found = {ROOT: _walk(ROOT, graph.start, inside[ROOT], None)}
    waiting = [ROOT]
    for outer in waiting:
        for opener in inside.get(outer, ()):
            if not isinstance(opener, AnyOpener):
                continue
            for body in opener.bodies:
                scope = opener.scope_of(body.name)
                if scope not in found:
                    found[scope] = _walk(scope, body.start, inside.get(scope, []), opener)
                    waiting.append(scope)
    return found


def _walk(scope: str, start: str, inside: Iterable[AnyStep], opener: AnyOpener | None) -> Walk:
    steps = {step.key: step for step in inside}
    return Walk(
        scope,
        start if start in steps else "",
        {key: tuple(way.next for way in step.exits() if way.next in steps) for key, step in steps.items()},
        frozenset(key for key, step in steps.items() if step.ends),
        opener,
    )


Learn = Callable[[AnyStep, int, bool], int]  # a step, what is known, whether it failed: what is known then


def facts(graph: Graph, of: Walk, known: int, learn: Learn) -> dict[str, int]:
    """What is known whenever a step of the scope begins. Steps that are never reached are left out."""
    found = {of.start: known} if of.start else {}
    order = [
        key for key in reversed(_finished(of.exits, [of.start] if of.start else [])) if key in of.reachable
    ]
    changed = True
    while changed:
        changed = False
        for key in order:
            step = graph.steps[key]
            for way in step.exits():
                if way.next not in of.exits:
                    continue
                arriving = learn(step, found[key], way.caught)
                after = found.get(way.next, arriving) & arriving
                if found.get(way.next) != after:
                    found[way.next] = after
                    changed = True
    return found


def _closure(
    begin: Iterable[str], ways: Mapping[str, tuple[str, ...]], blocked: AbstractSet[str] = frozenset()
) -> frozenset[str]:
    waiting = [key for key in begin if key not in blocked]
    found = set(waiting)
    while waiting:
        for key in ways[waiting.pop()]:
            if key not in found and key not in blocked:
                found.add(key)
                waiting.append(key)
    return frozenset(found)


def _finished(ways: Mapping[str, tuple[str, ...]], begins: Iterable[str]) -> list[str]:
    """The steps in the order in which a walk in depth is done with them."""
    seen: set[str] = set()
    order: list[str] = []
    for begin in begins:
        path = [(begin, iter(ways[begin]))] if begin not in seen else []
        seen.add(begin)
        while path:
            key, onwards = path[-1]
            after = next((way for way in onwards if way not in seen), None)
            if after is None:
                order.append(key)
                path.pop()
            else:
                seen.add(after)
                path.append((after, iter(ways[after])))
    return order
