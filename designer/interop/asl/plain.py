"""Documents as they arrive: text or value, JSON or YAML, and never more than what can be kept."""

from typing import Any

from designer.graph import DocumentError, described, read_value

from .problem import BadAsl, Code, Place, Problem

MOST_DEPTH = 50  # objects and lists within each other
MOST_VALUES = 20_000
LARGEST_INTEGER = 2**63 - 1


def read_machine(document: Any) -> dict[str, Any]:
    """The object that a text (JSON or YAML) or a value is. Raises BadAsl."""
    value = read_text(document) if isinstance(document, str) else document
    if not isinstance(value, dict):
        message = f"A state machine is an object with “StartAt” and “States”, not {described(value)}."
        raise BadAsl((Problem(Code.NOT_A_MACHINE, "", message),))
    place = Place()
    check_values(value, place)
    if place.found:
        raise BadAsl(tuple(place.found))
    return value


def read_text(text: str) -> Any:
    try:
        return read_value(text)
    except DocumentError as error:
        problems = tuple(Problem(Code.NOT_A_MACHINE, "", str(flaw)) for flaw in error.problems)
        raise BadAsl(problems) from None


def check_values(document: object, place: Place) -> None:
    """Note what is no JSON that every store takes.

    Walks with a list of its own: what arrives may be nested deeper than Python recurses.
    """
    waiting: list[tuple[object, Place, int]] = [(document, place, 0)]
    for count, (value, here, depth) in enumerate(waiting):
        if count >= MOST_VALUES:
            place.say(Code.TOO_LARGE, f"There are more than {MOST_VALUES} values in this document.")
            return
        if depth > MOST_DEPTH:
            here.say(Code.TOO_LARGE, f"This is nested deeper than {MOST_DEPTH} levels.")
            return
        match value:
            case dict():
                for name, inner in value.items():
                    _check_name(name, here)
                    waiting.append((inner, here.at(str(name)[:100]), depth + 1))
            case list():
                waiting += [(inner, here.at(index), depth + 1) for index, inner in enumerate(value)]
            case _:
                _check_scalar(value, here)


def _check_name(name: object, place: Place) -> None:
    if not isinstance(name, str):
        place.say(Code.WRONG_TYPE, f"The name {described(name)} must be text.")
    elif message := _text_flaw(name):
        place.say(Code.WRONG_VALUE, f"The name {described(_visible(name))} {message}")


def _check_scalar(value: object, place: Place) -> None:
    match value:
        case str():
            if message := _text_flaw(value):
                place.say(Code.WRONG_VALUE, f"The text {message}")
        case bool() | None:
            pass
        case int():
            if abs(value) > LARGEST_INTEGER:
                place.say(Code.WRONG_VALUE, "The whole number does not fit into 64 bits. Write it as text.")
        case float():
            if not abs(value) < float("inf"):
                place.say(Code.WRONG_VALUE, "The number is infinite or none, which JSON does not have.")
        case _:
            place.say(Code.WRONG_TYPE, f"{described(value)} is nothing JSON can hold.")


def _text_flaw(text: str) -> str:
    if "\0" in text:
        return "holds a NUL character, which cannot be stored. Take it out."
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        return "holds half of a surrogate pair, which is no character. Take it out."
    return ""


def _visible(text: str) -> str:
    return "".join(sign if sign.isprintable() else "␤" for sign in text)
