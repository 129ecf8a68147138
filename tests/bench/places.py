"""Databases for measurements: each is a copy of an empty one whose tables were made once."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from tests.bench.apart import Side, a_side
from tests.bench.postgres import bench_postgres

WORKERS = "2"


class Places:
    """Where one kind of database makes its copies, and the folder that all of it lies in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def data(self, name: str) -> Path:
        """A data folder of its own."""
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def url(self, name: str) -> str:
        raise AssertionError

    def copy(self, name: str) -> str:
        """The URL of a new one, empty but for its tables."""
        raise AssertionError

    def server(self) -> list[psutil.Process]:
        """The processes of its server, if it has one."""
        return []

    @contextmanager
    def side(self, name: str, **settings: str) -> Iterator[Side]:
        """A process that works on a new copy."""
        with self.on(self.copy(name), self.data(name), **settings) as side:
            yield side

    @contextmanager
    def on(self, url: str, folder: Path, **settings: str) -> Iterator[Side]:
        ours = {
            "CHOREO_DATABASE_URL": url,
            "CHOREO_APPS": "tests.acme,tests.bench",
            "CHOREO_WORKERS": WORKERS,
        }
        with a_side(str(folder), **ours | settings) as side:
            yield side

    def prepare(self) -> None:
        with self.on(self.url("base"), self.data("base")) as side:
            side.ask("tests.bench.places.make_tables")


class SqlitePlaces(Places):
    def url(self, name: str) -> str:
        return f"sqlite:///{self.data(name)}/choreo.sqlite3"

    def copy(self, name: str) -> str:
        for left in self.data(name).glob("choreo.sqlite3*"):
            left.unlink()
        shutil.copy(self.data("base") / "choreo.sqlite3", self.data(name) / "choreo.sqlite3")
        return self.url(name)


class PostgresPlaces(Places):
    def __init__(self, folder: Path, server: str) -> None:
        super().__init__(folder)
        self.root = server
        self._tell(sql.SQL("CREATE DATABASE base"))

    def url(self, name: str) -> str:
        return urlunsplit(urlsplit(self.root)._replace(path=f"/{name}"))

    def copy(self, name: str) -> str:
        self._tell(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._tell(sql.SQL("CREATE DATABASE {} TEMPLATE base").format(sql.Identifier(name)))
        return self.url(name)

    def server(self) -> list[psutil.Process]:
        with psycopg.connect(self.root) as connection:
            mine = psutil.Process(connection.info.backend_pid)
            postmaster = mine.parent()
            assert postmaster is not None
            return [postmaster, *(one for one in postmaster.children() if one != mine)]

    def _tell(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(self.root, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def places(database: str) -> Iterator[Places]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="choreo-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        found: Places = SqlitePlaces(folder)
        if database == "postgres":
            found = PostgresPlaces(folder, stack.enter_context(bench_postgres()))
        found.prepare()
        yield found


def make_tables() -> None:
    call_command("migrate", verbosity=0)
    connections.close_all()
