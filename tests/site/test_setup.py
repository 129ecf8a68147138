"""The set-up on machines that lack something: one sentence that says what to do."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

TOOLS = ("sh", "cat", "cksum", "dirname", "env", "head", "mkdir", "rm")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files of a fresh clone that the set-up reads."""
    shutil.copytree(ROOT / ".ci", tmp_path / "clone" / ".ci")
    for lock in ROOT.glob("requirements*.lock"):
        shutil.copy(lock, tmp_path / "clone")
    return tmp_path / "clone"


def set_up(checkout: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """`.ci/setup` on a machine that has these programs, given as shell scripts, and nothing else."""
    folder = checkout.parent / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    command = [str(checkout / ".ci" / "setup")]
    return subprocess.run(command, env={"PATH": str(folder)}, capture_output=True, text=True, timeout=60)


def test_a_python_too_old_is_one_sentence(checkout: Path):
    answer = set_up(checkout, python3='case "$1" in --version) echo Python 3.9.18 ;; *) exit 1 ;; esac')
    assert answer.returncode == 1
    assert answer.stderr == (
        "set-up: Choreo needs Python 3.12 or newer; python3 here is Python 3.9.18. "
        "Install one, or name it: make run PYTHON=/path/to/python3.13\n"
    )


def test_a_python_without_venv_is_told_what_to_install(checkout: Path):
    # `print(sys.executable)` must name this stand-in, or the real Python would be asked for the environment.
    answer = set_up(
        checkout, python3='case "$*" in *executable*) echo "$0" ;; "-m venv"*) exit 1 ;; *) exit 0 ;; esac'
    )
    assert answer.returncode == 1
    assert (
        "cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv"
        in answer.stderr
    )


def test_uv_is_used_where_it_is(checkout: Path):
    note = checkout.parent / "uv-was-told"
    answer = set_up(checkout, uv=f'echo "$@" >>{note}; [ "$1" != venv ] || mkdir -p .venv')
    assert answer.returncode == 0, answer.stderr
    told = note.read_text().splitlines()
    assert told[0] == "venv --quiet --python 3.13 .venv"
    assert "--require-hashes -r requirements.lock" in told[1]


def test_what_is_installed_is_not_installed_again(checkout: Path):
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    lock = (checkout / "requirements.lock").open("rb")
    with lock:
        checksum = subprocess.run(["cksum"], stdin=lock, capture_output=True, text=True, check=True).stdout
    (checkout / ".venv" / "requirements.lock.stamp").write_text(checksum)
    answer = set_up(checkout)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_manage_without_django_names_the_way_in():
    command = [sys.executable, "-S", str(ROOT / "manage.py"), "up"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert answer.returncode == 1
    assert answer.stderr == (
        "Django is not installed for this Python. Run `make run`, which sets everything up.\n"
    )


def test_a_chromium_path_that_is_no_program_is_not_replaced(checkout: Path):
    answer = subprocess.run(
        [str(ROOT / ".ci" / "browser")],
        env={"PATH": "/usr/bin:/bin", "CHROMIUM_PATH": "/nowhere/chromium"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 1
    assert answer.stderr == "browser: CHROMIUM_PATH names /nowhere/chromium, which is no program.\n"
