"""The whole canvas: every shape told, every way shown, with the room around them."""

from dataclasses import dataclass

from designer.graph import Direction, Drawing, Graph, lay_out

from .adding import Port, Way, find_port, way_of
from .telling import Marks, Node, node_of

MARGIN = 48  # around the drawing: for marks, rings and the way to add a step


@dataclass(frozen=True, slots=True)
class Canvas:
    drawing: Drawing
    nodes: tuple[Node, ...]
    ways: tuple[Way, ...]

    @property
    def port(self) -> Port | None:
        return find_port(self.nodes, self.ways)

    @property
    def view_box(self) -> str:
        return f"{-MARGIN} 0 {self.width} {self.height}"

    @property
    def width(self) -> int:
        return self.drawing.width + 2 * MARGIN

    @property
    def height(self) -> int:
        return self.drawing.height


def canvas(graph: Graph, marks: Marks, drawing: Drawing | None = None) -> Canvas:
    """``graph`` with ``marks``; its drawing may be known already."""
    drawing = drawing or lay_out(graph, Direction.DOWN)
    nodes = tuple(node_of(graph, box, marks) for box in drawing.boxes)
    return Canvas(drawing, nodes, tuple(way_of(graph, route) for route in drawing.routes))
