"""The layout: no shape upon another, no line through a shape, and old steps stay where they are beside each other."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from designer.graph import (
    Action,
    Area,
    Box,
    Choice,
    Direction,
    Drawing,
    Graph,
    Option,
    Parallel,
    Route,
    Shape,
    lay_out,
)

from .strategies import fewer, flawed_graphs, graphs

MOST = 60
directions = st.sampled_from(Direction)
any_graphs = graphs() | flawed_graphs()
large_graphs = graphs(most_steps=9, depth=2).filter(lambda graph: len(graph.steps) <= MOST)


def areas(box: Box) -> list[Area]:
    return [box.area, box.chip] if box.chip else [box.area]


def overlap(one: Area, other: Area) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def span(start: tuple[int, int], end: tuple[int, int]) -> Area:
    """A straight line as an area a pixel wide at least."""
    x, y = min(start[0], end[0]), min(start[1], end[1])
    return Area(x, y, max(1, abs(start[0] - end[0])), max(1, abs(start[1] - end[1])))


def inner(area: Area) -> Area:
    """An area without its edge, where lines begin and end."""
    return Area(area.x + 1, area.y + 1, max(1, area.width - 2), max(1, area.height - 2))


def crossed(drawing: Drawing) -> list[tuple[str, str]]:
    """Routes and the boxes they pass through. A diamond's corners are empty, and lines may touch its sides."""
    found = []
    for route in drawing.routes:
        for part in pairwise(route.points):
            for box in drawing.boxes:
                ends = box.shape == Shape.DIAMOND and box.id in (route.source, route.target)
                if not ends and any(overlap(span(*part), inner(area)) for area in areas(box)):
                    found.append((route.id, box.id))
    return found


def check_sound(graph: Graph, drawing: Drawing) -> None:
    """What holds for every drawing, whatever the graph."""
    boxes = {box.id: box for box in drawing.boxes}
    assert len(boxes) == len(drawing.boxes)
    assert len({route.id for route in drawing.routes}) == len(drawing.routes)
    assert {box.step for box in drawing.boxes if box.step} == set(graph.steps)
    held = [(box.id, area) for box in drawing.boxes for area in areas(box)]
    for number, (name, area) in enumerate(held):
        assert not [other for other, place in held[:number] if overlap(area, place)], name
        assert area.x >= 0 and area.y >= 0 and area.right <= drawing.width and area.bottom <= drawing.height
    assert crossed(drawing) == []
    for route in drawing.routes:
        check_route(route, boxes, drawing)


def check_route(route: Route, boxes: dict[str, Box], drawing: Drawing) -> None:
    source, target = boxes[route.source], boxes[route.target]
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(route.points))
    assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in route.points)
    if route.kind == "loop":
        assert source.rank >= target.rank
    else:
        assert source.rank < target.rank
        assert along(source.area, drawing)[1] < along(target.area, drawing)[0]


def along(area: Area, drawing: Drawing) -> tuple[int, int]:
    """Where an area begins and ends in the direction of the run."""
    across = drawing.direction == Direction.ACROSS
    return (area.x, area.right) if across else (area.y, area.bottom)


@settings(max_examples=200)
@given(large_graphs, directions)
def test_large_graphs_with_loops_are_drawn_soundly(graph: Graph, direction: Direction) -> None:
    check_sound(graph, lay_out(graph, direction))


@fewer
@given(any_graphs, directions)
def test_flawed_graphs_are_drawn_as_far_as_they_are_known(graph: Graph, direction: Direction) -> None:
    check_sound(graph, lay_out(graph, direction))


@fewer
@given(any_graphs, directions)
def test_the_same_graph_gives_the_same_drawing(graph: Graph, direction: Direction) -> None:
    assert lay_out(graph, direction) == lay_out(replace(graph, steps=dict(graph.steps)), direction)


def added(graph: Graph, at: str, *, between: bool) -> Graph:
    """``graph`` with a new step after ``at``: on its usual way, or as the end of a new exit of a choice."""
    step = graph.steps[at]
    new = Action(
        key="brand_new", scope=step.scope, title="Brand new step", next=step.next if between else None
    )
    before = (
        replace(step, options=(*step.options, Option("${ true }", "brand_new")))
        if isinstance(step, Choice)
        else replace(step, next="brand_new")
    )
    return replace(graph, steps={**graph.steps, at: before, "brand_new": new})


def siblings(graph: Graph) -> set[tuple[str, str]]:
    """Steps that one step leads to, and steps in different branches of a parallel: which of them is drawn first."""
    pairs = set()
    for step in graph.steps.values():
        targets = [way.next for way in step.exits() if way.next in graph.steps and way.next != step.key]
        pairs |= {(one, other) for one in targets for other in targets if one != other}
        if isinstance(step, Parallel):
            scopes = [step.scope_of(branch.name) for branch in step.branches]
            held = [{inner.key for inner in graph.within(scope)} for scope in scopes]
            for number, keys in enumerate(held):
                pairs |= {(one, other) for rest in held[number + 1 :] for one in keys for other in rest}
    return pairs


def beside(drawing: Drawing) -> dict[str, tuple[int, int]]:
    """By step, its rank and where it stands beside others."""
    across = drawing.direction == Direction.ACROSS
    return {
        box.step: (box.rank, box.area.middle_y if across else box.area.middle_x)
        for box in drawing.boxes
        if box.step and box.shape != Shape.JOIN
    }


@settings(max_examples=200)
@given(graphs(most_steps=7, depth=2), directions, st.data())
def test_adding_a_step_never_exchanges_old_siblings(
    graph: Graph, direction: Direction, data: st.DataObject
) -> None:
    at = data.draw(
        st.sampled_from(
            [key for key, step in graph.steps.items() if step.kind not in ("succeed", "fail", "review")]
        )
    )
    old = beside(lay_out(graph, direction))
    new = beside(lay_out(added(graph, at, between=data.draw(st.booleans())), direction))
    for one, other in siblings(graph):
        if old[one][0] == old[other][0] and new[one][0] == new[other][0]:
            assert (old[one][1] < old[other][1]) == (new[one][1] < new[other][1]), (one, other)
