"""One cluster of worker processes. `work` starts it, watches it and replaces it."""

import mmap
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from choreo_site.lifeline import kill_family, watch_lifeline
from runs.queue.board import SIZE, THE_BOARD
from runs.queue.cluster import run_cluster


class Command(BaseCommand):
    help = "Internal: run one cluster of workers. Use `work`."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what its workers' rows carry")
        parser.add_argument("--board", type=int, required=True, help="the descriptor of the board's file")

    def handle(self, *args: Any, name: str, board: int, **options: Any) -> None:
        THE_BOARD.share(mmap.mmap(board, SIZE))
        # `work` dies by kill -9 only, and then nobody waits for our steps to end.
        sys.exit(run_cluster(name, once_started=lambda: watch_lifeline(kill_family)))
