"""Where the parts of a shape stand, in pixels from its own corner.

Placing knows the drawing and how long a word is, never what it says or whose it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from designer.graph import Area, Box, Shape


@dataclass(frozen=True, slots=True)
class Chip:
    """Where the undo of a step is drawn, as seen from its box."""

    x: int
    y: int
    width: int
    height: int

    @property
    def icon_x(self) -> int:
        return self.x + 10

    @property
    def icon_y(self) -> int:
        return self.y + self.height // 2 - 6

    @property
    def text_x(self) -> int:
        return self.x + 28

    @property
    def text_y(self) -> int:
        return self.y + self.height // 2 + 4


@dataclass(frozen=True, slots=True)
class Figure:
    """A shape of the drawing."""

    box: Box

    @property
    def area(self) -> Area:
        return self.box.area

    @property
    def is_box(self) -> bool:
        return self.box.shape == Shape.BOX

    @property
    def is_step(self) -> bool:
        """Whether it is where one gets to the step; a join bar only shows it a second time."""
        return bool(self.box.step) and self.box.shape != Shape.JOIN

    @property
    def chip(self) -> Chip | None:
        held, area = self.box.chip, self.box.area
        return Chip(held.x - area.x, held.y - area.y, held.width, held.height) if held else None

    @property
    def ring(self) -> Area:
        """Around the shape and its chip, where the step is selected."""
        return Area(-5, -5, self.area.width + 10, self.area.height + 10)

    @property
    def centre(self) -> tuple[int, int]:
        return self.area.width // 2, self.area.height // 2

    @property
    def radius(self) -> int:
        return min(self.area.width, self.area.height) // 2 - 1

    @property
    def diamond(self) -> str:
        wide, high = self.area.width, self.area.height
        return f"M{wide / 2:g} 0 {wide} {high / 2:g} {wide / 2:g} {high} 0 {high / 2:g}Z"

    @property
    def caption_x(self) -> int:
        return self.box.caption.x - self.area.x if self.box.caption else 0

    @property
    def caption_y(self) -> int:
        return self.box.caption.y - self.area.y if self.box.caption else 0

    @property
    def said_y(self) -> int:
        return self.caption_y + 15


@dataclass(frozen=True, slots=True)
class Sign:
    """A word to be put on the edge of a shape, perhaps with an icon before it."""

    word: str
    tone: str
    icon: str

    @property
    def width(self) -> int:
        return (15 if self.icon else 0) + 12 + round(6.4 * len(self.word))


@dataclass(frozen=True, slots=True)
class Badge(Sign):
    """A sign in its place."""

    x: int
    y: int

    @property
    def text_x(self) -> int:
        return 20 if self.icon else 6

    @property
    def called(self) -> str:
        """What the icon says."""
        return {"fail": "errors", "warning": "warnings"}.get(self.icon, "")


def badges_on(figure: Figure, signs: Iterable[Sign]) -> list[Badge]:
    """From the right, so that none covers another."""
    # On the upper edge of a box they end at its right; beside a small shape at its left, where no title stands.
    x = figure.area.width + 6 if figure.is_box else -2
    y = -11 if figure.is_box else figure.area.height // 2 - 9
    found = []
    for sign in signs:
        x -= sign.width + 4
        found.append(Badge(sign.word, sign.tone, sign.icon, x + 4, y))
    return found


def cross_at(middle: tuple[int, int]) -> str:
    """The plus in the ring that adds a step."""
    x, y = middle
    return f"M{x - 4} {y}h8M{x} {y - 4}v8"
