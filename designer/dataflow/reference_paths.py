"""ResultPath: where a result goes within the input of its state."""

from typing import Any

from .flow import FlowError
from .view import readable

_NO_PLACE = "States.ResultPathMatchFailure"


def put(value: Any, text: str | None, target: Any) -> Any:
    """``target`` with ``value`` at that path; what is missing on the way is made. ``target`` stays as it was.

    Raises FlowError.
    """
    if text is None:
        return target
    path = readable(text, "ResultPath")
    ways = path.place
    if ways is None or path.root != "$":
        raise FlowError("States.Runtime", f"ResultPath {text} should point at one place of the input.")
    return _put(value, ways, target, text)


def _put(value: Any, ways: tuple[str | int, ...], target: Any, text: str) -> Any:
    if not ways:
        return value
    way, rest = ways[0], ways[1:]
    if isinstance(way, str) and isinstance(target, dict):
        return {**target, way: _put(value, rest, target.get(way, {}), text)}
    if isinstance(way, int) and isinstance(target, list) and -len(target) <= way < len(target):
        replaced = list(target)
        replaced[way] = _put(value, rest, target[way], text)
        return replaced
    raise FlowError(
        _NO_PLACE,
        f"ResultPath {text} has no place in this input: {way!r} cannot be put into {target!r:.200}.",
    )
