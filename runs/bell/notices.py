"""The bell on PostgreSQL: NOTIFY by the ringer, LISTEN on a connection of its own."""

from collections.abc import Sequence

import psycopg
from django.db import connection

from .ringer import CHANNEL, ringer
from .rings import BellLost, Kind, Ring, read


class Notices:
    """A listener. Its connection is outside Django's, so that no request closes it."""

    def __init__(self, kind: Kind) -> None:
        try:
            self.connection = psycopg.connect(**connection.get_connection_params(), autocommit=True)
            self.connection.execute(f"LISTEN {CHANNEL.format(kind)}")
        except psycopg.Error as problem:
            raise BellLost(f"The database does not let us listen: {problem}") from problem

    def fileno(self) -> int:
        return self.connection.fileno()

    def wait(self, timeout: float) -> list[Ring]:
        try:
            heard = list(self.connection.notifies(timeout=max(0.0, timeout), stop_after=1))
        except (psycopg.Error, OSError) as problem:
            raise BellLost(f"The database has gone silent: {problem}") from problem
        return read(notice.payload for notice in heard)

    def close(self) -> None:
        self.connection.close()


def send(rings: Sequence[Ring], *, work: bool) -> None:
    ringer().ask(rings, work=work)
