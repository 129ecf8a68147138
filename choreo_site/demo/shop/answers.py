"""What the shop says back."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The shop will not do it, and says why."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"error": error, "message": message})
