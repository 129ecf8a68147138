"""The single values of a state: how long it waits, how many items at once, what a failure is called."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .filters import is_number
from .flow import RUNTIME, FlowError
from .functions import json_to_string
from .moments import find_moment

type Misfit = Callable[[Any, str], str | None]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a setting may be. `misfit` says why a value is none, naming the place the value was read from."""

    misfit: Misfit
    lenient: bool = False  # a text that is a number counts as the number


def _seconds(value: Any, source: str) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return f"cannot be parsed as a long value: {source} == {_shown(value)}"
    if value < 0:
        return f"references a negative value: {source} == {value}"
    return None


def _duration(value: Any, source: str) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        return f"should be a whole number above 0: {source} == {_shown(value)}"
    return None


def _count(value: Any, source: str) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return f"refers to value {_quoted(value)} which is not a valid integer: {source}"
    return "cannot be negative" if value < 0 else None


def _percentage(value: Any, source: str) -> str | None:
    if not is_number(value):
        return f"refers to value {_quoted(value)} which is not a valid float: {source}"
    return None if 0 <= value <= 100 else "must be between 0 and 100"


def _moment(value: Any, source: str) -> str | None:
    if find_moment(value) is None:
        wanted = "a valid ISO-8601 extended offset date-time format string"
        return f"does not reference {wanted}: {source} == {_shown(value)}"
    return None


def _name(value: Any, source: str) -> str | None:
    return None if isinstance(value, str) else f"does not reference a string: {source} == {_shown(value)}"


SETTINGS = {
    "Seconds": Setting(_seconds),
    "Timestamp": Setting(_moment),
    "TimeoutSeconds": Setting(_duration),
    "HeartbeatSeconds": Setting(_duration),
    "MaxConcurrency": Setting(_count, lenient=True),
    "ToleratedFailureCount": Setting(_count, lenient=True),
    "ToleratedFailurePercentage": Setting(_percentage, lenient=True),
    "Error": Setting(_name),
    "Cause": Setting(_name),
}


def checked(name: str, value: Any, field: str, source: str, error: str = RUNTIME) -> Any:
    """The value, if the setting may be that.

    Raises FlowError.
    """
    setting = SETTINGS.get(name)
    if setting is None:
        return value
    if setting.lenient and isinstance(value, str):
        value = _as_number(value)
    if misfit := setting.misfit(value, source):
        raise FlowError(error, f"The {field} field {misfit}.")
    return value


def _as_number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return text


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json_to_string(value)


def _quoted(value: Any) -> str:
    return f'"{_shown(value)}"'
