"""System checks: settings that would lose work or open a door are refused before anything starts."""

import sqlite3
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, register

OLDEST_SQLITE = (3, 37, 0)
SHORTEST_KEY = 16


def register_checks() -> None:
    for check in (
        check_databases,
        check_sqlite_version,
        check_origins,
        check_queue,
        check_leases,
        check_keys,
    ):
        register(check)
    register(check_hosts, deploy=True)
    register(check_proxies, deploy=True)


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
    if database["ENGINE"].endswith("sqlite3") and "recursive_triggers=ON" not in options.get(
        "init_command", ""
    ):
        errors.append(
            Error(
                f"On SQLite ({alias!r}) INSERT OR REPLACE would walk past the triggers that keep the audit trail.",
                hint='Put "PRAGMA recursive_triggers=ON" into OPTIONS["init_command"].',
                id="choreo.E008",
            )
        )
    if database.get("ATOMIC_REQUESTS"):
        errors.append(
            Error(
                f"The database {alias!r} opens a transaction for each request: on SQLite each page would wait for the"
                " one writer, and actions could not be durable.",
                hint="Remove ATOMIC_REQUESTS.",
                id="choreo.E009",
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


def check_leases(**kwargs: Any) -> list[Error]:
    lease, beat = settings.CHOREO_LEASE_SECONDS, settings.CHOREO_BEAT_SECONDS
    if lease >= 2 * beat:
        return []
    return [
        Error(
            f"A worker renews its lease every {beat} s and loses its work after {lease} s: one late beat is enough.",
            hint="Set CHOREO_LEASE_SECONDS to twice CHOREO_BEAT_SECONDS or more.",
            id="choreo.E010",
        )
    ]


def check_keys(**kwargs: Any) -> list[Error]:
    """Keys are texts of any kind, and short ones are guessed."""
    return [
        Error(
            f"Key {number} of CHOREO_SECRETS_KEYS has less than {SHORTEST_KEY} characters.",
            hint="Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
            id="choreo.E011",
        )
        for number, key in enumerate(settings.CHOREO_SECRETS_KEYS, 1)
        if len(key) < SHORTEST_KEY
    ]


def check_hosts(**kwargs: Any) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "CHOREO_ALLOWED_HOSTS holds `*`: links in pages and mails would lead wherever a request says.",
            hint="Name the hosts that people use.",
            id="choreo.E012",
        )
    ]


def check_proxies(**kwargs: Any) -> list[CheckMessage]:
    if not settings.CHOREO_HTTPS or settings.CHOREO_PROXIES:
        return []
    return [
        Info(
            "A proxy speaks https for Choreo, and CHOREO_PROXIES is 0: all requests seem to come from the proxy, so"
            " that throttles count everybody together.",
            hint="Let the proxy add to X-Forwarded-For, and set CHOREO_PROXIES to the number of proxies.",
            id="choreo.I001",
        )
    ]
