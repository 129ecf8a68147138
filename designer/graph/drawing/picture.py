"""What a drawing of a graph is made of: boxes, chips, captions and routes, each with its place.

Whole pixels from the upper left corner. Templates draw what stands here and reckon nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from .corners import head, rounded

BEGIN, END = "the-begin", "the-end"  # ids of the two circles; no key has a hyphen


class Direction(StrEnum):
    ACROSS = "across"  # left to right, for the monitor
    DOWN = "down"  # top to bottom, for the editor


class Shape(StrEnum):
    BEGIN = "begin"  # the circle a workflow begins with
    END = "end"  # the circle it ends with where no step says how
    BOX = "box"
    DIAMOND = "diamond"  # a choice
    STOP = "stop"  # a step that ends its scope: succeed, fail
    FORK = "fork"  # the bar at which a parallel opens
    JOIN = "join"  # the bar at which it closes
    GATE = "gate"  # the dot where a branch waits for another, or is waited for


RouteKind = Literal["forward", "loop", "caught"]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Area:
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def middle_x(self) -> int:
        return self.x + self.width // 2

    @property
    def middle_y(self) -> int:
        return self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Caption:
    """Words beside a shape or a line: ``x`` is where ``anchor`` says, ``y`` the base line of the first line."""

    lines: tuple[str, ...]
    x: int
    y: int
    anchor: Anchor
    whole: str  # the words before they were cut to fit


@dataclass(frozen=True, slots=True)
class Box:
    """A shape with its place. ``id`` is the step's key; a join bar is ``<key>-join``,
    a gate ``<key>-<branch>-in`` or ``-out``.

    ``area`` is the shape alone. ``chip`` is where the step's undo is drawn, ``caption`` a title beside the shape.
    """

    id: str
    step: str  # the key of the step it stands for; empty for the two circles and for gates
    kind: str  # of the step
    shape: Shape
    scope: str
    rank: int  # grows along every route that does not lead back
    area: Area
    chip: Area | None = None
    caption: Caption | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A line from box to box. ``exit`` names the way out as edits do: ``next``, ``options.0``, ``branches.stock``.

    Two exits that lead to the same place are one route with both labels; ``exit`` is the first.
    """

    id: str
    source: str
    target: str
    exit: str  # empty where it is no step's own
    kind: RouteKind
    points: tuple[tuple[int, int], ...]  # its corners
    label: Caption | None = None
    pointed: bool = True  # ends in a head; at a bar it does not
    cut: bool = False  # it ends behind its source, and the label says where it leads

    @property
    def d(self) -> str:
        """The line as the path of an SVG, its corners round."""
        return rounded(self.points)

    @property
    def head(self) -> str:
        """The triangle it ends in, as a path; empty where it has none."""
        return head(self.points) if self.pointed else ""

    @property
    def middle(self) -> tuple[int, int]:
        """The middle of its longest straight part: where a step may be put between."""
        parts = zip(self.points, self.points[1:], strict=False)
        (x1, y1), (x2, y2) = max(parts, key=lambda part: _length(*part))
        return (x1 + x2) // 2, (y1 + y2) // 2


@dataclass(frozen=True, slots=True)
class Frame:
    """What a map or a loop does again and again lies within; its caption says how often."""

    step: str
    area: Area
    caption: Caption


@dataclass(frozen=True, slots=True)
class Drawing:
    direction: Direction
    width: int
    height: int
    boxes: tuple[Box, ...]  # in definition order, the circles first and last
    routes: tuple[Route, ...]
    frames: tuple[Frame, ...] = ()  # outer ones first


def _length(start: tuple[int, int], end: tuple[int, int]) -> int:
    return abs(start[0] - end[0]) + abs(start[1] - end[1])
