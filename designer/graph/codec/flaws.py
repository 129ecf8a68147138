"""What is wrong with a document, and where."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches

from designer.graph.limits import LARGEST_INTEGER, MOST_DEPTH


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing to put right: a sentence and its place, by path and, for texts, by line and column."""

    path: str
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        if self.line is not None:
            return f"Line {self.line}, column {self.column}: {self.message}"
        return f"{self.path}: {self.message}" if self.path else self.message


class DocumentError(ValueError):
    """The document does not have the shape of a definition; each problem says what would be right."""

    def __init__(self, problems: tuple[Flaw, ...]) -> None:
        super().__init__(" ".join(str(flaw) for flaw in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a document we are reading, and the flaws found so far (shared by all places of a document)."""

    path: str = ""
    flaws: list[Flaw] = field(default_factory=list)

    def at(self, name: str | int) -> "Place":
        if isinstance(name, int):
            return Place(f"{self.path}[{name}]", self.flaws)
        return Place(f"{self.path}.{name}" if self.path else name, self.flaws)

    def flaw(self, message: str) -> None:
        self.flaws.append(Flaw(self.path, message))


@contextmanager
def reading(path: str = "") -> Iterator[Place]:
    """Collect every flaw of a document and raise them together. Raises DocumentError."""
    place = Place(path)
    yield place
    if place.flaws:
        raise DocumentError(tuple(place.flaws))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """“ Did you mean x?” where a known word is close, else nothing."""
    close = get_close_matches(word, list(known), n=1)
    return f" Did you mean “{close[0]}”?" if close else ""


def described(value: object) -> str:
    """``value`` as people call it, short."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value) if abs(value) <= LARGEST_INTEGER else "a very large number"
        case str():
            return f"“{value}”" if len(value) <= 40 else f"“{value[:37]}…”"
        case dict():
            return "an object"
        case list():
            return "a list"
    return f"a {type(value).__name__}"


def plain(value: object, place: Place) -> bool:
    """Whether ``value`` is JSON that every store takes; each way in which it is not becomes a flaw.

    Walks with a list of its own: what arrives may be nested deeper than Python recurses.
    """
    before = len(place.flaws)
    rest: list[tuple[object, Place, int]] = [(value, place, 0)]
    while rest:
        item, here, depth = rest.pop()
        if depth == MOST_DEPTH and isinstance(item, dict | list | tuple):
            here.flaw(f"This is nested deeper than {MOST_DEPTH} levels.")
            break
        match item:
            case dict():
                for name, inner in item.items():
                    if not isinstance(name, str):
                        here.flaw(f"The name {described(name)} must be text.")
                    elif _sound_name(name, here):
                        rest.append((inner, here.at(name), depth + 1))
            case list() | tuple():
                rest.extend((inner, here.at(index), depth + 1) for index, inner in enumerate(item))
            case _:
                _check_scalar(item, here)
    return len(place.flaws) == before


def text_flaw(text: str) -> str | None:
    """Why a text cannot be stored; None where it can."""
    if "\0" in text:
        return "The text holds a NUL character, which cannot be stored. Take it out."
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return "The text holds half of a surrogate pair, which is no character. Take it out."
    return None


def number_flaw(number: int | float) -> str | None:
    """Why a number cannot be stored; None where it can."""
    if isinstance(number, int):
        if abs(number) > LARGEST_INTEGER:
            return "The whole number does not fit into 64 bits. Write it as text."
    elif not abs(number) < float("inf"):
        return "The number is infinite or not a number, which JSON does not have."
    return None


def _sound_name(name: str, place: Place) -> bool:
    message = text_flaw(name)
    if message:
        place.flaw(message)
    return not message


def _check_scalar(value: object, place: Place) -> None:
    message: str | None = None
    if isinstance(value, str):
        message = text_flaw(value)
    elif isinstance(value, int | float):
        message = number_flaw(value)
    elif value is not None:
        message = f"{type(value).__name__} is nothing JSON can hold. Write it as text."
    if message:
        place.flaw(message)
