"""What a bell says, and who listens."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

type Kind = Literal["runs", "work"]


@dataclass(frozen=True, slots=True)
class Ring:
    """A run and how far its journal has come. Without a run: anything may have changed."""

    run: UUID | None = None
    seq: int = 0


EVERYTHING = Ring()


class BellLost(Exception):
    """The listener hears nothing any more. Open a new one, and take it that everything has changed."""


class Listener(Protocol):
    def fileno(self) -> int:
        """For an event loop: readable when `wait(0)` has something to give."""

    def wait(self, timeout: float) -> list[Ring]:
        """What has been rung, each run once; empty when the time is over. Raises BellLost."""

    def close(self) -> None: ...


def spell(ring: Ring | None) -> str:
    return f"{ring.run.hex} {ring.seq}" if ring and ring.run else ""


def read(texts: Iterable[str]) -> list[Ring]:
    """The rings in these texts: each run once, with its newest number."""
    newest: dict[UUID | None, int] = {}
    for text in texts:
        ring = _read_one(text)
        newest[ring.run] = max(ring.seq, newest.get(ring.run, 0))
    return [Ring(run, seq) for run, seq in newest.items()]


def _read_one(text: str) -> Ring:
    name, _, seq = text.partition(" ")
    try:
        return Ring(UUID(hex=name), int(seq))
    except ValueError:
        return EVERYTHING
