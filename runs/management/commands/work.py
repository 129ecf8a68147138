"""Perform what is due, with as many worker processes as CHOREO_WORKERS says, until told to stop."""

import os
import signal
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from choreo_site.lifeline import VARIABLE, Lifeline, watch_lifeline
from runs.queue.supervisor import Supervisor

# How long steps may take to end when the workers are stopped: less when a person waits for `up` to stop.
GRACE, GRACE_UNDER_UP = 25.0, 8.0


class Command(BaseCommand):
    help = "Run the workers, and replace them when they die or hang. `up` starts it; production starts it by itself."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--queues",
            default="",
            help="the queues that this host serves, with commas; otherwise CHOREO_QUEUES",
        )

    def handle(self, *args: Any, queues: str, **options: Any) -> None:
        if queues:
            os.environ["CHOREO_QUEUES"] = queues  # the cluster reads its settings anew
        grace = GRACE_UNDER_UP if VARIABLE in os.environ else GRACE
        supervisor = Supervisor(launcher(Lifeline()), grace=grace)
        signal.signal(signal.SIGCHLD, lambda number, frame: supervisor.stir())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, frame: supervisor.stop())
        watch_lifeline(grace=grace)
        connections.close_all()
        supervisor.run()


def launcher(lifeline: Lifeline) -> Any:
    """Starts clusters that end with this process."""

    def launch(name: str, board: int) -> subprocess.Popen[bytes]:
        arguments = lifeline.popen_arguments(dict(os.environ))
        arguments["pass_fds"] += (board,)
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        command = [*manage, "work_cluster", name, "--board", str(board)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, **arguments)

    return launch
