"""Lines through the layers: from lane to lane, turning in the gaps between them."""

from collections.abc import Iterator, Mapping

from .layers import Layers, Node, Thread
from .picture import BEGIN, Direction
from .plan import Point
from .sizes import Size
from .tracks import Trunk


def forward(thread: Thread, trunks: Mapping[Node, Trunk]) -> Iterator[Point]:
    yield thread.nodes[0].exit, thread.nodes[0].beside
    for left, right in zip(thread.nodes, thread.nodes[1:], strict=False):
        if left in trunks and right in trunks[left].targets:
            yield trunks[left].along, left.beside
            yield trunks[left].along, right.beside
    last = thread.nodes[-1]
    yield last.exit if thread.way.cut else last.entry, last.beside


def label_place(lane: Node, start: Point, back: bool, direction: Direction) -> Point:
    """Where the words of a line begin. Down, a loop's stand on the part by which it leaves its source."""
    return (start[0] if back and direction == Direction.DOWN else lane.along), lane.beside


def main_way(layers: Layers) -> list[Node]:
    """The longest way from the beginning, without caught errors where there is another: it is drawn straight."""
    leaving: dict[Node, list[Thread]] = {}
    for thread in layers.threads:
        if not thread.back and not thread.way.cut:
            leaving.setdefault(thread.nodes[0], []).append(thread)
    depth: dict[Node, int] = {}
    for node in sorted(layers.nodes.values(), key=lambda node: -node.rank):
        depth[node] = max((1 + depth[thread.nodes[-1]] for thread in leaving.get(node, ())), default=0)
    path = [layers.nodes[BEGIN]]
    while path[-1] in leaving:
        usual = [thread for thread in leaving[path[-1]] if not thread.way.caught] or leaving[path[-1]]
        path += max(usual, key=lambda thread: depth[thread.nodes[-1]]).nodes[1:]
    return path


def room(layers: Layers) -> Size:
    nodes = [node for rank in layers.ranks for node in rank]
    return Size(
        max(node.along + node.length for node in nodes),
        max(node.size.before - node.beside for node in nodes),
        max(node.size.after + node.beside for node in nodes),
    )
