"""JSON as the standard means it, of any shape: what Python's reader lets pass is refused with a sentence.

The same law as for documents (designer/graph/text): no number that does not fit, no name given twice, no half
characters, no nesting deeper than anybody means.
"""

import json
from typing import Any

DEEPEST = 50  # objects and lists within each other
LONGEST_INTEGER = 20  # digits and a sign: beyond it no number fits 64 bits, and Python refuses to read some


class Unreadable(ValueError):
    """A body that cannot be read: the sentence, and the JSON pointer of the place where it is known."""

    def __init__(self, sentence: str, pointer: str = "") -> None:
        super().__init__(sentence)
        self.pointer = pointer


def read_json(data: bytes) -> Any:
    """Raises Unreadable."""
    text = as_text(data)
    try:
        value = json.loads(
            text, parse_constant=_constant, parse_int=_whole, parse_float=_finite, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        said = error.msg.removesuffix(" at").removesuffix(" starting")
        raise Unreadable(f"This is not JSON: {said}, at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise Unreadable(f"The JSON is nested deeper than {DEEPEST} levels.") from None
    _walk(value)
    return value


def as_text(data: bytes) -> str:
    """Raises Unreadable."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"The body is not text in UTF-8: byte {error.start} does not belong there."
        ) from None


def pointer(*parts: str | int) -> str:
    """A JSON pointer, as a fragment."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _constant(word: str) -> Any:
    raise Unreadable(f"JSON has no {word}. Leave the value out or write it as text.")


def fits(number: int) -> bool:
    """Whether a whole number can be kept: in 64 bits, as every database has them."""
    return -(2**63) <= number < 2**63


def _whole(text: str) -> int:
    number = int(text) if len(text) <= LONGEST_INTEGER else 2**64
    if not fits(number):
        raise Unreadable(f"The whole number {text[:20]}… does not fit into 64 bits. Write it as text.")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if abs(number) == float("inf"):
        raise Unreadable(f"The number {text[:20]} is too large. Write it as text.")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unreadable(f"The name “{_printed(twice)}” is given twice in one object.")
    return held


def _walk(value: Any) -> None:
    """Refuse what no database stores, and what is nested too deeply. Does not recurse."""
    rest: list[tuple[Any, tuple[str | int, ...]]] = [(value, ())]
    while rest:
        held, path = rest.pop()
        if isinstance(held, str):
            _check_text(held, path)
        if not isinstance(held, dict | list):
            continue
        if len(path) >= DEEPEST:
            raise Unreadable(f"The JSON is nested deeper than {DEEPEST} levels.", pointer(*path[:5]))
        for name in held if isinstance(held, dict) else ():
            _check_text(name, path)
        inner = held.items() if isinstance(held, dict) else enumerate(held)
        rest.extend((each, (*path, name)) for name, each in inner if isinstance(each, str | dict | list))


def _check_text(text: str, path: tuple[str | int, ...]) -> None:
    if "\0" in text:
        raise Unreadable(
            "A text holds a NUL character, which cannot be stored. Take it out.", _safe(pointer(*path))
        )
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        said = "A text holds half of a surrogate pair, which is no character. Take it out."
        raise Unreadable(said, _safe(pointer(*path)))


def _printed(text: str) -> str:
    return _safe(text[:60])


def _safe(text: str) -> str:
    """What can be sent back: the place of a flaw may hold the flaw."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")
