"""What `runs` refuses to do. The message is the sentence that people see."""


class Refused(Exception):
    """A request that cannot be met now, and why."""


class InputRefused(Refused):
    """An input that fails the workflow's schema; ``problems`` names each place."""

    def __init__(self, problems: list[tuple[str, str]]):
        self.problems = problems
        said = "; ".join(f"{path or 'input'}: {message}" for path, message in problems[:5])
        super().__init__(f"The input does not fit the workflow. {said}")


class ClaimLost(Refused):
    """A decision by someone who does not hold the review any more."""


class NotAllowed(Refused):
    """A person who may see this, but not do that."""
