"""docs/production.md and the files beside it: what they name is there, and Django has nothing against them."""

import configparser
import os
import re
import secrets
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
PAGE = (ROOT / "docs" / "production.md").read_text()
SETTINGS = set(re.findall(r"^\| `(CHOREO_\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(path)
    return parser


def environment() -> dict[str, str]:
    lines = (DEPLOY / "choreo.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_is_there_and_is_started_again(path: Path):
    service = unit(path)["Service"]
    _, manage, command = shlex.split(service["ExecStart"])
    assert manage == "manage.py"
    assert command in get_commands()
    assert service["Restart"] == "always"
    assert service["EnvironmentFile"] == "/etc/choreo/choreo.env"


def test_workers_are_given_the_time_that_they_take_to_stop():
    service = unit(DEPLOY / "choreo-work.service")["Service"]
    assert service["KillMode"] == "mixed"
    assert int(service["TimeoutStopSec"]) > 25


def test_every_setting_that_is_named_stands_in_the_table():
    named = set(re.findall(r"CHOREO_\w+", PAGE + "".join(path.read_text() for path in DEPLOY.iterdir())))
    assert named
    assert named <= SETTINGS


def test_every_file_that_is_named_is_there():
    linked = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert linked
    assert all((ROOT / "docs" / name).exists() for name in linked)


def test_the_settings_pass_the_check_for_production(tmp_path: Path):
    given = environment() | {
        "CHOREO_SECRET_KEY": secrets.token_urlsafe(64),
        "CHOREO_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "choreo_site.settings",
        "PATH": os.environ["PATH"],
    }
    check = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(check, cwd=ROOT, env=given, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr
