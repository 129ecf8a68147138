"""`make bench`: the benchmark plan's W1 to W7 on both databases, what a site costs at rest, and the machine's limits.

W1: one run of 100 steps that do nothing, one after the other; milliseconds a step. They do nothing outside either, so
    they share commits; *effects* are steps that say that they do something there, and have a commit each.
W2: 500 runs of 10 steps, submitted one right after the other; steps a second, until the last commit.
W3: one run with 200 branches of one step, and their join; milliseconds. And a map of 10,000 items; seconds.
W4: from the call that accepts a run to its first attempt, on an idle system; milliseconds.
W5: one run of 1,000 calls over HTTP that take a second each; seconds.
W6: from a commit to the documents of those who watch the run, 50 of them; milliseconds.
W7: what a step costs in ever longer runs, and beside ever more finished or waiting ones, to what it costs without.
Rest: the processor time and the memory of all processes of `up`.

Measured by real workers, two processes, with the durability of a default installation. Each figure stands for itself:
one that fails says so, and the others go on. `ARGS="small"` is a quick look, `ARGS="--only W1,W6 --on sqlite"` takes
some and leaves the other figures of the file as they were. Figures go to a file, and from there, when all of them
were taken in full, to docs/benchmarks.md (`tests.bench.report`).
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import report
from tests.bench.apart import Failed, Side
from tests.bench.figures import shown
from tests.bench.growth import growth
from tests.bench.machine import machine
from tests.bench.places import Places, places

DATABASES = ("sqlite", "postgres")
MEASURE = "tests.bench.measure"
# What measures it, and with what in the full plan; and in the small one, where that is less.
PLAN: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "limits": ("tests.bench.limits.limits", {}, {}),
    "W1": (f"{MEASURE}.in_a_row", {"steps": 100, "times": 9}, {"times": 3}),
    "W1 effects": (f"{MEASURE}.in_a_row", {"steps": 100, "times": 5, "does": "acme.mark"}, {"times": 2}),
    "W2": (f"{MEASURE}.side_by_side", {"runs": 500, "steps": 10, "times": 3}, {"runs": 100, "times": 1}),
    "W2 effects": (
        f"{MEASURE}.side_by_side",
        {"runs": 500, "steps": 10, "times": 1, "does": "acme.mark"},
        {"runs": 100},
    ),
    "W3": (f"{MEASURE}.spread_out", {"branches": 200, "times": 5}, {"times": 1}),
    "W3 items": (
        f"{MEASURE}.items",
        {"small": 100, "large": 10_000, "times": 1, "within": 400},
        {"large": 1_000},
    ),
    "W4": (f"{MEASURE}.to_start", {"times": 40}, {"times": 10}),
    "W5": (f"{MEASURE}.calls", {"count": 1_000, "times": 3}, {"count": 200, "times": 1}),
    "W7 length": (
        f"{MEASURE}.lengths",
        {"sizes": [10, 100, 1_000, 10_000], "times": 10, "within": 400},
        {"sizes": [10, 100, 1_000], "times": 2},
    ),
}
GROWTH: dict[str, dict[str, Any]] = {
    "full": {
        "sizes": {"W7 finished": [0, 100_000, 1_000_000], "W7 waiting": [0, 10_000, 100_000]},
        **{"times": 7, "steps": 100, "runs": 50, "length": 10},
    },
    "small": {
        "sizes": {"W7 finished": [0, 10_000], "W7 waiting": [0, 1_000]},
        **{"times": 2, "steps": 50, "runs": 20, "length": 10},
    },
}
SITE = {
    "full": {"seconds": 30, "runs": 200, "viewers": 50, "browsers": 1},
    "small": {"seconds": 5, "runs": 20, "viewers": 20, "browsers": 2},
}
NAMES = (*PLAN, *GROWTH["full"]["sizes"], "rest", "W6")
type Found = Iterator[tuple[str, Any]]


def of_workers(where: Places, scale: str, wanted: Sequence[str]) -> Found:
    def measured(side: Side, name: str) -> Any:
        call, full, small = PLAN[name]
        return tried(side, call, full | (small if scale == "small" else {}))

    return one_by_one(lambda: where.side("steps"), "tests.bench.measure.start_workers", wanted, measured)


def of_growth(where: Places, scale: str, wanted: Sequence[str]) -> Found:
    return growth(where, wanted=wanted, **GROWTH[scale])


def of_site(where: Places, scale: str, wanted: Sequence[str]) -> Found:
    how, server = SITE[scale], next((one.pid for one in where.server()), None)
    watch = {"viewers": how["viewers"], "browsers": how["browsers"]}
    still = {"seconds": how["seconds"], "server": server}

    def opened() -> AbstractContextManager[Side]:
        # Playwright's loop runs in the thread that also asks the database.
        ours = {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
        return where.on(where.copy("site"), where.data("site/data"), **ours)

    def measured(side: Side, name: str) -> Any:
        if name == "W6":
            return tried(side, "tests.bench.site.watching", watch)
        at_start = tried(side, "tests.bench.site.rest", still)
        tried(side, "tests.bench.site.play", {"runs": how["runs"]})
        return {"start": at_start, "runs": tried(side, "tests.bench.site.rest", still)}

    return one_by_one(opened, "tests.bench.site.start_up", wanted, measured)


def one_by_one(
    opened: Callable[[], AbstractContextManager[Side]],
    begin: str,
    wanted: Sequence[str],
    measured: Callable[[Side, str], Any],
) -> Found:
    """In one process; where one of them takes it down, the others are measured in another."""
    left = [*wanted]
    while left:
        with opened() as side:
            side.ask(begin)
            while left and side.lives:
                name = left.pop(0)
                yield name, measured(side, name)


GROUPS = (
    (tuple(PLAN), of_workers),
    (tuple(GROWTH["full"]["sizes"]), of_growth),
    (("rest", "W6"), of_site),
)


def tried(side: Side, call: str, arguments: dict[str, Any]) -> Any:
    try:
        return side.ask(call, **arguments)
    except Failed as problem:
        return {"failed": str(problem)}


def taken(where: Places, scale: str, only: Sequence[str]) -> Found:
    """Every figure, as soon as it is there. What a whole group fails by is said of each that it has not got."""
    for names, take in GROUPS:
        left = [name for name in names if name in only]
        try:
            for name, found in take(where, scale, tuple(left)) if left else ():
                left.remove(name)
                yield name, found
        except Exception as problem:
            yield from ((name, {"failed": str(problem)}) for name in left)


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("scale", nargs="?", choices=("full", "small"), default="full")
    parser.add_argument("--on", default=",".join(DATABASES), help="sqlite, postgres, or both with a comma")
    parser.add_argument("--only", default=",".join(NAMES), help=", ".join(NAMES))
    parser.add_argument(
        "--file", type=Path, help="where figures go; for the full plan docs/benchmarks/figures.json"
    )
    return parser.parse_args()


def main() -> None:
    how = asked()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and folders are put away
    file: Path = how.file or (report.FILE if how.scale == "full" else report.SMALL_FILE)
    found = read_or_new(file, how.scale)
    began = time.time()
    for database in how.on.split(","):
        into = found["databases"].setdefault(database, {})
        try:
            with places(database) as where:
                for name, figure in taken(where, how.scale, how.only.split(",")):
                    into[name] = figure
                    note(file, found)
                    print(
                        f"{time.time() - began:5.0f} s  " + "\n         ".join(shown(database, name, into)),
                        flush=True,
                    )
        except Exception as problem:
            print(f"{database}: {type(problem).__name__}: {problem}. What is there so far is kept.")
    pages = report.write(found, report.DOCS if file == report.FILE else file.parent)
    print(f"{time.time() - began:5.0f} s  in {file}, shown in {', '.join(map(str, pages))}")


def read_or_new(file: Path, scale: str) -> dict[str, Any]:
    known = json.loads(file.read_text()) if file.exists() else {}
    kept = known.get("databases", {}) if known.get("scale") == scale else {}
    return {
        "scale": scale,
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "databases": kept,
    }


def note(file: Path, found: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
