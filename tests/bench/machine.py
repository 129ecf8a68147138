"""On what a measurement was taken."""

import os
import platform
import sqlite3
import subprocess
from pathlib import Path


def machine() -> dict[str, str | int]:
    return {
        "cores": os.cpu_count() or 1,
        "model": read("/proc/cpuinfo", "model name"),
        "memory": f"{int(read('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "commit": commit(),
    }


def read(path: str, name: str) -> str:
    """The value of the first line ``name: value``."""
    lines = (line.partition(":") for line in Path(path).read_text().splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == name), "0")


def commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return told.stdout.strip()
