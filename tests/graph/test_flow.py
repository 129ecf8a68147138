"""Walks through scopes, compared with slower ways to the same answers."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.graph import Action, Branch, Catch, Choice, Graph, Option, Parallel
from designer.graph.flow import Walk, facts, walks

KEYS = ["a", "b", "c", "d", "e"]


def graph(*steps: Action | Choice | Parallel, start: str = "a") -> Graph:
    return Graph(key="g", start=start, steps={step.key: step for step in steps})


def step(key: str, *nexts: str, catch: str = "") -> Choice | Action:
    """A step that leads to ``nexts``, or ends its scope where there are none."""
    caught = (Catch(next=catch),) if catch else ()
    if len(nexts) > 1:
        return Choice(key=key, options=tuple(Option("true", way) for way in nexts), catch=caught)
    return Action(key=key, next=nexts[0] if nexts else None, catch=caught)


def root(of: Graph) -> Walk:
    return walks(of)[""]


@st.composite
def mazes(draw: st.DrawFn) -> Graph:
    way = st.lists(st.sampled_from(KEYS), max_size=3, unique=True)
    caught = st.sampled_from(["", *KEYS])
    return graph(*(step(key, *draw(way), catch=draw(caught)) for key in KEYS))


def test_exits_that_lead_out_of_the_scope_are_left_out() -> None:
    whole = graph(step("a", "b", "gone"), step("b"))
    of = root(whole)
    assert facts(whole, of, 5, lambda each, known, failed: known) == {"a": 5, "b": 5}
    assert of.exits == {"a": ("b",), "b": ()}
    assert of.entries == {"a": (), "b": ("a",)}
    assert of.ends == {"b"}


def test_scopes_are_found_from_the_outside_in() -> None:
    inner = Parallel(key="q", scope="p/x", branches=(Branch("y", "z"),))
    outer = Parallel(key="p", branches=(Branch("x", "q"), Branch("empty", "")))
    lost = Action(key="lost", scope="nowhere/at_all")
    found = walks(graph(outer, inner, Action(key="z", scope="q/y"), lost, start="p"))
    assert list(found) == ["", "p/x", "p/empty", "q/y"]
    assert (found["q/y"].opener, found["q/y"].start, found["p/empty"].start) == (inner, "z", "")


def test_circles_come_in_the_order_of_the_definition() -> None:
    of = root(graph(step("a", "b"), step("b", "a", "c"), step("c", "d", "c"), step("d")))
    assert list(of.circles()) == [{"a", "b"}, {"c"}]


@pytest.mark.parametrize("length", [2, 5_000])
def test_a_long_way_needs_no_recursion(length: int) -> None:
    keys = [f"s{n}" for n in range(length)]
    of = graph(*(step(here, after) for here, after in pairwise(keys)), step(keys[-1], keys[0]), start="s0")
    assert root(of).reachable == set(keys)
    assert list(root(of).circles()) == [set(keys)]
    assert len(facts(of, root(of), 0, lambda each, known, failed: known)) == length


@given(mazes())
def test_reachable_steps_are_those_a_way_leads_to(maze: Graph) -> None:
    of = root(maze)
    assert of.reachable == {way[-1] for way in _ways(of, "a")}
    assert of.ending == {key for key in KEYS if any(way[-1] in of.ends for way in _ways(of, key))}


@given(mazes())
def test_circles_are_the_steps_that_lead_back_to_each_other(maze: Graph) -> None:
    of = root(maze)
    back = {key: {way[-1] for way in _ways(of, key) if len(way) > 1} | _self(of, key) for key in KEYS}
    expected = [
        frozenset(other for other in back[key] if key in back[other]) for key in KEYS if key in back[key]
    ]
    assert list(of.circles()) == list(dict.fromkeys(expected))


@given(mazes())
def test_what_is_known_is_what_every_way_has_learned(maze: Graph) -> None:
    """A step is known to have run if, and only if, without it there is no way."""
    of = root(maze)
    bit = {key: 1 << number for number, key in enumerate(KEYS)}
    known = facts(maze, of, 0, lambda each, before, failed: before | bit[each.key])
    assert set(known) == of.reachable
    for key in of.reachable:
        for other in KEYS:
            avoided = any(way[-1] == key for way in _ways(of, "a") if other not in way[:-1])
            assert bool(known[key] & bit[other]) == (not avoided)


def _ways(of: Walk, begin: str) -> Iterator[tuple[str, ...]]:
    """Every way that visits no step twice, and those that come back to where they began."""
    waiting: list[tuple[str, ...]] = [(begin,)]
    while waiting:
        way = waiting.pop()
        yield way
        waiting += [(*way, after) for after in of.exits[way[-1]] if after not in way]


def _self(of: Walk, key: str) -> set[str]:
    return {key} if any(key in of.exits[way[-1]] for way in _ways(of, key)) else set()
