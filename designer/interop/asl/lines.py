"""On which line of a JSON text the places of its problems stand."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .problem import Problem

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def located(problems: Iterable[Problem], text: str) -> tuple[Problem, ...]:
    """The problems with their lines. What is missing is where it should stand: at what lacks it.

    YAML has no lines here, nor has a text that is no JSON.
    """
    lines = dict(_lines(text)) if text.lstrip("\ufeff \t\r\n").startswith("{") else {}
    return tuple(replace(problem, line=_nearest(problem.place, lines)) for problem in problems)


def _nearest(place: str, lines: dict[str, int]) -> int | None:
    while place and place not in lines:
        place = place[: max(place.rfind("/"), place.rfind("["), 0)]
    return lines.get(place)


@dataclass(slots=True)
class _Open:
    """An object or a list whose end has not been read: the place of its next value."""

    path: str
    number: int | None  # of that value in a list; None in an object
    name: str = ""
    is_named: bool = False

    @property
    def place(self) -> str:
        return f"{self.path}/{self.name}" if self.number is None else f"{self.path}[{self.number}]"


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Each place as `Place` writes it, with the line of its name, or of its value in a list."""
    open_: list[_Open] = []
    line, seen = 1, 0
    for token in _TOKEN.finditer(text):
        line, seen = line + text.count("\n", seen, token.start()), token.start()
        top, sign = open_[-1] if open_ else None, token[0]
        if top and top.number is None and not top.is_named and sign.startswith('"'):
            top.name, top.is_named = _plain(sign), True
            yield top.place, line
            continue
        if sign not in ("}", "]", ",", ":") and top and top.number is not None:
            yield top.place, line
        _step(open_, sign)


def _step(open_: list[_Open], sign: str) -> None:
    match sign:
        case "{" | "[":
            open_.append(_Open(open_[-1].place if open_ else "", 0 if sign == "[" else None))
        case "}" | "]" if open_:
            open_.pop()
        case "," if open_:
            top = open_[-1]
            top.is_named = False
            top.number = None if top.number is None else top.number + 1


def _plain(written: str) -> str:
    try:
        return str(json.loads(written))
    except ValueError:
        return written
