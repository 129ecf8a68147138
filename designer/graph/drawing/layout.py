"""The layout: every shape with its place, every way as a line that crosses no shape."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from designer.graph.model import ROOT, AnyStep, Graph

from .corners import straightened
from .picture import BEGIN, Area, Box, Caption, Direction, Drawing, Frame, Route, RouteKind, Shape
from .plan import Drawn, Framed, Placed, Point
from .scopes import plan_scope
from .sizes import (
    BAR,
    BAR_HEIGHT,
    BOX,
    BOX_HEIGHT,
    CHIP,
    CHIP_GAP,
    CHIP_INSET,
    CIRCLE,
    DIAMOND,
    FRAME_HEAD,
    FRAME_PADDING,
    GATE,
    ICON,
    LINE,
    caption_of,
    has_chip,
    label_lines,
)

MARGIN = 16
ROUND = {Shape.BEGIN: CIRCLE, Shape.END: CIRCLE, Shape.STOP: CIRCLE, Shape.DIAMOND: DIAMOND, Shape.GATE: GATE}


def lay_out(graph: Graph, direction: Direction) -> Drawing:
    """Draw ``graph``. The same graph gives the same drawing; a flawed one is drawn as far as it is known."""
    plan = plan_scope(graph, ROOT, direction)
    paper = _Paper(graph, direction, plan.size.before + MARGIN)
    boxes = _ranked([paper.box(placed) for placed in plan.placed], direction)
    shapes = {box.id: box.shape for box in boxes}
    routes = [paper.route(drawn, shapes[drawn.target]) for drawn in plan.drawn]
    long, broad = plan.size.length + 2 * MARGIN, plan.size.before + plan.size.after + 2 * MARGIN
    width, height = (long, broad) if direction == Direction.ACROSS else (broad, long)
    frames = tuple(paper.frame(framed) for framed in plan.framed)
    return Drawing(direction, width, height, _in_order(graph, boxes), tuple(_named(routes)), frames)


class _Paper:
    """From along and beside to x and y."""

    def __init__(self, graph: Graph, direction: Direction, spine: int) -> None:
        self.graph = graph
        self.across = direction == Direction.ACROSS
        self.direction = direction
        self.spine = spine

    def point(self, point: Point) -> tuple[int, int]:
        along, beside = point[0] + MARGIN, point[1] + self.spine
        return (along, beside) if self.across else (beside, along)

    def box(self, placed: Placed) -> Box:
        step = self.graph.steps.get(placed.step)
        area = self.area(placed)
        return Box(
            id=placed.id,
            step=placed.step,
            kind=step.kind if step else "",
            shape=placed.shape,
            scope=step.scope if step else ROOT,
            rank=0,
            area=area,
            chip=self.chip(area) if step and has_chip(step) else None,
            caption=self.caption(step, placed.shape, area) if step else None,
        )

    def area(self, placed: Placed) -> Area:
        length, breadth = self.measures(placed)
        inset = (placed.length - length) // 2 if placed.shape in ROUND else 0
        x, y = self.point((placed.along + inset, placed.beside))
        if self.across:
            return Area(x, y - breadth // 2, length, breadth)
        return Area(x - breadth // 2, y, breadth, length)

    def measures(self, placed: Placed) -> tuple[int, int]:
        """A shape's extent along and beside."""
        if placed.shape in ROUND:
            return ROUND[placed.shape], ROUND[placed.shape]
        if placed.shape == Shape.BOX:
            return (placed.length, BOX_HEIGHT) if self.across else (BOX_HEIGHT, BOX)
        return BAR, BAR_HEIGHT

    def chip(self, area: Area) -> Area:
        return Area(area.x + CHIP_INSET, area.bottom + CHIP_GAP, area.width - CHIP_INSET, CHIP)

    def caption(self, step: AnyStep, shape: Shape, area: Area) -> Caption | None:
        lines = caption_of(step, self.direction)
        if not lines or shape == Shape.JOIN:
            return None
        if shape == Shape.BOX:
            return Caption(lines, area.x + ICON, area.y + 19, "start", step.name)
        if self.across:
            return Caption(lines, area.middle_x, area.bottom + 14, "middle", step.name)
        first = area.middle_y + 4 - (len(lines) - 1) * LINE // 2
        return Caption(lines, area.right + 8, first, "start", step.name)

    def frame(self, framed: Framed) -> Frame:
        x, y = self.point((framed.along, framed.beside))
        length, breadth = framed.length, framed.breadth
        area = Area(x, y, *((length, breadth) if self.across else (breadth, length)))
        words = Caption((framed.words,), x + FRAME_PADDING, y + FRAME_HEAD, "start", framed.whole)
        return Frame(framed.step, area, words)

    def route(self, drawn: Drawn, target: Shape) -> Route:
        points = straightened([self.point(point) for point in drawn.points])
        kind: RouteKind = "loop" if drawn.back else "caught" if drawn.caught else "forward"
        return Route(
            id=f"{drawn.source}--{drawn.target}",
            source=drawn.source,
            target=drawn.target,
            exit=drawn.exit,
            kind=kind,
            points=points,
            label=self.label(drawn),
            pointed=drawn.cut or target not in (Shape.FORK, Shape.JOIN, Shape.GATE),
            cut=drawn.cut,
        )

    def label(self, drawn: Drawn) -> Caption | None:
        if drawn.label is None:
            return None
        lines = label_lines(drawn.words, self.direction)
        x, y = self.point(drawn.label)
        if self.across:
            return Caption(lines, x + 3, y - 5 - (len(lines) - 1) * LINE, "start", drawn.words)
        y += -4 - (len(lines) - 1) * LINE if drawn.back else 11
        return Caption(lines, x + 7, y, "start", drawn.words)


def _ranked(boxes: Iterable[Box], direction: Direction) -> list[Box]:
    """Number the ranks: whatever begins at the same place along the way is of one rank."""
    boxes = list(boxes)
    across = direction == Direction.ACROSS
    starts = sorted({box.area.x if across else box.area.y for box in boxes})
    rank = {start: number for number, start in enumerate(starts)}
    return [replace(box, rank=rank[box.area.x if across else box.area.y]) for box in boxes]


def _in_order(graph: Graph, boxes: Iterable[Box]) -> tuple[Box, ...]:
    place = {key: number for number, key in enumerate(graph.steps)}
    return tuple(
        sorted(boxes, key=lambda box: (place.get(box.step, -1 if box.id == BEGIN else len(place)), box.rank))
    )


def _named(routes: Iterable[Route]) -> Iterator[Route]:
    """Two routes between the same boxes get different names."""
    met: dict[str, int] = {}
    for route in routes:
        met[route.id] = met.get(route.id, 0) + 1
        yield replace(route, id=f"{route.id}--{met[route.id]}") if met[route.id] > 1 else route
