"""How large a value is that shares its parts: `States.Array($, $)` within itself doubles each time, and costs nothing
until somebody writes it down.
"""

from typing import Any

from .flow import DATA_LIMIT, FlowError

MOST = 64 * 1024 * 1024  # bytes, about
_OVERHEAD = 4  # of each value: a bracket, a comma, quotes


def check_weight(value: Any, field: str) -> None:
    """Raises FlowError."""
    if weight(value) > MOST:
        raise FlowError(DATA_LIMIT, f"{field} gives a value of more than {MOST // 2**20} MiB.")


def weight(value: Any) -> int:
    """About how many bytes it has as JSON. What is shared counts each time; it is looked at once."""
    return _weight(value, {})


def _weight(value: Any, known: dict[int, int]) -> int:
    match value:
        case str():
            return _OVERHEAD + len(value)
        case dict() | list():
            if (found := known.get(id(value))) is None:
                found = known[id(value)] = _OVERHEAD + _inside(value, known)
            return found
    return _OVERHEAD


def _inside(value: dict[str, Any] | list[Any], known: dict[int, int]) -> int:
    if isinstance(value, list):
        return sum(_weight(inner, known) for inner in value)
    return sum(_OVERHEAD + len(name) + _weight(inner, known) for name, inner in value.items())
