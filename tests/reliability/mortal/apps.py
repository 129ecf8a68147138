"""An app of the tests alone. A process that has it dies at a named point, if a death is laid out for it there.

A death is files in the folder that CHOREO_TEST_DEATHS names: `point.3`, `point.2`, `point.1` for the third time that
the point is reached, in whatever process. Whoever comes by takes one away, and the last one kills.
"""

import os
from contextlib import suppress
from pathlib import Path

from django.apps import AppConfig

from runs.crash_points import arm

FOLDER, MOST = "CHOREO_TEST_DEATHS", 50


class MortalConfig(AppConfig):
    name = "tests.reliability.mortal"

    def ready(self) -> None:
        folder = Path(os.environ[FOLDER])
        arm(lambda point: die(folder, point))


def lay_out(folder: Path, point: str, at: int) -> None:
    for number in range(1, at + 1):
        (folder / f"{point}.{number}").touch()


def die(folder: Path, point: str) -> None:
    left = len([path for path in folder.iterdir() if path.stem == point])
    with suppress(FileNotFoundError):  # another process was faster
        if left:
            (folder / f"{point}.{left}").unlink()
        if left == 1:
            os._exit(9)


def has_come(folder: Path) -> bool:
    return not any(folder.iterdir())
