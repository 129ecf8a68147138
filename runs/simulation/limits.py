"""How much a simulation may do. A graph that goes round for ever ends here, with a sentence."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from designer.graph import AnyStep
from runs.engine import Event, values_aside

MOST_LOOKUPS = 50_000  # of steps, in one decision
LOOKS_AT_THE_CLOCK = 50  # lookups between two of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    steps: int = 20_000  # entered
    time: timedelta = timedelta(days=3_660)  # on the run's own clock
    total: int = 64 * 1024 * 1024  # bytes of all values together
    largest: int = 4 * 1024 * 1024  # bytes of one value


class Exhausted(Exception):
    """The simulation has come to one of its limits; the sentence says which."""


class Metered(dict[str, AnyStep]):
    """Steps that can be looked up only so often: one decision alone could go round for ever."""

    def __init__(self, steps: Mapping[str, AnyStep], is_time_up: Callable[[], bool]) -> None:
        super().__init__(steps)
        self.is_time_up = is_time_up
        self.begin()

    def begin(self) -> None:
        """A decision begins."""
        self.left = MOST_LOOKUPS

    def __getitem__(self, key: str) -> AnyStep:
        """Raises Exhausted."""
        self.left -= 1
        if self.left < 0:
            raise Exhausted("It goes round and round without ever waiting for anything.")
        if self.left % LOOKS_AT_THE_CLOCK == 0 and self.is_time_up():
            raise Exhausted("It takes longer than a simulation may.")
        return super().__getitem__(key)


def weight(event: Event) -> int:
    """How much of what is kept aside of the journal an event brings, as JSON."""
    return sum(len(json.dumps(value, default=str)) for value in values_aside(event))
