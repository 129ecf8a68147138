"""docs/benchmarks.md and its charts, from the figures that `make bench` has taken.

`python -m tests.bench.report [FILE] [FOLDER]` writes them anew from a file. What stands between the two marks of the
page is written by hand, and stays.
"""

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.charts import draw
from tests.bench.figures import COMMITS_THEN, DATABASES, FIGURES, Figure, as_commits_go
from tests.bench.peers import PEERS

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILE = DOCS / "benchmarks" / "figures.json"
SMALL_FILE = Path(tempfile.gettempdir()) / "choreo-bench" / "figures.json"
BEGIN, END = "<!-- by hand -->", "<!-- until here -->"
BY_HAND = re.compile(rf"{BEGIN}\n(.*?){END}", re.DOTALL)
LIMITS = {
    "appends": ("4 KiB appended to a file and synced", "a second", 5_110, 5_110),
    "overwrites": ("4 KiB written over and synced", "a second", 9_658, 9_658),
    "commits": ("one insert and one update, committed, one client", "a second", *COMMITS_THEN.values()),
    "datagram": ("waking a process by a Unix datagram", "ms", 0.04, 0.04),
    "notify": ("waking a process by NOTIFY", "ms", None, 0.3),
    "hand_over": ("`SELECT 1` through Django's cursor", "ms", None, 0.09),
}
type Lines = Iterator[str]


def write(found: dict[str, Any], folder: Path) -> list[Path]:
    """The page and its charts, in ``folder``."""
    page = folder / "benchmarks.md"
    by_hand = BY_HAND.search(page.read_text(encoding="utf-8")) if page.exists() else None
    text = "\n".join(written(found, by_hand[1] if by_hand else "Not looked at yet.\n"))
    charts = {folder / "benchmarks" / name: drawn for name, drawn in draw(found["databases"]).items()}
    for path, content in ({page: text} | charts).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return [page, *charts]


def written(found: dict[str, Any], by_hand: str) -> Lines:
    measured = found["databases"]
    yield from introduction(found)
    yield from against_the_bar(measured)
    yield from beside_others(measured)
    yield from growing(measured)
    yield from at_rest(measured)
    yield from limits(measured)
    yield from ["## Where the time goes", "", BEGIN, by_hand.rstrip("\n"), END, ""]
    yield from how(found)


def table(head: list[str], rows: list[list[str]]) -> Lines:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def introduction(found: dict[str, Any]) -> Lines:
    machine = found["machine"]
    yield "# How fast it is"
    yield ""
    yield "<!-- Written by `make bench`; only what stands between the marks further down is written by hand. -->"
    yield ""
    small = (
        " This was **the small plan**, which only shows that everything works."
        if found["scale"] == "small"
        else ""
    )
    yield (
        f"Measured on {found['date']} by `make bench`, at commit {machine['commit'] or 'unknown'}, on a virtual machine"
        f" with {machine['cores']} cores and {machine['memory']} ({machine['model']}, Linux {machine['kernel']}, Python"
        f" {machine['python']}, SQLite {machine['sqlite']}) that shares its processor and its disk with others:"
        f" read every figure with ±30 %.{small} Two worker processes; durability as it comes: SQLite with"
        " `synchronous=FULL`, PostgreSQL with `fsync`. A step of the first workloads does nothing, so that what remains"
        " is what Choreo adds."
    )
    yield ""


def against_the_bar(measured: Any) -> Lines:
    yield "## Against the bar"
    yield ""
    yield "![Each figure as a share of its bar, for SQLite and PostgreSQL.](benchmarks/bars.svg)"
    yield ""
    yield (
        "The bar is what was to be reached, *then* what comes after it; a ratio up to 1 is on the right side of it. "
        "The limit is what the machine itself did in the same quarter of an hour."
    )
    yield ""
    head = ["", "", "bar", "then", *(f"{name} | to the bar | its limit" for name in DATABASES.values())]
    yield from table(head, [bar_row(figure, measured) for figure in FIGURES])
    yield from (
        f"- {name}, {figure.name}: {as_commits_go(figure, database, measured[database]).lstrip(', ')}, that is beside "
        "the bar as this machine would have reached it that hour, by its bare commits."
        for database, name in DATABASES.items()
        for figure in FIGURES
        if as_commits_go(figure, database, measured.get(database, {}))
    )
    yield from failures(measured)
    yield ""


