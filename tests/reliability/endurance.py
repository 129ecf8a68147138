"""`make endurance`: workers at a steady load for ten minutes: their memory, what is left over, how late they are.

`ARGS="240 postgres"` is four hours on PostgreSQL. All twelve reference workflows take turns. With CHOREO_TEST_RATE=16,
starts a second, instead of 2, half an hour has as many runs.
"""

import os
import shutil
import sys
import tempfile
from contextlib import nullcontext

from tests.bench.apart import told_by
from tests.bench.postgres import bench_postgres


def main() -> None:
    minutes, *databases = sys.argv[1:] or ["10"]
    rate = os.environ.get("CHOREO_TEST_RATE", "2")
    for database in databases or ("sqlite", "postgres"):
        folder = tempfile.mkdtemp(prefix="choreo-endurance-")
        file = nullcontext(f"sqlite:///{folder}/long.sqlite3")
        try:
            with bench_postgres() if database == "postgres" else file as url:
                surroundings = {
                    "CHOREO_DATABASE_URL": url,
                    "CHOREO_APPS": "tests.acme",
                    "ACME_LEDGER": f"{folder}/ledger",
                    "CHOREO_TEST_MINUTES": minutes,
                    "CHOREO_TEST_RATE": rate,
                }
                told = told_by("tests.reliability.steady_load.measure", folder=folder, **surroundings)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"{database}, {minutes} minutes, {rate} starts a second")
        for line in told:
            print(f"  {line}")


if __name__ == "__main__":
    main()
