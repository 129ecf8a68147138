"""Rows on their way from step to step.

Thousands of rows need not pass through a run's state: a step writes them to a file named by its own content
and hands on the name. The same rows give the same file however often a step is killed and tried again, and a
file that is not what its name says is noticed. Workers on several machines need the data folder in common.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypedDict

from django.conf import settings

from designer.catalog import Ge, Pattern

type Row = Mapping[str, Any]


class Rows(TypedDict):
    """`sha256` of the file's content, and how many rows it holds."""

    sha256: Annotated[str, Pattern("^[0-9a-f]{64}$")]
    count: Annotated[int, Ge(0)]


class RowsLost(Exception):
    """The staged rows are not there, or are not what they were."""


def stage(rows: Iterable[Row]) -> Rows:
    lines = [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows]
    content = "".join(f"{line}\n" for line in lines).encode()
    name = hashlib.sha256(content).hexdigest()
    write_whole(_folder("staging") / name, content)
    return {"sha256": name, "count": len(lines)}


def staged(rows: Rows) -> list[Any]:
    """Raises RowsLost."""
    try:
        content = (_folder("staging") / rows["sha256"]).read_bytes()
    except FileNotFoundError:
        raise RowsLost(f"The staged rows {rows['sha256'][:8]}… are gone; run the import again.") from None
    if hashlib.sha256(content).hexdigest() != rows["sha256"]:
        raise RowsLost(f"The staged rows {rows['sha256'][:8]}… were changed by someone else.")
    return [json.loads(line) for line in content.decode().splitlines()]


def write_report(name: str, text: str) -> str:
    """The path, as told to people, of a report in the data folder."""
    write_whole(_folder("reports") / name, text.encode())
    return f"reports/{name}"


def write_whole(path: Path, content: bytes) -> None:
    """All of it or nothing: a kill in the middle leaves the old file, or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _folder(name: str) -> Path:
    return Path(settings.CHOREO_DATA_DIR) / name
