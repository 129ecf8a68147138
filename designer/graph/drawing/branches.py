"""A parallel: its branches one beside the other, between the bars at which it opens and closes."""

from collections.abc import Sequence
from dataclasses import replace

from .picture import BEGIN, END, Shape
from .plan import Drawn, Framed, Placed, Plan, Point
from .sizes import BAR, Size
from .straight import BETWEEN
from .tracks import ARROW, CORNER

FORK_GAP = CORNER + ARROW


def joined(key: str, branches: Sequence[tuple[str, Plan]], bar: Size, opens: Shape = Shape.FORK) -> Plan:
    """``branches`` by the exits that lead to them, in the order of definition.

    The spine runs through the middle one, or between the two. A plan whose lines know their exits needs none.
    """
    spines = _spines([plan.size for _, plan in branches])
    longest = max((plan.size.length for _, plan in branches), default=0)
    close = bar.length + FORK_GAP + longest + FORK_GAP
    placed = [Placed(key, key, opens, 0, 0, bar.length)]
    framed: list[Framed] = []
    drawn: list[Drawn] = []
    for (exit, plan), spine in zip(branches, spines, strict=True):
        moved = plan.moved(bar.length + FORK_GAP, spine)
        placed += moved.placed
        drawn += [_tied(line, key, exit, bar.length, close) for line in moved.drawn]
        framed += moved.framed
    placed.append(Placed(f"{key}-join", key, Shape.JOIN, close, 0, BAR))
    if not branches:
        drawn.append(Drawn(key, f"{key}-join", "", False, False, ((bar.length, 0), (close, 0))))
    sizes = [(plan.size, spine) for (_, plan), spine in zip(branches, spines, strict=True)]
    before = max([bar.before, *(size.before - spine for size, spine in sizes)])
    after = max([bar.after, *(size.after + spine for size, spine in sizes)])
    return Plan(Size(close + BAR, before, after), tuple(placed), tuple(drawn), tuple(framed))


def _spines(sizes: Sequence[Size]) -> list[int]:
    spines: list[int] = []
    for number, size in enumerate(sizes):
        spines.append(spines[-1] + sizes[number - 1].after + BETWEEN + size.before if spines else 0)
    middle = len(spines) // 2
    zero = (
        0 if not spines else spines[middle] if len(spines) % 2 else (spines[middle - 1] + spines[middle]) // 2
    )
    return [spine - zero for spine in spines]


def _tied(line: Drawn, key: str, exit: str, open_: int, close: int) -> Drawn:
    """A line of a branch, led from the bar it opens at and to the one it closes at."""
    if line.source == BEGIN:
        first = line.points[0]
        line = replace(
            line,
            source=key,
            exit=exit or line.exit,
            points=(*_turn(open_, open_ + CORNER, first), *line.points),
        )
    if line.target == END:
        last = line.points[-1]
        end = tuple(reversed(_turn(close, close - ARROW, last)))
        line = replace(line, target=f"{key}-join", points=(*line.points, *end))
    return line


def _turn(bar: int, turn: int, point: Point) -> tuple[Point, ...]:
    """From a bar's middle to the spine of ``point``."""
    return ((bar, 0), (turn, 0), (turn, point[1])) if point[1] else ((bar, 0),)
