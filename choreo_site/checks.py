"""System checks: settings that would lose work or open a door are refused before anything starts."""

import sqlite3
from typing import Any

from django.conf import settings
from django.core.checks import Error, register

OLDEST_SQLITE = (3, 37, 0)


def register_checks() -> None:
    for check in (check_databases, check_sqlite_version, check_origins, check_queue):
        register(check)


def check_databases(**kwargs: Any) -> list[Error]:
    return [
        error for alias, database in settings.DATABASES.items() for error in database_errors(alias, database)
    ]


def database_errors(alias: str, database: dict[str, Any]) -> list[Error]:
    options = database.get("OPTIONS", {})
    errors = []
    if options.get("pool"):
        errors.append(
            Error(
                f"The database {alias!r} uses psycopg's pool, which stands still in forked workers.",
                hint="Remove `pool` from the database's options.",
                id="choreo.E001",
            )
        )
    if database["ENGINE"].endswith("sqlite3") and options.get("transaction_mode") != "IMMEDIATE":
        errors.append(
            Error(
                f"SQLite ({alias!r}) must begin its transactions IMMEDIATE, or writers fail with 'locked'.",
                hint='Set OPTIONS["transaction_mode"] to "IMMEDIATE".',
                id="choreo.E002",
            )
        )
    return errors


def check_sqlite_version(**kwargs: Any) -> list[Error]:
    used = any(database["ENGINE"].endswith("sqlite3") for database in settings.DATABASES.values())
    if not used or sqlite3.sqlite_version_info >= OLDEST_SQLITE:
        return []
    wanted = ".".join(map(str, OLDEST_SQLITE))
    return [
        Error(
            f"This Python carries SQLite {sqlite3.sqlite_version}; Choreo needs {wanted} or newer.",
            hint="Use a newer Python, or PostgreSQL by CHOREO_DATABASE_URL.",
            id="choreo.E007",
        )
    ]


def check_origins(**kwargs: Any) -> list[Error]:
    return [
        Error(
            f"CHOREO_ORIGINS holds {origin!r}: an origin needs its scheme, and `*` would let any page in.",
            hint="Write it as https://choreo.example.com or http://localhost:8000.",
            id="choreo.E003",
        )
        for origin in settings.CHOREO_ORIGINS
        if origin == "*" or not origin.startswith(("http://", "https://"))
    ]


def check_queue(**kwargs: Any) -> list[Error]:
    queue: dict[str, Any] = settings.Q_CLUSTER
    errors = []
    if queue["orm"] != "default":
        errors.append(
            Error(
                "The queue must use the database of the runs, or work ordered in a transaction can be lost.",
                hint='Set Q_CLUSTER["orm"] to "default".',
                id="choreo.E004",
            )
        )
    if queue["guard_cycle"] not in {0.5, 1}:
        errors.append(
            Error(
                f"With guard_cycle {queue['guard_cycle']} django-q2 steps over zero and never kills a hung worker.",
                hint='Set Q_CLUSTER["guard_cycle"] to 0.5 or 1.',
                id="choreo.E005",
            )
        )
    if queue["retry"] <= queue["timeout"]:
        errors.append(
            Error(
                f"retry ({queue['retry']} s) must be longer than timeout ({queue['timeout']} s), "
                "or tickets are handed out twice.",
                hint='Set Q_CLUSTER["retry"] to several times the timeout.',
                id="choreo.E006",
            )
        )
    return errors
