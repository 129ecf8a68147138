"""How a step fails, in a plug-in's own words and in the engine's."""

from dataclasses import dataclass

from designer.graph import Contract, ErrorSpec

LONGEST_MESSAGE = 2000


class StepError(Exception):
    """A failure with a name that a workflow's `retry` and `catch` may speak of."""

    def __init__(
        self, name: str, message: str = "", *, retryable: bool = False, declared: bool = True
    ) -> None:
        super().__init__(f"{name}: {message}" if message else name)
        self.name = name
        self.message = clip(message)
        self.retryable = retryable
        self.declared = declared


class ContractViolation(Exception):
    """A value is not what the contract promises; the sentence names the path."""


class DeclarationRefused(Exception):
    """A step type cannot be registered as it is written; the sentence says what to change."""


class StepTypeNotFound(LookupError):
    """No registered step type answers to the reference."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


@dataclass(frozen=True, slots=True)
class Retryable:
    """Declares an error that may pass if the step is tried again."""

    name: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class NotRetryable:
    """Declares an error that trying again will not mend; a bare string says the same."""

    name: str
    summary: str = ""


type ErrorDeclaration = str | Retryable | NotRetryable


def error_spec(declaration: ErrorDeclaration) -> ErrorSpec:
    """Raises DeclarationRefused."""
    spec = NotRetryable(declaration) if isinstance(declaration, str) else declaration
    if not isinstance(spec, Retryable | NotRetryable) or not spec.name.isidentifier():
        raise DeclarationRefused(
            f'{declaration!r} does not declare an error; write a name such as "CardDeclined", '
            'or Retryable("GatewayBusy") when trying again may help.'
        )
    return ErrorSpec(spec.name, isinstance(spec, Retryable), spec.summary)


def step_error(contract: Contract, exception: BaseException) -> StepError:
    """What an exception out of a step means to the engine.

    A name the contract declares keeps the contract's word on retries. Any other exception may be tried again:
    most of them are a network or a database having a bad moment, and the policy bounds the rest.
    """
    if isinstance(exception, StepError):
        return exception
    if isinstance(exception, ContractViolation):
        return StepError("ContractViolation", str(exception), retryable=False)
    name = type(exception).__name__
    spec = find_error(contract.errors, name)
    return StepError(
        name,
        str(exception) or f"The step raised {name} without a message.",
        retryable=spec.retryable if spec else True,
        declared=spec is not None,
    )


def find_error(errors: tuple[ErrorSpec, ...], name: str) -> ErrorSpec | None:
    return next((spec for spec in errors if spec.name == name), None)


def clip(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…"
