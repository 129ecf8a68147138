"""Small questions about single values. Each says at its place what is wrong, and tells whether all is well."""

from collections.abc import Iterable, Mapping
from typing import Any

from designer.graph import described
from designer.interop.asl.problem import Code, Place


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_expression(value: Any) -> bool:
    """Whether a text is meant to be JSONata. How well it is written is another question."""
    return isinstance(value, str) and (value.startswith("{%") or value.endswith("%}"))


def required(holder: Mapping[str, Any], names: Iterable[str], place: Place) -> bool:
    missing = [name for name in names if name not in holder]
    if missing:
        listed = ", ".join(f"“{name}”" for name in missing)
        verb = "is" if len(missing) == 1 else "are"
        place.say(Code.MISSING_FIELD, f"{listed} {verb} needed here and missing.")
    return not missing


def text(value: Any, place: Place, *, least: int = 0) -> bool:
    if not isinstance(value, str):
        place.say(Code.WRONG_TYPE, f"This is text, not {described(value)}.")
    elif len(value) < least:
        place.say(Code.WRONG_VALUE, "This text is empty.")
    else:
        return True
    return False


def whole_number(value: Any, bounds: tuple[int, int], place: Place) -> bool:
    least, most = bounds
    if not is_whole(value):
        place.say(Code.WRONG_TYPE, f"This is a whole number, not {described(value)}.")
    elif not least <= value <= most:
        place.say(Code.WRONG_VALUE, f"This is a whole number from {least} to {most}, not {described(value)}.")
    else:
        return True
    return False


def listing(value: Any, place: Place, what: str) -> list[Any]:
    """The entries of a list that has some; nothing where it is none."""
    if not isinstance(value, list):
        place.say(Code.WRONG_TYPE, f"This is a list of {what}, not {described(value)}.")
        return []
    if not value:
        place.say(Code.WRONG_VALUE, f"The list of {what} is empty.")
    return value


def one_of(value: Any, words: Iterable[str], place: Place) -> bool:
    if value in (known := list(words)):
        return True
    place.say(Code.WRONG_VALUE, f"This is one of {', '.join(known)}, not {described(value)}.")
    return False
