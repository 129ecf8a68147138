"""What the log would say, written as the product writes it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from choreo_site.logs import FactsFormatter


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(FactsFormatter("{message}", style="{"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def log_lines(name: str = "") -> Iterator[list[str]]:
    """The lines of a logger and of those below it, as they come. Without a name those of all."""
    logger, kept = logging.getLogger(name), Kept()
    logger.addHandler(kept)
    try:
        yield kept.lines
    finally:
        logger.removeHandler(kept)
