"""The intrinsic functions of JSONPath states, as they are written: `States.Format('{} of {}', $.done, $.all)`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .flow import RUNTIME, FlowError
from .functions import FUNCTIONS
from .paths import Path, scan_path
from .scanning import Scanner, Unreadable
from .view import View
from .weighing import check_weight

LONGEST = 10_000  # characters
DEEPEST = 10  # calls within calls, as AWS has it
_NAME = re.compile(r"States\.[A-Za-z0-9]+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_PLACE = re.compile(r"\\.|\{\}", re.DOTALL)
_HIDDEN = re.compile(r"\\(['{}\\])")
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it is written."""

    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """A function and what it is given."""

    name: str
    arguments: tuple["Literal | Path | Call", ...]

    def paths(self) -> Iterator[Path]:
        for argument in self.arguments:
            if isinstance(argument, Path):
                yield argument
            elif isinstance(argument, Call):
                yield from argument.paths()


def is_call(text: str) -> bool:
    return text.startswith("States.")


def evaluate(call: Call, view: View, field: str) -> Any:
    """What the function gives.

    Raises FlowError.
    """
    arguments = [_argument(argument, view, field) for argument in call.arguments]
    return FUNCTIONS[call.name](arguments, view.seen.seed + field)


def _argument(argument: Literal | Path | Call, view: View, field: str) -> Any:
    match argument:
        case Literal(value):
            return value
        case Path():
            return view.read(argument, field)
        case Call():
            made = evaluate(argument, view, field)
            check_weight(made, field)
            return made


def readable_call(text: str, field: str) -> Call:
    """The call that this text is.

    Raises FlowError.
    """
    try:
        return read_call(text)
    except Unreadable as error:
        raise FlowError(RUNTIME, f"{field}: {text} is not a call: {error.message}.") from None


@lru_cache(maxsize=4_096)
def read_call(text: str) -> Call:
    """Read a call, once.

    Raises Unreadable.
    """
    scanner = Scanner(text, LONGEST)
    call = _scan_call(scanner, 1)
    scanner.skips_spaces()
    if not scanner.done:
        raise scanner.lost("nothing more should stand here")
    return call


def _scan_call(scanner: Scanner, depth: int) -> Call:
    if depth > DEEPEST:
        raise scanner.lost(f"calls are nested {DEEPEST} deep at most")
    name = scanner.matches(_NAME)
    if name not in FUNCTIONS:
        raise scanner.lost(f"there is no function {name}" if name else "a function should stand here")
    scanner.skips_spaces()
    scanner.expects("(")
    arguments: list[Literal | Path | Call] = []
    scanner.skips_spaces()
    while not scanner.takes(")"):
        if arguments:
            scanner.expects(",")
            scanner.skips_spaces()
        arguments.append(_scan_argument(scanner, depth, template=name == "States.Format" and not arguments))
        scanner.skips_spaces()
    return Call(name, tuple(arguments))


def _scan_argument(scanner: Scanner, depth: int, *, template: bool) -> Literal | Path | Call:
    if scanner.sees("$"):
        return scan_path(scanner)
    if scanner.sees("States."):
        return _scan_call(scanner, depth + 1)
    if scanner.takes("'"):
        text = _scan_text(scanner)
        return Literal(tuple(map(_plain, _pieces(text))) if template else _plain(text))
    if number := scanner.matches(_NUMBER):
        return Literal(float(number) if set(number) & set(".eE") else int(number))
    for word, value in _WORDS.items():
        if scanner.takes(word):
            return Literal(value)
    raise scanner.lost("a path, a text in single quotes, a number or a call should stand here")


def _scan_text(scanner: Scanner) -> str:
    """The rest of a text in single quotes, with its backslashes."""
    start = scanner.at
    while not scanner.sees("'"):
        if scanner.done:
            raise Unreadable("a quote is never closed", start)
        scanner.at += 2 if scanner.sees("\\") else 1
    text = scanner.text[start : scanner.at]
    scanner.expects("'")
    return text


def _pieces(text: str) -> list[str]:
    """What stands around each {} that no backslash hides."""
    pieces, start = [], 0
    for found in _PLACE.finditer(text):
        if found.group() == "{}":
            pieces.append(text[start : found.start()])
            start = found.end()
    return [*pieces, text[start:]]


def _plain(text: str) -> str:
    """Without the backslashes that hid a quote, a brace or a backslash."""
    return _HIDDEN.sub(r"\1", text)
