"""Nothing outlives its parent, whatever kills it; what dies is started again, with patience."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from choreo_site import supervision
from choreo_site.lifeline import Lifeline
from choreo_site.supervision import FIRST_WAIT, LONGEST_WAIT, SETTLED_AFTER, Child, Crew
from tests.servers import ROOT, wait_until

# A child that starts a child of its own, and says so.
CHILD = """
import subprocess, sys, time, signal
from choreo_site.lifeline import watch_lifeline
{prelude}
watch_lifeline(grace=1)
own = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(own.pid, flush=True)
time.sleep(600)
"""
STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def start_child(lifeline: Lifeline | None, prelude: str = "") -> tuple[subprocess.Popen[str], psutil.Process]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = lifeline.popen_arguments(environ) if lifeline else {"env": environ, "start_new_session": True}
    command = [sys.executable, "-c", CHILD.format(prelude=prelude)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **arguments)
    assert child.stdout
    return child, psutil.Process(int(child.stdout.readline()))


def end(child: subprocess.Popen[str]) -> None:
    assert child.stdout
    child.stdout.close()
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def test_a_child_stops_when_its_parent_closes_the_lifeline():
    lifeline = Lifeline()
    child, _ = start_child(lifeline)
    lifeline.close()
    assert child.wait(5) == -signal.SIGTERM
    end(child)


def test_a_child_that_will_not_stop_is_killed_with_its_own_children():
    lifeline = Lifeline()
    child, grandchild = start_child(lifeline, STUBBORN)
    lifeline.close()
    assert child.wait(5) == -signal.SIGKILL
    wait_until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE, seconds=5)
    end(child)


def test_without_a_parent_a_command_just_runs():
    child, _ = start_child(None)
    assert child.poll() is None
    end(child)


# --- the crew ----------------------------------------------------------------------------------------------


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def crew(lines: list[str]) -> Iterator[Crew]:
    made = Crew(tell=lines.append)
    yield made
    for child in made.children:
        child.send(signal.SIGKILL, family=True)
        if child.process:
            child.process.wait()


def member(crew: Crew, code: str) -> Child:
    child = Child("sleeper", [sys.executable, "-c", code], dict(os.environ))
    crew.children.append(child)
    crew.tend()
    return child


def test_a_dead_child_is_started_again_after_a_wait_that_grows(crew: Crew, lines: list[str]):
    child = member(crew, "raise SystemExit(3)")
    wait_until(lambda: crew.tend() or len(lines) == 2)
    assert lines == [
        "sleeper stopped with exit code 3; starting it again in 0.5 s.",
        "sleeper stopped with exit code 3; starting it again in 1 s.",
    ]
    child.wait = LONGEST_WAIT
    crew.note_death(child, now=child.started_at)
    assert child.wait == LONGEST_WAIT


def test_a_child_that_had_settled_is_started_again_at_once(crew: Crew):
    child = member(crew, "raise SystemExit(3)")
    child.wait = LONGEST_WAIT
    wait_until(lambda: not child.is_alive())
    crew.note_death(child, now=child.started_at + SETTLED_AFTER)
    assert child.wait == 2 * FIRST_WAIT


def test_a_dead_child_leaves_no_children_beside_its_successor(crew: Crew, tmp_path: Path):
    note = tmp_path / "pid"
    start_own = "import subprocess; own = subprocess.Popen(['sleep', '600'])"
    code = f"{start_own}; open({str(note)!r}, 'w').write(str(own.pid))"
    child = member(crew, code)
    wait_until(lambda: not child.is_alive())
    orphan = psutil.Process(int(note.read_text()))
    crew.tend()
    wait_until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE, seconds=5)


def test_stopping_kills_what_will_not_stop(crew: Crew, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(supervision, "STOP_GRACE", 0.3)
    ready = tmp_path / "ready"
    code = f"import signal, time; {STUBBORN}; open({str(ready)!r}, 'w'); time.sleep(600)"
    child = member(crew, code)
    wait_until(ready.exists)
    crew.stop(threading.Event())
    assert child.process and child.process.returncode == -signal.SIGKILL


def test_a_second_signal_does_not_wait_for_the_grace(crew: Crew, tmp_path: Path):
    ready = tmp_path / "ready"
    member(crew, f"import signal, time; {STUBBORN}; open({str(ready)!r}, 'w'); time.sleep(600)")
    wait_until(ready.exists)
    hurry = threading.Event()
    hurry.set()
    begun = time.monotonic()
    crew.stop(hurry)
    assert time.monotonic() - begun < supervision.STOP_GRACE / 2
