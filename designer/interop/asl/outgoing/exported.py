"""A graph as a machine, and what of it the language cannot say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that the machine does not do as the workflow does; ``step`` is empty where it is about the whole."""

    step: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A machine that AWS takes, and the losses in the order of the steps."""

    document: Mapping[str, Any]
    losses: tuple[Loss, ...] = ()
