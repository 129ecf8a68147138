"""The bell on PostgreSQL: NOTIFY on the connection that has just committed, LISTEN on one of its own."""

import psycopg
from django.db import connection

from .rings import BellLost, Kind, Ring, read, spell

CHANNEL = "choreo_{}"
# So that a listener whose server vanished without a word finds out.
KEEPALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


class Notices:
    """A listener. Its connection is outside Django's, so that no request closes it."""

    def __init__(self, kind: Kind) -> None:
        parameters = connection.get_connection_params()
        try:
            self.connection = psycopg.connect(**{**KEEPALIVE, **parameters}, autocommit=True)
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


def send(ring: Ring | None, *, work: bool) -> None:
    notices = [(CHANNEL.format("runs"), spell(ring))] if ring else []
    notices += [(CHANNEL.format("work"), "")] if work else []
    if not notices:
        return
    with connection.cursor() as cursor:
        calls = ", ".join(["pg_notify(%s, %s)"] * len(notices))
        cursor.execute(f"SELECT {calls}", [part for notice in notices for part in notice])
