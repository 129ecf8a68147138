"""`make bench`: W1 and W4 of the benchmark plan on both databases, beside what the machine itself can commit.

W1: one run of 100 steps that do nothing, one after the other; milliseconds a step.
W4: from the call that accepts a run to its first attempt, on an idle system; milliseconds.
Each is measured by real workers (`manage.py work`), with the durability that a default installation has.
"""

import shutil
import tempfile
from contextlib import nullcontext
from typing import Any

from tests.bench.apart import told_by
from tests.bench.postgres import bench_postgres

BARS = {"sqlite": {"W1": 1.0, "W4": 8.0}, "postgres": {"W1": 1.4, "W4": 8.0}}
COMMITS = {"sqlite": 6_897, "postgres": 3_205}  # a second, the same bare ones, where the bars were measured


def measure(url: str, folder: str) -> dict[str, Any]:
    settings = {"CHOREO_DATABASE_URL": url, "CHOREO_APPS": "tests.acme", "CHOREO_WORKERS": "2"}
    found: dict[str, Any] = told_by("tests.bench.measure.main", folder=folder, **settings)
    return found


def show(database: str, found: dict[str, Any]) -> None:
    commit = 1000 / found["commits"]
    for name, value in (("W1", found["W1"]), ("W4", found["W4"])):
        bar = BARS[database][name]
        commits, wanted = value["p50"] / commit, bar * COMMITS[database] / 1000
        print(
            f"{database:9} {name}  p50 {value['p50']:7.2f} ms   p95 {value['p95']:7.2f} ms   "
            f"{value['p50'] / bar:5.2f} x the bar of {bar} ms   "
            f"{commits:5.1f} bare commits, {commits / wanted:5.2f} x the bar of {wanted:.1f}"
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
