"""How much one field may ask of JSONata: steps, nesting and size are counted, so the same text always ends alike."""

from typing import Any

from .jsonata_functions import MOST_TEXT

MOST_STEPS = 300_000
MOST_WEIGHT = 10_000_000  # values handed about, copies among them
MOST_SIZE = 500_000  # values within one value
SEARCHING = 30  # what looking at a character weighs
DEEPEST = 300  # evaluations within each other


class TooMuch(Exception):
    """A bound was passed."""


class Meter:
    """What has been used so far."""

    def __init__(self) -> None:
        self.steps = 0
        self.depth = 0
        self.weight = 0
        self.refusal = ""
        self._sizes: dict[int, tuple[int, Any]] = {}

    def enters(self) -> None:
        self.steps += 1
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._refuse(f"it is nested more than {DEEPEST} deep")
        if self.steps > MOST_STEPS:
            raise self._refuse(f"it takes more than {MOST_STEPS:,} steps")

    def looks_through(self, text: str) -> None:
        """A regular expression looks at every character, and may make something of each."""
        self.weight += SEARCHING * len(text)
        if self.weight > MOST_WEIGHT:
            raise self._refuse("it searches too much text")

    def leaves(self, result: Any, *, made: bool) -> None:
        """``made``: the result is new, and what it holds counts in full."""
        self.depth -= 1
        if isinstance(result, str):
            self.weight += len(result) // 10
            if len(result) > MOST_TEXT:
                raise self._refuse(f"it makes a text of more than {MOST_TEXT:,} characters")
        elif isinstance(result, list | dict):
            self.weight += len(result)
            if len(result) > MOST_SIZE or (made and self._size(result, 0) > MOST_SIZE):
                raise self._refuse(f"it makes a value of more than {MOST_SIZE:,} values")
        if self.weight > MOST_WEIGHT:
            raise self._refuse("it moves too much data")

    def _size(self, value: Any, depth: int) -> int:
        """How many values there are in it, shared ones counted each time; found out once for each list or object."""
        if not isinstance(value, list | dict):
            return 1
        if (known := self._sizes.get(id(value))) is not None:
            return known[0]
        if depth > DEEPEST:
            raise self._refuse(f"it is nested more than {DEEPEST} deep")
        self.weight += len(value)
        if len(value) > MOST_SIZE:
            return len(value)
        inside = value.values() if isinstance(value, dict) else value
        size = 1 + sum(self._size(inner, depth + 1) for inner in inside)
        self._sizes[id(value)] = size, value
        return size

    def _refuse(self, why: str) -> TooMuch:
        self.refusal = why
        return TooMuch(why)
