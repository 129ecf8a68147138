"""When commits are over. The journal tells when its last entry was decided, and that is before its commit.

The processes of a measurement hear of it at the crash points around a commit, and keep the newest time in a file.
"""

import os
import struct
import time
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from django.conf import settings

TIME = struct.Struct("d")


class Commits:
    """Notes when this process has committed what it had to write about runs."""

    def __init__(self) -> None:
        self.under_way = False

    def __call__(self, point: str) -> None:
        if point == "record.in_transaction":
            self.under_way = True
        elif point == "record.after_commit_before_nudge" and self.under_way:
            self.under_way = False
            os.pwrite(self.file, TIME.pack(time.time()), 0)

    @cached_property
    def file(self) -> int:
        return os.open(newest(), os.O_CREAT | os.O_WRONLY)


def newest() -> Path:
    return Path(settings.CHOREO_DATA_DIR) / "newest_commit"


def newest_commit() -> datetime:
    """Of all processes, when it was over."""
    return datetime.fromtimestamp(*TIME.unpack(newest().read_bytes()), UTC)
