"""`make recovery`: a host is lost under load; from its backup, how long until runs go on, and until all are over.

The database is filled to about a gigabyte first, with runs that are over (ARGS="postgres 5000": so many of them).
"""

import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.bench.apart import told_by
from tests.bench.postgres import PROGRAMS, bench_postgres

FILLING = "40000"  # runs


def main() -> None:
    chosen = [given for given in sys.argv[1:] if not given.isdigit()]
    filling = next((given for given in sys.argv[1:] if given.isdigit()), FILLING)
    for database in chosen or ("sqlite", "postgres"):
        folder = Path(tempfile.mkdtemp(prefix="choreo-recovery-"))
        file = nullcontext(f"sqlite:///{folder}/lost.sqlite3")
        try:
            with bench_postgres() if database == "postgres" else file as url:
                tell(database, *play(folder, url, filling))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def play(folder: Path, url: str, filling: str) -> tuple[dict[str, Any], float, dict[str, Any]]:
    """What was lost, how many seconds it took to restore it, and how it went on."""
    backup = folder / "backup"
    surroundings = {
        "CHOREO_APPS": "tests.acme",
        "CHOREO_LOG_LEVEL": "ERROR",
        "ACME_LEDGER": f"{folder}/ledger",
        "CHOREO_TEST_FILLING": filling,
        "CHOREO_TEST_BACKUP": str(backup),
    }
    ours: dict[str, Any] = {"folder": str(folder), **surroundings}
    lost = told_by("tests.reliability.recovered.lose_the_host", CHOREO_DATABASE_URL=url, **ours)
    began = time.monotonic()
    restored = restore(backup, url, folder)
    took = time.monotonic() - began
    return lost, took, told_by("tests.reliability.recovered.go_on", CHOREO_DATABASE_URL=restored, **ours)


def restore(backup: Path, url: str, folder: Path) -> str:
    """The URL of the database that was backed up, as docs/production.md says: on the same kind of disk."""
    if url.startswith("sqlite"):
        shutil.copy(backup, folder / "restored.sqlite3")
        return f"sqlite:///{folder}/restored.sqlite3"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE DATABASE restored")
    place = urlunsplit(urlsplit(url)._replace(path="/restored"))
    subprocess.run([PROGRAMS / "pg_restore", f"--dbname={place}", backup], check=True)
    return place


def tell(database: str, lost: dict[str, Any], restoring: float, found: dict[str, Any]) -> None:
    print(f"{database}: {lost['mb']:.0f} MB, {lost['entries']} journal entries")
    print(
        f"  backed up under load in {lost['backup']:.1f} s to {lost['backup mb']:.0f} MB; restored in {restoring:.1f} s"
    )
    print(
        f"  of {lost['runs']} runs {found['known']} were known, {found['under way']} of them under way; after the start"
        f" of workers the first went on in {found['first']:.1f} s, all were over in {found['all']:.1f} s"
    )
    print(
        f"  from the loss to the first: {restoring + found['first']:.1f} s; {found['effects']} effects,"
        f" {found['again']} of them again under their key; {found['wrong']} ended otherwise than they should,"
        f" {found['broken']} promises broken"
    )


if __name__ == "__main__":
    main()
