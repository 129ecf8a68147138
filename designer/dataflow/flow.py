"""What a state of the Amazon States Language says about its data, and what is seen while that is worked out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"


class Language(StrEnum):
    """The two query languages."""

    JSONPATH = "JSONPath"
    JSONATA = "JSONata"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFlow:
    """How data goes through one step: the fields by ASL's names, word for word as they were written."""

    language: Language = Language.JSONPATH
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a flow may look at. Nothing else in the world changes what it answers."""

    input: Any
    now: datetime
    variables: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    seed: str = ""  # chance is a hash of it: asked again, a flow answers the same

    def at_item(self, index: int, item: Any) -> "Seen":
        """The same, as one item of a map sees it."""
        return replace(self, context={**self.context, "Map": {"Item": {"Index": index, "Value": item}}})


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOn:
    """What the next step reads, and the variables that got a value."""

    output: Any
    assigned: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What is wrong with a flow as it is written, and where: `Parameters.total.$`."""

    path: str
    message: str


class FlowError(Exception):
    """The flow cannot be worked out with what was seen. The one thing this room raises."""

    def __init__(self, error: str, cause: str, *, final: bool = False) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error  # by ASL's names: States.Runtime, States.QueryEvaluationError, ...
        self.cause = cause
        self.final = final  # no catch and no retry may take it
