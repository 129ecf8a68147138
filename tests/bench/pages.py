"""`make pages`: what each list costs the server with 100,000 runs in the database, on both databases.

Milliseconds from the request to the last byte, in one process, the median of several; and how many queries it took.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from tests.bench.postgres import bench_postgres

ROOT = Path(__file__).resolve().parents[2]


def run_on(url: str, folder: str) -> dict[str, Any]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CHOREO_")},
        "DJANGO_SETTINGS_MODULE": "choreo_site.settings",
        "CHOREO_DATA_DIR": folder,
        "CHOREO_DATABASE_URL": url,
        "CHOREO_APPS": "tests.acme",
        "CHOREO_PLAIN_STATIC": "1",
        "CHOREO_SQLITE_SYNC": "OFF",
    }
    begin = "import django; django.setup(); from tests.bench import page_times; page_times.measure()"
    printed = subprocess.run(
        [sys.executable, "-c", begin],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(printed.stdout.splitlines()[-1])
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
