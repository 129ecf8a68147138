"""`make fanout`: what an item of a map costs as maps grow, and how late timers are, on both databases.

Items: a map of 100, 1,000 and 10,000 items whose body is one step that does nothing, 20 at once; milliseconds an item.
Timers: 200 runs that wait a few seconds each, all at once; how long after its moment each goes on.
Measured by real workers (`manage.py work`), as `make bench` is.
"""

import shutil
import tempfile
from contextlib import nullcontext

from tests.bench.apart import told_by
from tests.bench.postgres import bench_postgres


def main() -> None:
    for database in ("sqlite", "postgres"):
        folder = tempfile.mkdtemp(prefix="choreo-bench-")
        own = nullcontext(f"sqlite:///{folder}/bench.sqlite3")
        try:
            with bench_postgres() if database == "postgres" else own as url:
                settings = {
                    "CHOREO_DATABASE_URL": url,
                    "CHOREO_APPS": "tests.acme,tests.bench",
                    "CHOREO_WORKERS": "2",
                }
                told = told_by("tests.bench.wide.main", folder=folder, **settings)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        for size, cost in told["items"].items():
            print(f"{database:9} map of {int(size):6,} items: {cost:6.2f} ms an item")
        first, p50, p95 = (told["timers"][name] for name in ("first", "p50", "p95"))
        print(f"{database:9} timers: first {first:.3f} s after its moment, p50 {p50:.3f} s, p95 {p95:.3f} s")


if __name__ == "__main__":
    main()
