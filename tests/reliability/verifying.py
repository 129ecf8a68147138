"""`make verifying`: how long `choreo_verify` takes for a database of 100,000 runs, and how much memory, on both."""

import shutil
import sys
import tempfile
from contextlib import nullcontext

from tests.bench.apart import told_by
from tests.bench.postgres import bench_postgres


def main() -> None:
    for database in sys.argv[1:] or ("sqlite", "postgres"):
        folder = tempfile.mkdtemp(prefix="choreo-verify-")
        server = (
            bench_postgres() if database == "postgres" else nullcontext(f"sqlite:///{folder}/many.sqlite3")
        )
        try:
            with server as url:
                settings = {
                    "CHOREO_DATABASE_URL": url,
                    "CHOREO_APPS": "tests.acme",
                    "CHOREO_SQLITE_SYNC": "OFF",
                }
                made = told_by("tests.reliability.many_runs.make", folder=folder, **settings)
                told = told_by("tests.reliability.many_runs.measure", folder=folder, **settings)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"{database:9} {told['said']}")
        print(f"{'':9} at most {told['megabytes']:.0f} MB of memory; made in {made['seconds']:.0f} s")


if __name__ == "__main__":
    main()
