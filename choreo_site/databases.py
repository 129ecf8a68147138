"""A database URL becomes Django's dictionary: SQLite for one machine, PostgreSQL for more."""

from pathlib import Path
from typing import Any
from urllib.parse import ParseResult, parse_qsl, unquote, urlparse

from django.core.exceptions import ImproperlyConfigured

WANTED = "sqlite:///path/to/file.sqlite3 or postgresql://user:password@host:5432/name"
# These parts of a PostgreSQL URL may also stand behind the question mark, as libpq allows.
PLACES = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}

# A host that is cut off says no good-bye. Each side must find out within a lease, the server above all: else what
# the host was about to commit stays locked for hours, and every other host waits behind it (docs/scaling.md).
# The last ends what was stopped in the middle of a transaction while its host lives. A URL may say otherwise.
ON_SERVER = {
    "tcp_keepalives_idle": "5s",
    "tcp_keepalives_interval": "2s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10s",
    "idle_in_transaction_session_timeout": "20s",
}
LOST_CONNECTIONS = {
    "connect_timeout": "3",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "options": " ".join(f"-c {name}={value}" for name, value in ON_SERVER.items()),
}


def database_from_url(url: str, *, sqlite_sync: str = "FULL") -> dict[str, Any]:
    """The DATABASES entry for a URL. Refuses what it cannot read without repeating the password."""
    try:
        parsed = urlparse(url)
        port = parsed.port
    except ValueError as error:
        raise ImproperlyConfigured(f"CHOREO_DATABASE_URL cannot be read ({error}): give {WANTED}.") from error
    if parsed.scheme == "sqlite":
        return sqlite_database(unquote(parsed.netloc + parsed.path), sync=sqlite_sync)
    if parsed.scheme in {"postgres", "postgresql"}:
        return postgres_database(parsed, port)
    raise ImproperlyConfigured(
        f"CHOREO_DATABASE_URL begins with {parsed.scheme or 'nothing'!r}: give {WANTED}."
    )


def sqlite_database(path: str, *, sync: str) -> dict[str, Any]:
    """`sqlite:///here.db` is relative, `sqlite:////var/here.db` absolute, as everywhere else."""
    name = path.removeprefix("/")
    if not name:
        raise ImproperlyConfigured("CHOREO_DATABASE_URL names no file: give sqlite:///path/to/file.sqlite3.")
    pragmas = [
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={sync}",
        # Without it, INSERT OR REPLACE walks past the triggers that keep the journal append-only.
        "PRAGMA recursive_triggers=ON",
    ]
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(name).absolute()),
        # A worker keeps its connection; asgi.py shortens this for web servers.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction that reads and then writes would otherwise fail at once, whatever the timeout.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "; ".join(pragmas) + ";",
        },
    }


def postgres_database(parsed: ParseResult, port: int | None) -> dict[str, Any]:
    database: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parsed.path.removeprefix("/")),
        "USER": unquote(parsed.username or ""),
        "PASSWORD": unquote(parsed.password or ""),
        "HOST": unquote(parsed.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(LOST_CONNECTIONS),
    }
    for option, value in parse_qsl(parsed.query):
        if option in PLACES:
            database[PLACES[option]] = value
        else:
            database["OPTIONS"][option] = value
    if not database["NAME"]:
        raise ImproperlyConfigured(f"CHOREO_DATABASE_URL names no database: give {WANTED}.")
    return database
