"""What each figure is, and what was aimed at: the bar, and what comes after it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
# Of the machine where the bars were set: commits a second, and milliseconds that Python takes for `Model.objects.get`.
THEN = {"commits": {"sqlite": 6_897, "postgres": 3_205}, "python": {"sqlite": 0.27, "postgres": 0.27}}
type Found = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    name: str
    title: str
    unit: str
    source: str  # under which it was measured
    value: Callable[[Any], float]
    bars: dict[str, float]
    then: dict[str, float]
    limit: Callable[[Found], str] = lambda limits: ""
    more: bool = False  # whether more is better
    goes_by: str = ""  # what moves the bar on another machine: its "commits", or its "python"
    digits: int = 0

    def of(self, found: Found) -> float | None:
        """None where it was not measured."""
        measured = found.get(self.source)
        if measured is None or "failed" in measured:
            return None
        try:
            return self.value(measured)
        except (KeyError, TypeError):
            return None  # a part of it has failed

    def share(self, value: float, aim: float) -> float:
        """Of the aim: up to 1 it is reached."""
        return aim / value if self.more else value / aim

    def written(self, value: float) -> str:
        return f"{value:,.{self.digits}f}"


def both(value: float, postgres: float | None = None) -> dict[str, float]:
    return {"sqlite": value, "postgres": value if postgres is None else postgres}


def median(found: Found) -> float:
    return float(found["p50"])


def p95(found: Found) -> float:
    return float(found["p95"])


def worst(found: Found) -> float:
    """Of the two ways of measuring, at the largest size."""
    last = found["stages"][-1]
    return float(max(last[way]["ratio"] for way in ("in_a_row", "side_by_side")))


def longest(found: Found) -> float:
    """The longest run against the shortest."""
    return float(found["stages"][-1]["p50"] / found["stages"][0]["p50"])


def summed(measured: str) -> Callable[[Found], float]:
    """Of all processes of `up`, after its runs; the database's server is not one of them."""
    return lambda found: sum(part[measured] for name, part in found["runs"].items() if name != "PostgreSQL")


def a_commit(limits: Found) -> str:
    return f"a commit {1000 / limits['commits']:.2f} ms"


def python(limits: Found) -> str:
    return f"a get by the ORM {limits['python']:.2f} ms of Python" if "python" in limits else ""


def commits(limits: Found) -> str:
    return f"{limits['commits']:,.0f} commits/s"


def waking(limits: Found) -> str:
    """How the bell rings on that database."""
    return f"waking a process {limits.get('notify', limits['datagram']):.2f} ms"


FIGURES = (
    Figure("W1", "One run of 100 steps in a row", "ms a step", "W1", median,
           both(1.0, 1.4), both(0.5, 0.8), a_commit, goes_by="commits", digits=2),
    Figure("W1 effects", "The same, of steps with an effect, each its own commit", "ms a step", "W1 effects", median,
           both(1.0, 1.4), both(0.5, 0.8), a_commit, goes_by="commits", digits=2),
    Figure("W2", "500 runs of 10 steps at once", "steps/s", "W2", median,
           both(1_500, 1_000), both(4_000), commits, more=True, goes_by="commits"),
    Figure("W2 effects", "The same, of steps with an effect, each its own commit", "steps/s", "W2 effects", median,
           both(1_500, 1_000), both(4_000), commits, more=True, goes_by="commits"),
    Figure("W3", "200 branches and their join", "ms", "W3", median, both(60), both(30), python, goes_by="python"),
    Figure("W3 items", "A map of 10,000 items", "s", "W3 items", median, both(10), both(4), commits, digits=1),
    Figure("W4", "From submitting to the first step, idle", "ms", "W4", median, both(8), both(4), python,
           goes_by="python", digits=1),
    Figure("W4 p95", "The same, p95", "ms", "W4", p95, both(25), both(10), python, goes_by="python",
           digits=1),
    Figure("W5", "1,000 calls of 1 s on 2 workers", "s", "W5", median, both(5), both(2),
           lambda _: "one call 1 s", digits=1),
    Figure("W6", "Commit to document, 50 viewers, p95", "ms", "W6", p95, both(250), both(100), waking),
    Figure("W7 length", "A step of a run of 10,000, to one of 10", "×", "W7 length", longest,
           both(1.2), both(1.05), lambda _: "1", digits=2),
    Figure("W7 finished", "A step beside 1,000,000 finished runs, to none", "×", "W7 finished", worst,
           both(1.2), both(1.05), lambda _: "1", digits=2),
    Figure("W7 waiting", "A step beside 100,000 waiting runs, to none", "×", "W7 waiting", worst,
           both(1.2), both(1.05), lambda _: "1", digits=2),
    Figure("idle", "Processor time at rest", "% of a core", "rest", summed("cpu"),
           both(2), both(0.5), digits=2),
    Figure("memory", "Memory of all processes (PSS)", "MiB", "rest", summed("mib"), both(350), both(250)),
)  # fmt: skip


def failures(measured: Found) -> list[str]:
    """What was said of it, or of a part of it, that failed."""
    parts = [measured, *(part for part in measured.values() if isinstance(part, dict))]
    return [part["failed"] for part in parts if "failed" in part]


def shown(database: str, source: str, found: Found) -> Iterator[str]:
    """The lines of a terminal about what was just measured, beside its bars."""
    measured = found[source]
    yield from (f"{database:9} {source} FAILED: {words}" for words in failures(measured))
    if source == "limits" and "failed" not in measured:
        yield f"{database:9} " + ", ".join(f"{name} {value:,.3g}" for name, value in measured.items())
    for figure in FIGURES:
        if figure.source == source and (value := figure.of(found)) is not None:
            bar = figure.bars[database]
            yield (
                f"{database:9} {figure.name:11} {figure.written(value):>9} {figure.unit:12}"
                f"{figure.share(value, bar):6.2f} x the bar of {bar:,g}{as_the_machine_goes(figure, database, found)}"
            )


def moved_share(figure: Figure, database: str, found: Found) -> float | None:
    """The share of the bar as it would be on this machine in this hour, by its bare commits or by its Python."""
    value, limit = figure.of(found), (found.get("limits") or {}).get(figure.goes_by)
    if value is None or limit is None:
        return None
    slower = THEN[figure.goes_by][database] / limit
    return figure.share(value, figure.bars[database]) * (slower if figure.goes_by == "python" else 1 / slower)


def as_the_machine_goes(figure: Figure, database: str, found: Found) -> str:
    share = moved_share(figure, database, found)
    return "" if share is None else f", {share:.2f} x as {figure.goes_by} goes"