def bar_row(figure: Figure, measured: Any) -> list[str]:
    sign = "≥" if figure.more else "≤"
    aims = [
        f"{sign} {' / '.join(dict.fromkeys(f'{aim:,g}' for aim in aims.values()))}"
        for aims in (figure.bars, figure.then)
    ]
    cells = [f"**{figure.name}** {figure.title}", figure.unit, *aims]
    for database in DATABASES:
        found = measured.get(database, {})
        value, known = figure.of(found), found.get("limits", {"failed": ""})
        if value is None:
            cells += ["–", "–", "–"]
            continue
        share = figure.share(value, figure.bars[database])
        limit = "" if "failed" in known else figure.limit(known)
        cells += [figure.written(value), f"**{share:.2f}**" if share <= 1 else f"{share:.2f}", limit]
    return cells


def failures(measured: Any) -> Lines:
    for database, name in DATABASES.items():
        for source, found in measured.get(database, {}).items():
            if "failed" in found:
                yield f"- {name}, {source}: not measured, {found['failed']}"


def beside_others(measured: Any) -> Lines:
    yield "## Beside others"
    yield ""
    yield "![The first four workloads beside ten other systems.](benchmarks/peers.svg)"
    yield ""
    yield (
        "The others were measured **on another day, on the same kind of machine**, with the same workloads and each as "
        "durable as one gets it by default. Airflow's third figure is of 20 steps in place of 200."
    )
    yield ""
    head = [
        "",
        "durable",
        "W1, ms a step",
        "W2, steps/s",
        "W3, ms",
        "W4, ms",
        "memory, MiB",
        "idle, % of a core",
    ]
    yield from table(
        head, [*(our_row(key, measured.get(key, {})) for key in DATABASES), *map(peer_row, PEERS)]
    )


def our_row(database: str, found: dict[str, Any]) -> list[str]:
    by_name = {figure.name: figure for figure in FIGURES}
    values = [(by_name[name], by_name[name].of(found)) for name in ("W1", "W2", "W3", "W4", "memory", "idle")]
    cells = [f"**{figure.written(value)}**" if value is not None else "–" for figure, value in values]
    server = " + PG" if database == "postgres" else ""
    return [f"**Choreo, {DATABASES[database]}**", "each step, fsync", *cells[:4], cells[4] + server, cells[5]]


def peer_row(peer: Any) -> list[str]:
    values = [f"{value:,g}" if value is not None else "–" for value in (peer.w1, peer.w2, peer.w3, peer.w4)]
    return [peer.name, peer.durable, *values, peer.memory, f"{peer.idle:g}" if peer.idle is not None else "–"]


def growing(measured: Any) -> Lines:
    yield "## As runs and tables grow"
    yield ""
    yield "![What a step costs in longer runs, and beside more finished and waiting runs.](benchmarks/growth.svg)"
    yield ""
    rows = [row for key, name in DATABASES.items() for row in growth_rows(name, measured.get(key, {}))]
    yield from table(["", "", "in a row, ms a step", "ratio", "side by side, ms a step", "ratio"], rows)


def growth_rows(name: str, found: dict[str, Any]) -> Iterator[list[str]]:
    lengths = found.get("W7 length", {})
    for stage in lengths.get("stages", ()):
        ratio = stage["p50"] / lengths["stages"][0]["p50"]
        yield [name, f"a run of {stage['size']:,} steps", f"{stage['p50']:.2f}", f"{ratio:.2f}", "", ""]
    if "last_tenth" in lengths:
        first, last = lengths["first_tenth"], lengths["last_tenth"]
        yield [name, "its last tenth, to its first", f"{last:.2f}", f"{last / first:.2f}", "", ""]
    for source in ("W7 finished", "W7 waiting"):
        for stage in found.get(source, {}).get("stages", ()):
            row, beside = stage["in_a_row"], stage["side_by_side"]
            told = [
                f"{one['full']:.2f} (empty: {one['empty']:.2f}) | {one['ratio']:.2f}" for one in (row, beside)
            ]
            yield [name, f"beside {stage['size']:,} {source.split()[1]} runs", *told]


