"""What `runs` refuses to do. The message is the sentence that people see."""

from collections.abc import Callable
from typing import Any


class Refused(Exception):
    """A request that cannot be met now, and why."""


def refusal_of(check: Callable[..., None], *args: Any) -> str:
    """Why ``check`` refuses, as the title of a disabled button; empty when it does not."""
    try:
        check(*args)
    except Refused as refusal:
        return str(refusal)
    return ""


class InputRefused(Refused):
    """An input that fails the workflow's schema; ``problems`` names each place."""

    def __init__(self, problems: list[tuple[str, str]]):
        self.problems = problems
        said = "; ".join(f"{path or 'input'}: {message}" for path, message in problems[:5])
        super().__init__(f"The input does not fit the workflow. {said}")


class KeyReused(Refused):
    """A second request with the idempotency key of another one."""


class ClaimLost(Refused):
    """A decision by someone who does not hold the review any more."""


class NotAllowed(Refused):
    """A person who may see this, but not do that."""
