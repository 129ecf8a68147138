"""W7: what a step costs as finished runs and runs that wait pile up, beside an empty database, turn by turn."""

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from tests.bench.apart import Failed, Side
from tests.bench.places import Places

SEEDING = 600.0  # seconds at most
NAMES = {"W7 finished": False, "W7 waiting": True}


def growth(
    places: Places, *, wanted: Sequence[str], sizes: dict[str, list[int]], **how: Any
) -> Iterator[Any]:
    """The name of a figure, and what came of it."""
    with places.side("empty") as empty:
        empty.ask("tests.bench.measure.start_workers")
        for name in wanted:
            try:
                with places.side(name.split()[1]) as full:
                    yield name, {"stages": stages(empty, full, NAMES[name], sizes[name], **how)}
            except Failed as problem:
                yield name, {"failed": str(problem)}


def stages(empty: Side, full: Side, waiting: bool, sizes: Sequence[int], **how: Any) -> list[dict[str, Any]]:
    found, before = [], 0
    for size in sizes:
        seconds = 0.0
        if size:
            seconds = full.ask(
                "tests.bench.crowd.seed", within=SEEDING, waiting=waiting, first=before, last=size
            )
        full.ask("tests.bench.measure.start_workers")
        found.append({"size": size, "seeding": seconds, **compared(empty, full, **how)})
        full.ask("tests.bench.measure.stop_workers")
        before = size
    return found


def compared(empty: Side, full: Side, *, times: int, **how: int) -> dict[str, Any]:
    """Turn by turn, and each time the other one first, so that whatever else the machine does is shared."""
    pairs = []
    for number in range(times + 1):
        turn = (empty, full) if number % 2 else (full, empty)
        taken = {side is full: side.ask("tests.bench.crowd.cost", **how) for side in turn}
        pairs.append((taken[False], taken[True]))
    del pairs[0]  # it warms both up
    return {
        kind: {
            "empty": statistics.median(before[place] for before, _ in pairs),
            "full": statistics.median(after[place] for _, after in pairs),
            "ratio": statistics.median(after[place] / before[place] for before, after in pairs),
        }
        for place, kind in enumerate(("in_a_row", "side_by_side"))
    }
