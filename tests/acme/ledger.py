"""Acme's outside world: a file of lines, named by ACME_LEDGER, that outlives any process."""

import json
import os
from pathlib import Path
from typing import TypedDict


class Line(TypedDict):
    kind: str
    key: str
    note: str


def ledger_file() -> Path:
    return Path(os.environ["ACME_LEDGER"])


def append(kind: str, key: str, note: str) -> None:
    """One write with O_APPEND: lines of many processes never mix, and a kill leaves whole lines."""
    line = json.dumps({"kind": kind, "key": key, "note": note}) + "\n"
    descriptor = os.open(ledger_file(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def lines() -> list[Line]:
    """Every line there is, also where one key wrote twice."""
    if not ledger_file().exists():
        return []
    return [json.loads(line) for line in ledger_file().read_text().splitlines()]
