"""The charts of docs/benchmarks.md, each from the same figures as its tables."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.bench.drawing import dot, line, on_log, path, picture, rectangle, text
from tests.bench.figures import DATABASES, FIGURES, Figure
from tests.bench.peers import PEERS

WIDTH = 860
type Measured = dict[str, dict[str, Any]]


def draw(measured: Measured) -> dict[str, str]:
    """By file name."""
    return {"bars.svg": bars(measured), "peers.svg": peers(measured), "growth.svg": growth(measured)}


def legend(x: float, y: float) -> Iterator[str]:
    for number, (key, name) in enumerate(DATABASES.items()):
        yield dot(x + number * 80, y - 4, key)
        yield text(x + 9 + number * 80, y, name)


# --- each figure beside its bar ------------------------------------------------------------------------------

ROW, LABELS, SCALE = 27, 345, 300
LOW, HIGH = 0.1, 10.0
TICKS = (0.1, 0.3, 3, 10)


def bars(measured: Measured) -> str:
    top, bottom = 62, 62 + ROW * len(FIGURES)
    at_bar = LABELS + on_log(1, LOW, HIGH, SCALE)
    shapes = [
        text(20, 28, "Each figure, as a share of its bar", "strong"),
        *legend(WIDTH - 190, 28),
        *(text(LABELS + on_log(at, LOW, HIGH, SCALE), 50, f"{at:g} ×", "soft small middle") for at in TICKS),
        text(at_bar, 50, "the bar", "aim small middle"),
        text(WIDTH - 100, 50, "SQLite", "soft small end"),
        text(WIDTH - 20, 50, "PostgreSQL", "soft small end"),
        line(at_bar, top - 6, at_bar, bottom, "aim"),
        *(shape for row, figure in enumerate(FIGURES) for shape in bar_row(figure, top + row * ROW, measured)),
        text(20, bottom + 24, "Left of the line is reached. The small mark is what comes after the bar. The scale is "
             "logarithmic.", "soft small"),
    ]  # fmt: skip
    return picture(WIDTH, bottom + 40, "Each figure beside its bar", shapes)


def bar_row(figure: Figure, y: float, measured: Measured) -> Iterator[str]:
    middle = y + ROW / 2
    yield text(20, middle + 4, f"{figure.title}, {figure.unit}")
    yield line(LABELS, middle, LABELS + SCALE, middle)
    for number, database in enumerate(DATABASES):
        then = figure.share(figure.then[database], figure.bars[database])
        at_then = LABELS + on_log(then, LOW, HIGH, SCALE)
        yield line(at_then, middle - 5, at_then, middle + 5, "aim")
        value = figure.of(measured.get(database, {}))
        right = WIDTH - 100 + 80 * number
        if value is None:
            yield text(right, middle + 4, "–", "soft end")
        else:
            share = figure.share(value, figure.bars[database]) if value else LOW
            yield dot(LABELS + on_log(share, LOW, HIGH, SCALE), middle, database)
            yield text(right, middle + 4, figure.written(value), "end strong" if share <= 1 else "end")


# --- beside others -------------------------------------------------------------------------------------------

PANELS = (("W1", "w1"), ("W2", "w2"), ("W3", "w3"), ("W4", "w4"))
NAMES, BARS, LINE = 160, 170, 19


def peers(measured: Measured) -> str:
    by_name = {figure.name: figure for figure in FIGURES}
    high = LINE * (len(PEERS) + len(DATABASES)) + 52
    shapes = [text(20, 28, "Beside others, the best first; bars are logarithmic", "strong")]
    for number, (name, field) in enumerate(PANELS):
        across, down = number % 2 * 420, 40 + number // 2 * high
        shapes += panel(by_name[name], ranked(by_name[name], field, measured), 20 + across, down)
    return picture(WIDTH, 2 * high + 50, "What others reach on the same kind of machine", shapes)


def ranked(figure: Figure, field: str, measured: Measured) -> list[tuple[str, float, str]]:
    theirs = [(peer.name, getattr(peer, field), "other") for peer in PEERS]
    ours = [(f"Choreo, {name}", figure.of(measured.get(key, {})), key) for key, name in DATABASES.items()]
    known = [(name, value, look) for name, value, look in ours + theirs if value]
    return sorted(known, key=lambda one: one[1], reverse=figure.more)


def panel(figure: Figure, ranking: Sequence[tuple[str, float, str]], x: float, y: float) -> Iterator[str]:
    yield text(x, y + 18, figure.title, "strong")
    yield text(x + NAMES + BARS + 60, y + 18, figure.unit, "soft small end")
    values = [value for _, value, _ in ranking]
    low, high = min(values) / 2, max(values)
    for row, (name, value, look) in enumerate(ranking):
        top = y + 28 + row * LINE
        yield text(x, top + 12, name, "strong" if look != "other" else "soft")
        width = on_log(value, low, high, BARS)
        yield rectangle(x + NAMES, top + 3, width, LINE - 7, look)
        yield text(
            x + NAMES + width + 6, top + 12, f"{value:,.3g}" if value < 100 else f"{value:,.0f}", "small"
        )


# --- as runs and tables grow ---------------------------------------------------------------------------------

GROWING = (
    ("W7 length", "Steps in the run"),
    ("W7 finished", "Finished runs"),
    ("W7 waiting", "Runs that wait"),
)
WIDE, TALL, LOWEST = 220, 170, 0.6


def growth(measured: Measured) -> str:
    shapes = [
        text(20, 28, "What a step costs, to what it costs at the beginning", "strong"),
        *legend(WIDTH - 190, 28),
    ]
    for number, (source, title) in enumerate(GROWING):
        curves = {key: curve(source, measured.get(key, {}).get(source)) for key in DATABASES}
        shapes += plot(
            title, {key: points for key, points in curves.items() if points}, 50 + number * 275, 80
        )
    return picture(WIDTH, 80 + TALL + 52, "What a step costs as runs and tables grow", shapes)


def curve(source: str, found: Any) -> list[tuple[int, float]]:
    """Sizes and ratios. Of two ways of measuring it is the worse one."""
    if not found or "failed" in found:
        return []
    stages = found["stages"]
    if source == "W7 length":
        return [(stage["size"], stage["p50"] / stages[0]["p50"]) for stage in stages]
    return [
        (stage["size"], max(stage[way]["ratio"] for way in ("in_a_row", "side_by_side"))) for stage in stages
    ]


def plot(title: str, curves: dict[str, list[tuple[int, float]]], x: float, y: float) -> Iterator[str]:
    sizes = sorted({size for points in curves.values() for size, _ in points})
    highest = max([1.4, *(ratio * 1.1 for points in curves.values() for _, ratio in points)])

    def place(size: int, ratio: float) -> tuple[float, float]:
        across = sizes.index(size) / max(len(sizes) - 1, 1) * WIDE
        return x + across, y + TALL - (max(ratio, LOWEST) - LOWEST) / (highest - LOWEST) * TALL

    yield text(x, y - 14, title, "strong")
    for ratio, look in ((LOWEST, ""), (1.0, ""), (1.2, "aim dashed")):
        _, level = place(sizes[0], ratio) if sizes else (x, y)
        yield line(x, level, x + WIDE, level, look)
        yield text(x - 8, level + 4, f"{ratio:g}", "soft small end")
    for size in sizes:
        yield text(place(size, 1)[0], y + TALL + 20, shortened(size), "soft small middle")
    for database, points in curves.items():
        yield path((place(*point) for point in points), database)
        for point in points:
            yield dot(*place(*point), database)
        at_end = x + WIDE - 40 * (database == "sqlite")
        yield text(at_end, y - 14, f"{points[-1][1]:.2f}", f"strong end {database}-words")


def shortened(size: int) -> str:
    return f"{size // 10**6} million" if size >= 10**6 else f"{size:,}"
