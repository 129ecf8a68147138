"""Geometry of the ladder: the strokes beside one row, like the graph column of a git log.

A row is ROW high and has one dot at its middle. A stroke joins two of: a lane at the row's top edge
("top", lane), the row's own "dot", a lane at its bottom edge ("bottom", lane).
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

ROW = 48
MIDDLE = ROW // 2
CLEAR = 11  # keeps a stroke from touching the 16 px icon that is the dot
FIRST, STEP = 20, 15

End = tuple[str, int] | Literal["dot"]


class Stroke(NamedTuple):
    start: End
    end: End
    tone: str = "idle"


def lane_x(lane: int) -> int:
    return FIRST + STEP * lane


def rail_width(lanes: int) -> int:
    return lane_x(max(lanes, 1) - 1) + 17


def stroke_path(stroke: Stroke, dot_lane: int) -> str:
    """The `d` of one stroke. Lanes that differ are joined by an S-curve that leaves and arrives upright."""
    x1, y1 = _point(stroke.start, dot_lane, leaving=True)
    x2, y2 = _point(stroke.end, dot_lane, leaving=False)
    if x1 == x2:
        return f"M{x1} {y1}V{y2}"
    bend = (y1 + y2) / 2
    return f"M{x1} {y1}C{x1} {bend:g} {x2} {bend:g} {x2} {y2}"


def rail_paths(strokes: Iterable[Stroke | tuple], dot_lane: int) -> list[tuple[str, str]]:
    return [(stroke.tone, stroke_path(stroke, dot_lane)) for stroke in (Stroke(*each) for each in strokes)]


def _point(end: End, dot_lane: int, *, leaving: bool) -> tuple[int, int]:
    if isinstance(end, str):
        return lane_x(dot_lane), MIDDLE + CLEAR if leaving else MIDDLE - CLEAR
    edge, lane = end
    return lane_x(lane), 0 if edge == "top" else ROW
