"""A scope laid out: its shapes and lines, reckoned along the way of a run and beside its spine.

A parallel is laid out as one part of the scope around it: fork bar, its branches side by side, join bar. So no line
ever leaves its scope, and nothing in one branch moves what is in another.
"""

from dataclasses import dataclass, replace

from .picture import Shape
from .sizes import Size

Point = tuple[int, int]  # along, beside


@dataclass(frozen=True, slots=True)
class Placed:
    """A shape: where it begins, and where its spine runs."""

    id: str
    step: str
    shape: Shape
    along: int
    beside: int
    length: int

    def moved(self, along: int, beside: int) -> "Placed":
        return replace(self, along=self.along + along, beside=self.beside + beside)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line. ``label`` is where the room for its words begins, and the spine they stand at."""

    source: str
    target: str
    exit: str
    back: bool
    caught: bool
    points: tuple[Point, ...]
    words: str = ""
    label: Point | None = None
    cut: bool = False

    def moved(self, along: int, beside: int) -> "Drawn":
        points = tuple((a + along, b + beside) for a, b in self.points)
        label = (self.label[0] + along, self.label[1] + beside) if self.label else None
        return replace(self, points=points, label=label)


@dataclass(frozen=True, slots=True)
class Framed:
    """A frame around a part: where it begins along and beside, how far it reaches, and its words."""

    step: str
    along: int
    beside: int
    length: int
    breadth: int
    words: str
    whole: str

    def moved(self, along: int, beside: int) -> "Framed":
        return replace(self, along=self.along + along, beside=self.beside + beside)


@dataclass(frozen=True, slots=True)
class Plan:
    """``size`` is the room it takes as a part of what is around it; everything in it is reckoned from its entry."""

    size: Size
    placed: tuple[Placed, ...]
    drawn: tuple[Drawn, ...]
    framed: tuple[Framed, ...] = ()

    def moved(self, along: int, beside: int) -> "Plan":
        return replace(
            self,
            placed=tuple(one.moved(along, beside) for one in self.placed),
            drawn=tuple(one.moved(along, beside) for one in self.drawn),
            framed=tuple(one.moved(along, beside) for one in self.framed),
        )
