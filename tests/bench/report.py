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
from textwrap import fill
from typing import Any

from tests.bench.charts import draw
from tests.bench.figures import DATABASES, FIGURES, THEN, Figure, failures, moved_share
from tests.bench.peers import PEERS

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILE = DOCS / "benchmarks" / "figures.json"
SMALL_FILE = Path(tempfile.gettempdir()) / "choreo-bench" / "figures.json"
BEGIN, END = "<!-- by hand -->", "<!-- until here -->"
BY_HAND = re.compile(rf"{BEGIN}\n(.*?){END}", re.DOTALL)
LIMITS = {
    "appends": ("4 KiB appended to a file and synced", "a second", 5_110, 5_110),
    "overwrites": ("4 KiB written over and synced", "a second", 9_658, 9_658),
    "commits": ("one insert and one update, committed, one client", "a second", *THEN["commits"].values()),
    "datagram": ("waking a process by a Unix datagram", "ms", 0.04, 0.04),
    "notify": ("waking a process by NOTIFY", "ms", None, 0.3),
    "hand_over": ("`SELECT 1` through Django's cursor", "ms", None, 0.09),
    "python": ("`Model.objects.get` without that", "ms", *THEN["python"].values()),
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


def paragraph(words: str, *, hang: str = "") -> Lines:
    """Wrapped as the other pages are. A point of a list hangs."""
    yield from fill(
        words, 118, subsequent_indent=hang, break_on_hyphens=False, break_long_words=False
    ).splitlines()
    if not hang:
        yield ""


def point(words: str) -> Lines:
    yield from paragraph(f"- {words}", hang="  ")


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


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
        " This was **the small plan**, with smaller sizes than the tables name: it only shows that everything works."
        if found["scale"] == "small"
        else ""
    )
    yield from paragraph(
        f"Measured on {found['date']} by `make bench`, at commit {machine['commit'] or 'unknown'}, on a virtual machine"
        f" with {machine['cores']} cores and {machine['memory']} ({machine['model']}, Linux {machine['kernel']}, Python"
        f" {machine['python']}, SQLite {machine['sqlite']}) that shares its processor and its disk with others: read"
        f" every figure with ±30 %.{small} Two worker processes; durability as it comes: SQLite with"
        " `synchronous=FULL`, PostgreSQL with `fsync`. A step of the first workloads does nothing, so that what remains"
        " is what Choreo adds."
    )


def against_the_bar(measured: Any) -> Lines:
    yield "## Against the bar"
    yield ""
    yield "![Each figure as a share of its bar, for SQLite and PostgreSQL.](benchmarks/bars.svg)"
    yield ""
    yield from paragraph(
        "The bar is what was to be reached, *then* what comes after it. *Share* is the figure to the bar, or the bar to"
        " the figure where more is better: up to 1 it is reached. The limit is what the machine itself did in the same"
        " quarter of an hour."
    )
    head = ["", "", "bar", "then"]
    for name in DATABASES.values():
        head += [name, "share", "limit"]
    yield from table(head, [bar_row(figure, measured) for figure in FIGURES])
    yield from as_the_machine_goes(measured)
    yield from what_failed(measured)


def as_the_machine_goes(measured: Any) -> Lines:
    """Beside the bar as this machine would have reached it, of those whose bar hangs on disk or processor."""
    for by, words in (("commits", "A bare commit"), ("python", "Python")):
        shares = [
            f"{name} {figure.name} {share:.2f}"
            for database, name in DATABASES.items()
            for figure in FIGURES
            if figure.goes_by == by
            if (share := moved_share(figure, database, measured.get(database, {}))) is not None
        ]
        if shares:
            yield from paragraph(
                f"{words} took longer or shorter in that hour than when the bars were set. Beside the bars as that"
                f" would have moved them the shares are: {', '.join(shares)}."
            )


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


def what_failed(measured: Any) -> Lines:
    for database, name in DATABASES.items():
        for source, found in measured.get(database, {}).items():
            for words in failures(found):
                yield from paragraph(f"**{name}, {source}: not measured.** {words}")


def beside_others(measured: Any) -> Lines:
    yield "## Beside others"
    yield ""
    yield "![The first four workloads beside ten other systems.](benchmarks/peers.svg)"
    yield ""
    yield from paragraph(
        "The others were measured **on another day, on the same kind of machine**, with the same workloads and each as"
        " durable as one gets it by default. Airflow's third figure is of 20 steps in place of 200. A step that does"
        " nothing outside is repeatable for us, and up to 150 ms of such steps share a commit, which the others do not"
        " do; the rows *with effects* are of steps that say that they do something outside."
    )
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
        head,
        [
            *(our_row(key, measured.get(key, {})) for key in DATABASES),
            *(our_row_with_effects(key, measured.get(key, {})) for key in DATABASES),
            *map(peer_row, PEERS),
        ],
    )


def our_row(database: str, found: dict[str, Any]) -> list[str]:
    cells = our_cells(found, "W1", "W2", "W3", "W4", "memory", "idle")
    server = " + PG" if database == "postgres" else ""
    name = f"**Choreo, {DATABASES[database]}**"
    return [name, "each effect, fsync", *cells[:4], cells[4] + server, cells[5]]