def at_rest(measured: Any) -> Lines:
    yield "## At rest"
    yield ""
    yield "All processes of `manage.py up`, after its start and after 200 runs of 10 steps."
    yield " Memory is PSS: what is shared counts once."
    yield ""
    rows = []
    for key, name in DATABASES.items():
        rest = measured.get(key, {}).get("rest", {})
        for when, words in (("start", "after the start"), ("runs", "after 200 runs")):
            for kind, part in sorted(rest.get(when, {}).items()):
                if kind != "failed":
                    cells = [f"{part['processes']}", f"{part['mib']:.0f}", f"{part['cpu']:.2f}"]
                    rows.append(
                        [name, words, "PostgreSQL's server" if kind == "PostgreSQL" else f"`{kind}`", *cells]
                    )
    yield from table(["", "", "", "processes", "MiB", "% of a core"], rows)


def limits(measured: Any) -> Lines:
    yield "## What the machine can do"
    yield ""
    yield "Measured in the same run, beside what it did on the day on which the bars were set."
    yield ""
    found = [measured.get(key, {}).get("limits", {}) for key in DATABASES]
    rows = []
    for name, (words, unit, *then) in LIMITS.items():
        cells = [f"{one[name]:,.3g}" if name in one else "–" for one in found]
        beside = ["–" if one is None else f"{one:,g}" for one in then]
        rows.append(
            [f"{words}, {unit}", *(cell for pair in zip(cells, beside, strict=True) for cell in pair)]
        )
    yield from table(["", "SQLite", "then", "PostgreSQL", "then"], rows)


def how(found: dict[str, Any]) -> Lines:
    watched: Any = next(
        (one["W6"] for one in found["databases"].values() if "browsers" in one.get("W6", {})), {}
    )
    yield "## How it is measured"
    yield ""
    yield "`make bench` (`tests/bench`), in about a quarter of an hour; `make bench ARGS=small` is a quick look."
    yield ""
    yield "- Each figure is the median of several, but for those that say otherwise; times are read from the journal."
    yield "- **W2** counts from the first submission to the last end, and its runs are submitted by one process."
    yield "- **W5**: the service answers each call after one second, however many there are at once."
    yield (
        f"- **W6**: {watched.get('browsers', 5)} of the viewers are pages in Chromium, in which a line of the journal"
        f" is seen when it stands in the document; the other {watched.get('sockets', 45)} are sockets that are sent the"
        " same and read it, because so many browsers would measure themselves on two cores. The time of a journal entry"
        " is taken before its commit, so that the commit is counted too. A page is sent news four times a second at"
        " most."
    )
    if watched.get("at_sockets"):
        heard = watched["at_sockets"]
        yield f"  At the sockets: p50 {heard['p50']:.0f} ms, p95 {heard['p95']:.0f} ms (of the first database above)."
    yield (
        "- **W7**, the length: a loop whose rounds are ten steps in a row, so that nothing but the run itself grows."
        " The runs of ten steps are made between the longer ones."
    )
    yield (
        "- **W7**, the tables: two databases with workers of their own, one empty and one full, are measured turn by"
        " turn, and the ratio is the median of these pairs: of a run of 100 steps, and of 50 runs of 10 at once. The"
        " table of bars has the worse of the two. The rows are copies, made by the database, of a run of one step with"
        " its step run and journal; those that wait are half on a timer and half on a signal."
    )
    yield "- Charts and tables are made from `docs/benchmarks/figures.json` by `python -m tests.bench.report`."
    yield ""


def main() -> None:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else DOCS
    print("\n".join(map(str, write(json.loads(file.read_text()), folder))))


if __name__ == "__main__":
    main()
