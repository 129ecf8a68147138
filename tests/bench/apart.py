"""Processes of their own for what is measured or played, with a site's settings and none of ours."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Timer
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0  # seconds that it has to put its things away
BEGIN = "import django; django.setup(); from importlib import import_module as get; get('{}').{}()"


class Failed(Exception):
    """What another process could not do, in its own words."""


def told_by(call: str, *, folder: str, **settings: str) -> Any:
    """What ``call`` ("tests.bench.wide.main") prints last, read as JSON. ``settings`` are environment variables."""
    printed = subprocess.run(
        command_of(call),
        cwd=ROOT,
        env=environment_of(folder, settings),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(printed.stdout.splitlines()[-1])


def command_of(call: str) -> list[str]:
    module, _, function = call.rpartition(".")
    return [sys.executable, "-W", "ignore", "-c", BEGIN.format(module, function)]


def environment_of(folder: str, settings: dict[str, str]) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("CHOREO_")}
    ours = {
        "DJANGO_SETTINGS_MODULE": "choreo_site.settings",
        "CHOREO_DATA_DIR": folder,
        "CHOREO_LOG_LEVEL": "WARNING",
    }
    return outside | ours | settings


class Side:
    """A process that does one thing after the other for the one that asks, and keeps what it has opened meanwhile."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lives = True

    def ask(self, call: str, *, within: float = 180, **arguments: Any) -> Any:
        """What the function ``call`` gives there. Raises Failed, also when it takes longer than ``within`` seconds."""
        assert self.process.stdin is not None
        answer = None
        watchdog = Timer(within, kill_all, [self.process])
        watchdog.start()
        try:
            self.process.stdin.write(json.dumps({"call": call, "arguments": arguments}) + "\n")
            self.process.stdin.flush()
            answer = self._answer()
        except BrokenPipeError:
            pass
        finally:
            watchdog.cancel()
        if answer is None:
            self.lives = False
            raise Failed(f"nothing came within {within:g} s, or its process died")
        if "failed" in answer:
            raise Failed(answer["failed"])
        return answer["gives"]

    def _answer(self) -> Any:
        """The next line that is an answer. Other lines are what servers had to say."""
        assert self.process.stdout is not None
        return next((json.loads(line) for line in self.process.stdout if line.startswith('{"')), None)


@contextmanager
def a_side(folder: str, **settings: str) -> Iterator[Side]:
    process = subprocess.Popen(
        command_of("tests.bench.apart.serve"),
        cwd=ROOT,
        env=environment_of(folder, settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield Side(process)
    finally:
        assert process.stdin is not None and process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.close()  # that is how it learns that nobody asks any more
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        kill_all(process)
        process.wait()
        process.stdout.close()


def kill_all(process: subprocess.Popen[str]) -> None:
    """It and all that it has started, also what leads a session of its own."""
    with suppress(psutil.NoSuchProcess):
        for one in (*psutil.Process(process.pid).children(recursive=True), process):
            with suppress(psutil.NoSuchProcess):
                one.kill()


def serve() -> None:
    """The other end: until nobody asks any more."""
    for line in sys.stdin:
        asked = json.loads(line)
        module, _, function = asked["call"].rpartition(".")
        try:
            answer = {"gives": getattr(import_module(module), function)(**asked["arguments"])}
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        sys.stdout.write("\n" + json.dumps(answer) + "\n")
        sys.stdout.flush()