def our_row_with_effects(database: str, found: dict[str, Any]) -> list[str]:
    name = f"Choreo, {DATABASES[database]}, with effects"
    return [name, "each step, fsync", *our_cells(found, "W1 effects", "W2 effects"), "", "", "", ""]


def our_cells(found: dict[str, Any], *names: str) -> list[str]:
    by_name = {figure.name: figure for figure in FIGURES}
    values = [(by_name[name], by_name[name].of(found)) for name in names]
    return [f"**{figure.written(value)}**" if value is not None else "–" for figure, value in values]


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
            cells = [cell for one in (row, beside) for cell in (costs(one), f"{one['ratio']:.2f}")]
            yield [name, f"beside {stage['size']:,} {source.split()[1]} runs", *cells]


def costs(pair: dict[str, float]) -> str:
    return f"{pair['full']:.2f} (empty: {pair['empty']:.2f})"


def at_rest(measured: Any) -> Lines:
    yield "## At rest"
    yield ""
    yield from paragraph(
        "All processes of `manage.py up`, after its start and after 200 runs of 10 steps. Memory is PSS: what several"
        " share counts once. The `shop` is that of the examples; `CHOREO_DEMO=0` goes without."
    )
    rows = [
        row
        for key, name in DATABASES.items()
        for row in rest_rows(name, measured.get(key, {}).get("rest", {}))
    ]
    yield from table(
        ["", "", "processes", "MiB, start", "MiB, runs", "% of a core, start", "% of a core, runs"], rows
    )


def rest_rows(name: str, rest: dict[str, Any]) -> Iterator[list[str]]:
    start, runs = rest.get("start", {}), rest.get("runs", {})
    for kind, part in runs.items():
        if kind in start and kind != "failed":
            words = "PostgreSQL's server" if kind == "PostgreSQL" else f"`{kind}`"
            mib = [f"{one['mib']:.0f}" for one in (start[kind], part)]
            cpu = [f"{one['cpu']:.2f}" for one in (start[kind], part)]
            yield [name, words, f"{part['processes']}", *mib, *cpu]


def limits(measured: Any) -> Lines:
    yield "## What the machine can do"
    yield ""
    yield "Measured in the same run, beside what it did on the day on which the bars were set."
    yield ""
    found = [measured.get(key, {}).get("limits", {}) for key in DATABASES]
    rows = []
    for name, (words, unit, *then) in LIMITS.items():
        cells = [number(one[name]) if name in one else "–" for one in found]
        beside = ["–" if one is None else f"{one:,g}" for one in then]
        rows.append(
            [f"{words}, {unit}", *(cell for pair in zip(cells, beside, strict=True) for cell in pair)]
        )
    yield from table(["", "SQLite", "then", "PostgreSQL", "then"], rows)


def how(found: dict[str, Any]) -> Lines:
    watched: Any = found["databases"].get("sqlite", {}).get("W6", {})
    yield "## How it is measured"
    yield ""
    yield "`make bench` (`tests/bench`), in about a quarter of an hour; `make bench ARGS=small` is a quick look."
    yield ""
    yield from point(
        "Each figure is the median of several, or the one where it is long. Times are those of the journal, and at the"
        " end that of the commit, as the process knows it that has made it (`tests/bench/commits.py`)."
    )
    yield from point(
        "**W2** counts from the first submission to the last commit; one process submits the runs."
    )
    yield from point("**W5**: the service answers each call after a second, however many there are at once.")
    yield from point(
        f"**W6**: {watched.get('browsers', 5)} of the viewers are pages in Chromium, in which a line of the journal is"
        f" seen when it stands in the document. The other {watched.get('sockets', 45)} are sockets that are sent the"
        " same and read it, because so many browsers would measure themselves on two cores; each is somebody else, and"
        " the process that they are of stands back (`nice`) for the site, since they would sit elsewhere. The time of a"
        " journal"
        " entry is taken before its commit, which is counted too. A page is sent news four times a second at"
        f" most.{at_sockets(watched)}"
    )
    yield from point(
        "**W7**, the length: a loop whose rounds are ten steps in a row, so that nothing but the run grows. The runs of"
        " ten steps are made between the longer ones. They are over before it is time for a commit, so that each has"
        " one for its ten steps, and those are the dearer ones."
    )
    yield from point(
        "**W7**, the tables: two databases with workers of their own, one empty and one full, turn by turn; the ratio"
        " is the median of these pairs, of a run of 100 steps and of 50 runs of 10 at once. The table of bars has the"
        " worse of the two. The rows are copies, made by the database, of a run of one step with its step run and"
        " journal; those that wait are half on a timer and half on a signal."
    )
    yield from point(
        "Charts and tables are made of `docs/benchmarks/figures.json` by `python -m tests.bench.report`."
    )
    yield ""


def at_sockets(watched: Any) -> str:
    if "at_sockets" not in watched:
        return ""
    heard, busy = watched["at_sockets"], watched.get("web_cpu")
    return (
        f" On SQLite the sockets had it after {heard['p50']:.0f} ms (p95 {heard['p95']:.0f} ms); {watched['n']:,} of"
        f" {watched['of']:,} lines were drawn, as a page that lags leaves out what is not among the newest."
        + (f" The web server took {busy:.0f} % of a core meanwhile." if busy is not None else "")
    )


def main() -> None:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else DOCS
    print("\n".join(map(str, write(json.loads(file.read_text()), folder))))


if __name__ == "__main__":
    main()
