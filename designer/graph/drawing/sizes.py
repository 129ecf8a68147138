"""How much room each shape takes, and where on it lines begin and end.

A drawing is reckoned along the way of a run and beside it; `Direction` says which of the two is x. A shape stands on
the spine: the line that runs through it. ``before`` and ``after`` are how far it reaches on either side of that.
"""

from dataclasses import dataclass

from designer.graph.model import Action, AnyStep

from .picture import Direction, Shape
from .text import fit_text, text_width, wrap_text

BOX, BOX_HEIGHT = 172, 44
NARROWEST = 112  # a box across; down, all boxes are BOX wide
TITLE, SMALL = 13, 11  # text sizes
LINE = 14  # from base line to base line of small words
ICON = 30  # of a box's width, for icon and padding before its title
PADDING = 12
CHIP, CHIP_GAP, CHIP_INSET = 24, 5, 8
BAR, BAR_HEIGHT = 5, 44
DIAMOND, CIRCLE, GATE = 32, 16, 8
FRAME_PADDING, FRAME_HEAD = 12, 16
NARROW, WIDE = 52, 88  # of words across: where they are wrapped, where they are cut
WORDS_DOWN = 120
SHAPES = {"choice": Shape.DIAMOND, "succeed": Shape.STOP, "fail": Shape.STOP, "parallel": Shape.FORK}


@dataclass(frozen=True, slots=True)
class Size:
    length: int  # along the way
    before: int = 0
    after: int = 0
    start: int = 0  # where lines enter, from its beginning
    end: int = 0  # how far before its end lines leave
    grows: bool = False  # to the length of the longest in its column


NOTHING = Size(0)


def shape_of(step: AnyStep) -> Shape:
    return SHAPES.get(step.kind, Shape.BOX)


def has_chip(step: AnyStep) -> bool:
    return isinstance(step, Action) and step.compensate is not None


def size_of(step: AnyStep, direction: Direction) -> Size:
    """The room of one step. A parallel's is its fork bar's; what is in it comes on top."""
    return _SIZES[shape_of(step)](step, direction == Direction.ACROSS)


def box_half(direction: Direction) -> int:
    """How far a box reaches beside its spine, its chip aside."""
    return BOX_HEIGHT // 2 if direction == Direction.ACROSS else BOX // 2


def circle(direction: Direction) -> Size:
    half = CIRCLE // 2
    return Size(CIRCLE, half, half)


def caption_of(step: AnyStep, direction: Direction) -> tuple[str, ...]:
    """The title of ``step`` as lines that fit where its shape has them."""
    across, shape = direction == Direction.ACROSS, shape_of(step)
    if shape == Shape.BOX:
        return (fit_text(step.name, BOX - ICON - PADDING, TITLE),)
    if shape == Shape.FORK:
        return () if across else (fit_text(step.name, WORDS_DOWN, SMALL),)
    return _wrapped(step.name, direction)


def label_lines(label: str, direction: Direction) -> tuple[str, ...]:
    return _wrapped(label, direction)


def _wrapped(words: str, direction: Direction) -> tuple[str, ...]:
    narrow, wide = (NARROW, WIDE) if direction == Direction.ACROSS else (WORDS_DOWN, WORDS_DOWN)
    return wrap_text(words, narrow, wide, SMALL)


def label_size(lines: tuple[str, ...], direction: Direction) -> Size:
    """The room of the words on a line: above it across, right of it down."""
    width, height = widest(lines), LINE * len(lines)
    return Size(width + 6, height + 4, 4) if direction == Direction.ACROSS else Size(height, 4, width + 10)


def widest(lines: tuple[str, ...]) -> int:
    return max((text_width(line, SMALL) for line in lines), default=0)


def _box(step: AnyStep, across: bool) -> Size:
    half, chip = BOX_HEIGHT // 2, CHIP_GAP + CHIP if has_chip(step) else 0
    if not across:
        return Size(BOX_HEIGHT + chip, BOX // 2, BOX // 2)
    width = ICON + text_width(step.name, TITLE) + PADDING
    return Size(min(BOX, max(NARROWEST, width)), half, half + chip, grows=True)


def _bar(step: AnyStep, across: bool) -> Size:
    half = BAR_HEIGHT // 2
    if across:
        return Size(BAR, half, half)
    return Size(BAR, half, max(half, half + 10 + widest(caption_of(step, Direction.DOWN))))


def _diamond(step: AnyStep, across: bool) -> Size:
    return _captioned(step, across, DIAMOND)


def _stop(step: AnyStep, across: bool) -> Size:
    return _captioned(step, across, CIRCLE)


def _captioned(step: AnyStep, across: bool, shape: int) -> Size:
    """A shape with its title below it across, right of it down."""
    half = shape // 2
    lines = caption_of(step, Direction.ACROSS if across else Direction.DOWN)
    if not across:
        return Size(shape, half, half + 10 + widest(lines))
    length = max(shape, widest(lines))
    inset = (length - shape) // 2
    return Size(length, half, half + 6 + LINE * len(lines), inset, length - shape - inset)


_SIZES = {Shape.BOX: _box, Shape.DIAMOND: _diamond, Shape.STOP: _stop, Shape.FORK: _bar}
