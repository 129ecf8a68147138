"""Settings that would lose work or open a door are refused before anything starts."""

from typing import Any

import pytest
from django.conf import settings
from django.core.checks.registry import registry

from choreo_site import checks
from choreo_site.databases import database_from_url

OURS = (
    checks.check_databases,
    checks.check_sqlite_version,
    checks.check_origins,
    checks.check_queue,
    checks.check_leases,
    checks.check_keys,
)
ON_DEPLOYMENT = (checks.check_hosts, checks.check_proxies)


def found() -> list[str | None]:
    return [error.id for check in (*OURS, *ON_DEPLOYMENT) for error in check()]


def use_database(monkeypatch: pytest.MonkeyPatch, database: dict[str, Any]) -> None:
    monkeypatch.setattr(settings, "DATABASES", {"default": database})


def test_every_command_asks():
    assert set(OURS) <= set(registry.get_checks())
    assert set(ON_DEPLOYMENT) <= set(registry.get_checks(include_deployment_checks=True))


def test_the_settings_as_shipped_are_clean():
    assert found() == []


def test_the_pool_of_psycopg_is_refused(monkeypatch: pytest.MonkeyPatch):
    use_database(monkeypatch, database_from_url("postgresql:///choreo?pool=true"))
    assert found() == ["choreo.E001"]


def test_sqlite_without_immediate_transactions_is_refused(monkeypatch: pytest.MonkeyPatch):
    database = database_from_url("sqlite:///x.sqlite3")
    del database["OPTIONS"]["transaction_mode"]
    use_database(monkeypatch, database)
    assert found() == ["choreo.E002"]


@pytest.mark.parametrize("origin", ["*", "localhost:8000", "//localhost"])
def test_an_origin_without_a_scheme_is_refused(origin: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "CHOREO_ORIGINS", [origin, "https://choreo.example"])
    assert found() == ["choreo.E003"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"orm": "other"}, "choreo.E004"),
        ({"guard_cycle": 0.35}, "choreo.E005"),
        ({"retry": 3_600}, "choreo.E006"),
    ],
)
def test_a_queue_that_would_lose_work_is_refused(
    change: dict[str, Any], error: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(settings, "Q_CLUSTER", settings.Q_CLUSTER | change)
    assert found() == [error]


def test_an_old_sqlite_is_refused_where_it_is_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks.sqlite3, "sqlite_version_info", (3, 31, 1))
    use_database(monkeypatch, database_from_url("sqlite:///x.sqlite3"))
    assert found() == ["choreo.E007"]
    use_database(monkeypatch, database_from_url("postgresql:///choreo"))
    assert found() == []


def test_sqlite_that_could_replace_rows_behind_the_triggers_is_refused(monkeypatch: pytest.MonkeyPatch):
    database = database_from_url("sqlite:///x.sqlite3")
    database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL;"
    use_database(monkeypatch, database)
    assert found() == ["choreo.E008"]


@pytest.mark.parametrize("url", ["sqlite:///x.sqlite3", "postgresql:///choreo"])
def test_a_transaction_for_each_request_is_refused(url: str, monkeypatch: pytest.MonkeyPatch):
    use_database(monkeypatch, {**database_from_url(url), "ATOMIC_REQUESTS": True})
    assert found() == ["choreo.E009"]


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("CHOREO_LEASE_SECONDS", 9, "choreo.E010"),
        ("CHOREO_SECRETS_KEYS", ["short"], "choreo.E011"),
        ("ALLOWED_HOSTS", ["choreo.example", "*"], "choreo.E012"),
        ("CHOREO_HTTPS", True, "choreo.I001"),
    ],
)
def test_what_opens_a_door_is_told(name: str, value: Any, error: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, name, value)
    assert found() == [error]


def test_a_proxy_that_is_counted_is_right(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "CHOREO_HTTPS", True)
    monkeypatch.setattr(settings, "CHOREO_PROXIES", 1)
    assert found() == []
