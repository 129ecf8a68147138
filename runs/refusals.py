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
    """A value that fails the schema it is meant for; ``problems`` names each place."""

    def __init__(
        self,
        problems: list[tuple[str, str]],
        what: str = "input",
        said: str = "The input does not fit the workflow.",
    ):
        self.problems = problems
        told = "; ".join(f"{path or what}: {message}" for path, message in problems[:5])
        super().__init__(f"{said} {told}")


class KeyReused(Refused):
    """A second request with the idempotency key of another one."""


class OutputRefused(InputRefused):
    """An output told by a person that fails the contract."""

    def __init__(self, reference: str, problems: list[tuple[str, str]]):
        super().__init__(problems, "output", f"The output does not fit the contract of {reference}.")


class DataRefused(InputRefused):
    """Corrected data that fails what is known of it."""

    def __init__(self, problems: list[tuple[str, str]]):
        super().__init__(problems, "data", "The corrected data does not fit.")


class MocksRefused(InputRefused):
    """Mocks that cannot be what a simulation is answered by."""

    def __init__(self, problems: list[tuple[str, str]]):
        super().__init__(problems, "mocks", "The mocks are not right.")


class ClaimLost(Refused):
    """A decision by someone who does not hold the review any more."""


class NotAllowed(Refused):
    """A person who may see this, but not do that."""


class FieldRefused(Refused):
    """Something that cannot be as it is wanted; ``field`` is the place."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class TriggerRefused(FieldRefused):
    """A trigger that cannot be as it is wanted."""


class NothingPublished(Refused):
    """A trigger of a workflow that has no version to run."""


class SignatureRefused(Refused):
    """A call of a webhook whose signature none of its secrets has made."""


class CallRefused(Refused):
    """A call whose id or time makes no sense, or that comes too late."""


class SignalRefused(FieldRefused):
    """A signal that cannot be as it is wanted."""
