"""Compensation as ways of a machine: what was done by then is undone, the newest first, and then the run fails."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from designer.graph import ROOT, Action, AnyStep, Graph, OnFailure, UndoOrder


@dataclass(frozen=True, slots=True)
class Undoings:
    """The steps of the workflow's own scope that can be undone, and which of them are done where."""

    order: tuple[str, ...] = ()  # in the order in which they may be done
    done: Mapping[str, frozenset[str]] | None = None  # by step: what may have been done before it
    certain: bool = True  # whether what may have been done always has been

    def before(self, key: str) -> tuple[str, ...]:
        """What is to be undone when this step fails, in the order in which it was done."""
        done = (self.done or {}).get(key, frozenset())
        return tuple(one for one in self.order if one in done)


def undoings(graph: Graph) -> Undoings:
    if graph.on_failure is not OnFailure.COMPENSATE:
        return Undoings()
    steps = {step.key: step for step in graph.within(ROOT)}
    can = {key for key, step in steps.items() if isinstance(step, Action) and step.compensate is not None}
    if not can:
        return Undoings()
    order = [key for key in _in_order(graph.start, steps) if key in can]
    may = _known(graph.start, steps, can, sure=False)
    must = _known(graph.start, steps, can, sure=True)
    in_a_row = all({*order[: len(done)]} == done for done in may.values())
    return Undoings(tuple(order), may, certain=may == must and in_a_row)


def losses_of(graph: Graph) -> Iterator[tuple[str, str]]:
    """What of undoing cannot be said in ways of a machine: by step, a sentence."""
    if graph.on_failure is not OnFailure.COMPENSATE:
        return
    inner = [
        step
        for step in graph.steps.values()
        if isinstance(step, Action) and step.compensate and step.scope != ROOT
    ]
    for step in inner:
        yield (
            step.key,
            "It is not undone: what happens within branches and items cannot be seen from outside.",
        )
    if not any(isinstance(step, Action) and step.compensate for step in graph.within(ROOT)):
        return
    if graph.undoing.failed_step:
        yield "", "A step that failed is not undone itself."
    if graph.undoing.order is not UndoOrder.REVERSE:
        yield "", "What was done is undone one after the other, not at once."
    if graph.deadline is not None:
        yield "", "A run that takes longer than its deadline ends without undoing anything."
    yield "", "A run that is stopped from outside ends without undoing anything."


def _in_order(start: str, steps: Mapping[str, AnyStep]) -> list[str]:
    """The steps so that each comes after those that lead to it, circles aside."""
    found: list[str] = []
    seen = {start}
    path = [(start, _ways(steps, start))] if start in steps else []
    while path:
        key, ways = path[-1]
        after = next((way for way in ways if way not in seen), None)
        if after is None:
            found.append(key)
            path.pop()
        else:
            seen.add(after)
            path.append((after, _ways(steps, after)))
    return found[::-1]


def _ways(steps: Mapping[str, AnyStep], key: str) -> Iterator[str]:
    return (way.next for way in steps[key].exits() if way.next in steps)


def _known(
    start: str, steps: Mapping[str, AnyStep], can: set[str], *, sure: bool
) -> dict[str, frozenset[str]]:
    """By step: what was done before it, on every way to it (``sure``) or on some."""
    known = {start: frozenset[str]()}
    waiting = [start] if start in steps else []
    while waiting:
        key = waiting.pop()
        for way in steps[key].exits():
            if way.next not in steps:
                continue
            arriving = known[key] | ({key} & can if not way.caught else set())
            before = known.get(way.next)
            after = arriving if before is None else (before & arriving if sure else before | arriving)
            if after != before:
                known[way.next] = frozenset(after)
                waiting.append(way.next)
    return known
