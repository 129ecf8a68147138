"""The programs that production runs, each on a host of its own: `manage.py work` and `manage.py web`."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models.functions import Now

from choreo_site.lifeline import Lifeline
from runs.models import Worker
from tests.scale.network import Host
from tests.servers import manage, stop_process, wait_until

PORT = 8000


class Program:
    """One of ours on a host, with a data folder of its own. What it says is kept in a file."""

    def __init__(self, host: Host, folder: Path, lifeline: Lifeline, **settings: str) -> None:
        self.host = host
        self.lifeline = lifeline
        self.data = folder / host.name
        self.data.mkdir()
        self.said = folder / f"{host.name}.txt"
        self.environment = {**os.environ, "CHOREO_DATA_DIR": str(self.data), **settings}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, command: str) -> None:
        with self.said.open("ab") as output:
            self.process = subprocess.Popen(
                self.host.command(*manage(command)),
                stdout=output,
                stderr=subprocess.STDOUT,
                **self.lifeline.popen_arguments(self.environment),
            )

    def stop(self) -> None:
        if self.process is not None:
            stop_process(self.process, grace=30)
            self.process = None

    def lines(self, *words: str) -> list[str]:
        text = self.said.read_text() if self.said.exists() else ""
        return [line for line in text.splitlines() if any(word in line for word in words)]


class Workers(Program):
    def start(self, command: str = "work") -> None:
        super().start(command)

    def living(self) -> list[Any]:
        """Those that have shown a sign of life in the last seconds."""
        lately = Now() - timedelta(seconds=3)
        return list(
            Worker.objects.filter(host=self.host.name, beat_at__gt=lately).values_list("pk", flat=True)
        )


class Web(Program):
    @property
    def url(self) -> str:
        return f"http://{self.host.address}:{PORT}"

    def start(self, command: str = "web") -> None:
        super().start(command)


@contextmanager
def stopped[P: Program](make: Callable[[], list[P]]) -> Iterator[list[P]]:
    """The programs, none of which runs any more at the end."""
    programs = make()
    try:
        yield programs
    finally:
        for program in programs:
            program.stop()


def wait_for_workers(workers: list[Workers]) -> None:
    for one in workers:
        wait_until(one.living, seconds=60, what=f"workers on {one.host.name}", every=0.1)
