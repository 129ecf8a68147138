"""Lines as SVG paths: corners made round, heads at their ends."""

from collections.abc import Sequence

Point = tuple[int, int]  # x, y
RADIUS = 8
HEAD, HEAD_HALF = 7, 4


def straightened(points: Sequence[Point]) -> tuple[Point, ...]:
    """``points`` without those that lie on the way from one to the next."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (
            kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]
        ):
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)


def rounded(points: Sequence[Point]) -> str:
    """A path along ``points`` whose corners are round."""
    path = [f"M{points[0][0]} {points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(RADIUS, _apart(before, corner) // 2, _apart(corner, after) // 2)
        first, last = _towards(corner, before, radius), _towards(corner, after, radius)
        path.append(f"L{first[0]} {first[1]}Q{corner[0]} {corner[1]} {last[0]} {last[1]}")
    path.append(f"L{points[-1][0]} {points[-1][1]}")
    return "".join(path)


def head(points: Sequence[Point]) -> str:
    """The triangle in which a line ends."""
    (x, y), (before_x, before_y) = points[-1], points[-2]
    along = (_sign(x - before_x), _sign(y - before_y))
    base_x, base_y = x - HEAD * along[0], y - HEAD * along[1]
    aside_x, aside_y = HEAD_HALF * along[1], HEAD_HALF * along[0]
    return f"M{x} {y}L{base_x + aside_x} {base_y + aside_y}L{base_x - aside_x} {base_y - aside_y}Z"


def _apart(one: Point, other: Point) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(point: Point, other: Point, far: int) -> Point:
    return point[0] + far * _sign(other[0] - point[0]), point[1] + far * _sign(other[1] - point[1])


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
