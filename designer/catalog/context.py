"""What a step is told about the attempt it performs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from designer.catalog.failures import StepError, find_error
from designer.graph import ErrorSpec

type Phase = Literal["do", "undo"]


@dataclass(frozen=True, slots=True)
class Context:
    """`idempotency_key` stays the same over all attempts of one step of one run; `attempt` counts from 1."""

    idempotency_key: str
    run: str
    step: str
    attempt: int = 1
    deadline: datetime | None = None
    phase: Phase = "do"
    errors: tuple[ErrorSpec, ...] = ()

    def error(self, name: str, message: str = "") -> StepError:
        """The failure to raise; whether it may be tried again is what the contract says of `name`."""
        spec = find_error(self.errors, name)
        if spec is None:
            return StepError(name, message, retryable=False, declared=False)
        return StepError(name, message or spec.summary, retryable=spec.retryable)
