"""`make histories`: a database as this version leaves it, kept for every later version to go on with.

It holds a finished run of each reference workflow, and one that stops halfway: its worker died. test_histories.py
brings it to the newest version, replays every journal, and finishes what is not over.
"""

import gzip
import shutil
import sqlite3
import tempfile
import tomllib
from contextlib import closing
from pathlib import Path

from tests.bench.apart import ROOT, told_by

HERE = Path(__file__).parent


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="choreo-histories-"))
    try:
        told_by("tests.histories.playing.record", folder=str(folder), **surroundings(folder))
        version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
        (HERE / version).mkdir(exist_ok=True)
        with closing(sqlite3.connect(database(folder))) as connection:
            text = "\n".join(connection.iterdump())
        # No time in the file: the same rows are the same bytes.
        (HERE / version / "database.sql.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    finally:
        shutil.rmtree(folder)


def restore(kept: Path, folder: Path) -> None:
    with closing(sqlite3.connect(database(folder))) as connection:
        connection.executescript(gzip.decompress(kept.read_bytes()).decode())


def database(folder: Path) -> Path:
    return folder / "kept.sqlite3"


def surroundings(folder: Path) -> dict[str, str]:
    return {
        "CHOREO_DATABASE_URL": f"sqlite:///{database(folder)}",
        "CHOREO_APPS": "tests.acme",
        "CHOREO_SQLITE_SYNC": "OFF",
        "ACME_LEDGER": str(folder / "ledger"),
    }


if __name__ == "__main__":
    main()
