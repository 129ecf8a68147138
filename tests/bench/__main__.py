"""`make bench`: the benchmark plan's W1 to W5 on both databases, beside what the machine itself can commit.

W1: one run of 100 steps that do nothing, one after the other; milliseconds a step.
W2: 500 runs of 10 steps, submitted one right after the other; steps a second, from the first to the last end.
W3: one run with 200 branches of one step, and their join; milliseconds.
W4: from the call that accepts a run to its first attempt, on an idle system; milliseconds.
W5: one run of 1,000 calls over HTTP that take a second each; milliseconds.
Each is measured by real workers (`manage.py work`), two processes, with the durability of a default installation.
"""

import shutil
import tempfile
from contextlib import nullcontext
from typing import Any

from tests.bench.apart import told_by
from tests.bench.postgres import bench_postgres

BARS = {
    "sqlite": {"W1": 1.0, "W2": 1_500, "W3": 60, "W4": 8.0, "W5": 5_000},
    "postgres": {"W1": 1.4, "W2": 1_000, "W3": 60, "W4": 8.0, "W5": 5_000},
}
COMMITS = {"sqlite": 6_897, "postgres": 3_205}  # a second, the same bare ones, where the bars were measured


def measure(url: str, folder: str) -> dict[str, Any]:
    settings = {"CHOREO_DATABASE_URL": url, "CHOREO_APPS": "tests.acme", "CHOREO_WORKERS": "2"}
    found: dict[str, Any] = told_by("tests.bench.measure.main", folder=folder, **settings)
    return found


def show(database: str, found: dict[str, Any]) -> None:
    """Each beside its bar, and beside the bar as this machine would reach it in this hour, by its bare commits."""
    pace = found["commits"] / COMMITS[database]
    for name, bar in BARS[database].items():
        value, unit = found[name]["p50"], "steps/s" if name == "W2" else "ms"
        ratio = bar / value if name == "W2" else value / bar
        slower = f"   {ratio * pace:5.2f} x as commits go" if name in ("W1", "W2") else ""
        print(
            f"{database:9} {name}  p50 {value:9,.2f} {unit:8} p95 {found[name]['p95']:9,.2f}   "
            f"{ratio:5.2f} x the bar of {bar:,}{slower}"
        )


def main() -> None:
    for database in ("sqlite", "postgres"):
        folder = tempfile.mkdtemp(prefix="choreo-bench-")
        server = (
            bench_postgres() if database == "postgres" else nullcontext(f"sqlite:///{folder}/bench.sqlite3")
        )
        try:
            with server as url:
                found = measure(url, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"{database:9} bare commits (one insert, one update): {found['commits']:,.0f} a second")
        show(database, found)


if __name__ == "__main__":
    main()
