"""`make pages`: what each list costs the server with 100,000 runs in the database, on both databases.

Milliseconds from the request to the last byte, in one process, the median of several; and how many queries it took.
"""

import shutil
import sys
import tempfile
from contextlib import nullcontext
from typing import Any

from tests.bench.apart import told_by
from tests.bench.postgres import bench_postgres


def run_on(url: str, folder: str) -> dict[str, Any]:
    settings = {
        "CHOREO_DATABASE_URL": url,
        "CHOREO_APPS": "tests.acme",
        "CHOREO_PLAIN_STATIC": "1",
        "CHOREO_SQLITE_SYNC": "OFF",
    }
    found: dict[str, Any] = told_by("tests.bench.page_times.measure", folder=folder, **settings)
    return found


def main() -> None:
    for database in sys.argv[1:] or ("sqlite", "postgres"):
        folder = tempfile.mkdtemp(prefix="choreo-pages-")
        server = (
            bench_postgres() if database == "postgres" else nullcontext(f"sqlite:///{folder}/pages.sqlite3")
        )
        try:
            with server as url:
                found = run_on(url, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        for name, (milliseconds, queries) in found.items():
            print(f"{database:9} {name:18} {milliseconds:8.1f} ms   {queries:3} queries")


if __name__ == "__main__":
    main()
