"""What the environment may say, and what it is told when it says something else."""

import os
import stat
import subprocess
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from choreo_site import environment
from choreo_site.data_folder import kept_secret_key, prepare_data_folder
from choreo_site.databases import LOST_CONNECTIONS, database_from_url
from tests.servers import manage

# --- database URLs ---------------------------------------------------------------------------------------


def test_a_sqlite_url_names_a_file_and_writes_safely():
    database = database_from_url("sqlite:////srv/choreo/data%20base.sqlite3")
    assert database["NAME"] == "/srv/choreo/data base.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert database["OPTIONS"]["timeout"] == 20
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "recursive_triggers=ON"):
        assert pragma in database["OPTIONS"]["init_command"]
    assert database["CONN_MAX_AGE"] is None


def test_a_sqlite_url_may_be_relative():
    assert database_from_url("sqlite:///here.sqlite3")["NAME"] == str(Path("here.sqlite3").absolute())


def test_a_postgres_url_is_taken_apart():
    database = database_from_url("postgresql://maya:p%40ss@db.example:6543/choreo?sslmode=require")
    parts = {key: database[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    assert parts == {
        "NAME": "choreo",
        "USER": "maya",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6543",
        "OPTIONS": {**LOST_CONNECTIONS, "sslmode": "require"},
    }
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (600, True)


def test_a_postgres_url_may_name_a_socket_folder():
    database = database_from_url("postgresql://postgres:@/choreo?host=/run/postgres&port=5433")
    assert (database["HOST"], database["PORT"], database["OPTIONS"]) == (
        "/run/postgres",
        "5433",
        LOST_CONNECTIONS,
    )


def test_both_ends_notice_within_a_lease_that_the_other_is_gone():
    options = database_from_url("postgresql://db.example/choreo")["OPTIONS"]
    patience = {name: int(options[f"keepalives_{name}"]) for name in ("idle", "interval", "count")}
    assert patience["idle"] + patience["interval"] * patience["count"] < 15
    assert "tcp_keepalives_idle=5s" in options["options"]
    assert "idle_in_transaction_session_timeout=" in options["options"]


def test_a_postgres_url_may_ask_for_other_patience():
    url = "postgresql://db.example/choreo?connect_timeout=30&options=-c%20work_mem%3D8MB"
    options = database_from_url(url)["OPTIONS"]
    assert (options["connect_timeout"], options["options"]) == ("30", "-c work_mem=8MB")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://x/y", "begins with 'mysql'"),
        ("choreo", "begins with 'nothing'"),
        ("postgresql://db:port/x", "cannot be read"),
        ("postgresql://db", "names no database"),
        ("sqlite://", "names no file"),
    ],
)
def test_an_unreadable_database_url_is_refused_with_what_would_be_right(url: str, sentence: str):
    with pytest.raises(ImproperlyConfigured, match=sentence) as refusal:
        database_from_url(url)
    assert "give" in str(refusal.value)


# --- other variables -------------------------------------------------------------------------------------


def test_an_unset_or_empty_variable_has_its_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHOREO_X", " ")
    assert environment.text("CHOREO_X", "here") == "here"
    assert environment.number("CHOREO_X", 3, least=1, most=5) == 3
    assert environment.flag("CHOREO_X", True) is True
    assert environment.names("CHOREO_X") == []


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHOREO_X", "5")
    assert environment.number("CHOREO_X", 3, least=1, most=5) == 5
    monkeypatch.setenv("CHOREO_X", "Yes")
    assert environment.flag("CHOREO_X") is True
    monkeypatch.setenv("CHOREO_X", "a, b,")
    assert environment.names("CHOREO_X") == ["a", "b"]


@pytest.mark.parametrize("given", ["eighty", "6", "-1", "1.5", "²"])
def test_a_wrong_number_is_named_with_its_bounds(given: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHOREO_X", given)
    with pytest.raises(ImproperlyConfigured, match="CHOREO_X is .*: give a whole number from 1 to 5."):
        environment.number("CHOREO_X", 3, least=1, most=5)


def test_a_wrong_flag_or_choice_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHOREO_X", "maybe")
    with pytest.raises(ImproperlyConfigured, match="CHOREO_X is 'maybe': give 1 or 0."):
        environment.flag("CHOREO_X")
    with pytest.raises(ImproperlyConfigured, match="CHOREO_X is 'maybe': give one of FULL, NORMAL."):
        environment.choice("CHOREO_X", "FULL", among=("FULL", "NORMAL"))


@pytest.mark.parametrize("app", ["choreo_site.demo", "choreo_site.demo.apps.DemoConfig"])
def test_an_app_is_found_by_its_module_or_its_configuration(app: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHOREO_X", app)
    assert environment.apps("CHOREO_X") == [app]


@pytest.mark.parametrize(
    "app", ["nowhere", "choreo_site.nowhere", "choreo_site.apps.too.Deep", "Nowhere", "."]
)
def test_an_app_that_is_not_there_is_named(app: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHOREO_X", app)
    with pytest.raises(ImproperlyConfigured, match="CHOREO_X names .* which Python does not find: give"):
        environment.apps("CHOREO_X")


# --- the data folder -------------------------------------------------------------------------------------


def test_the_secret_key_is_made_once_and_is_private(tmp_path: Path):
    key = kept_secret_key(tmp_path)
    assert len(key) > 50
    assert kept_secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_a_damaged_secret_key_is_refused(tmp_path: Path):
    (tmp_path / "secret-key").write_text("short")
    with pytest.raises(ImproperlyConfigured, match="is damaged"):
        kept_secret_key(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused_with_one_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match="cannot be written to .* CHOREO_DATA_DIR"):
        prepare_data_folder(tmp_path / "file" / "data")


# --- the commands ----------------------------------------------------------------------------------------


def run_manage(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    outside = {
        name: value for name, value in os.environ.items() if not name.startswith(("CHOREO_", "DJANGO_"))
    }
    return subprocess.run(
        manage(*arguments), env=outside | environ, capture_output=True, text=True, timeout=60
    )


def test_a_wrong_setting_is_one_sentence_and_no_traceback(tmp_path: Path):
    answer = run_manage("check", CHOREO_DATA_DIR=str(tmp_path), CHOREO_PORT="eighty")
    assert answer.returncode == 1
    assert answer.stderr == "CHOREO_PORT is 'eighty': give a whole number from 0 to 65535.\n"


def test_a_plug_in_that_is_not_there_is_one_sentence_and_no_traceback(tmp_path: Path):
    answer = run_manage("check", CHOREO_DATA_DIR=str(tmp_path), CHOREO_APPS="parcels_that_are_not_there")
    assert answer.returncode == 1
    assert answer.stderr.startswith(
        "CHOREO_APPS names 'parcels_that_are_not_there', which Python does not find"
    )
    assert answer.stderr.count("\n") == 1


def test_a_data_folder_may_be_called_anything(tmp_path: Path):
    folder = tmp_path / "100%25 ü?#&"
    answer = run_manage("migrate", CHOREO_DATA_DIR=str(folder))
    assert answer.returncode == 0, answer.stderr
    assert (folder / "choreo.sqlite3").exists()


def test_the_settings_for_https_pass_the_deployment_check(tmp_path: Path):
    answer = run_manage(
        "check", "--deploy", "--fail-level", "WARNING", CHOREO_DATA_DIR=str(tmp_path), CHOREO_HTTPS="1"
    )
    assert answer.returncode == 0, answer.stderr
