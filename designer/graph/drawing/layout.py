"""The layout: every box with its place, every way as a line that crosses no box."""

from designer.graph.model import Graph, Parallel

from .order import in_order
from .picture import Area, Box, Direction, Drawing, Route, RouteKind, Shape
from .ways import ways

WIDTH, HEIGHT, GAP = 172, 44, 40
SHAPES = {"choice": Shape.DIAMOND, "succeed": Shape.STOP, "fail": Shape.STOP, "parallel": Shape.FORK}


def lay_out(graph: Graph, direction: Direction) -> Drawing:
    """Draw ``graph``. The same graph gives the same drawing; a flawed one is drawn as far as it is known."""
    boxes = {key: _box(graph, key, rank, direction) for rank, key in enumerate(in_order(graph))}
    routes = tuple(
        _route(boxes[way.origin], boxes[way.target], lane, direction)
        for lane, way in enumerate(ways(graph, boxes), 1)
    )
    far = max((max(point) for route in routes for point in route.points), default=0)
    along = max((max(box.area.right, box.area.bottom) for box in boxes.values()), default=0)
    width, height = (along, far) if direction == Direction.ACROSS else (far, along)
    return Drawing(direction, width + GAP, max(height, HEIGHT) + GAP, tuple(boxes.values()), routes)


def _box(graph: Graph, key: str, rank: int, direction: Direction) -> Box:
    step = graph.steps[key]
    across = direction == Direction.ACROSS
    area = (
        Area(rank * (WIDTH + GAP), 0, WIDTH, HEIGHT)
        if across
        else Area(0, rank * (HEIGHT + GAP), WIDTH, HEIGHT)
    )
    shape = SHAPES.get(step.kind, Shape.BOX)
    chip = Area(area.x + 10, area.bottom, 162, 24) if getattr(step, "compensate", None) else None
    assert not isinstance(step, Parallel) or shape == Shape.FORK
    return Box(key, key, step.kind, shape, step.scope, rank, area, None if shape == Shape.STOP else chip)


def _route(source: Box, target: Box, lane: int, direction: Direction) -> Route:
    a, b, far = source.area, target.area, 12 * lane
    points = (
        (
            (a.middle_x, a.bottom),
            (a.middle_x, a.bottom + far),
            (b.middle_x, a.bottom + far),
            (b.middle_x, b.bottom),
        )
        if direction == Direction.ACROSS
        else (
            (a.right, a.middle_y),
            (a.right + far, a.middle_y),
            (a.right + far, b.middle_y),
            (b.right, b.middle_y),
        )
    )
    d = "M" + "L".join(f"{x} {y}" for x, y in points)
    kind: RouteKind = "forward" if source.rank < target.rank else "loop"
    return Route(f"{source.id}--{target.id}", source.id, target.id, "next", kind, points, d)
